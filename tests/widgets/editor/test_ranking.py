"""What a person types finds the layer they mean, first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.document import Document
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Block, Network
from studio.project import Project
from widgets.editor.ranking import fuzzy, rank
from widgets.editor.verbs.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The ready-made blocks."""
    found = Shelf(tmp_path)
    found.renew()
    return found


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("conv2d", "Conv2d"),
        ("conv", "Conv2d"),
        ("c2d", "Conv2d"),
        ("relu", "ReLU"),
        ("linear", "Linear"),
        ("dense", "Linear"),
        ("fully connected", "Linear"),
        ("max pool", "MaxPool2d"),
        ("lstm", "LSTM"),
        ("picture", "ImageInput"),
        ("batch norm", "BatchNorm2d"),
        ("BATCHNORM", "BatchNorm2d"),
        ("output", "Output"),
        ("flatten", "Flatten"),
        ("drop", "Dropout"),
        ("soft", "Softmax"),
        ("fc", "Linear"),
        ("bn", "BatchNorm2d"),
        ("skip", "Add"),
        ("lrelu", "LeakyReLU"),
        ("maxpool", "MaxPool2d"),
        ("gap", "GlobalAvgPool"),
        ("convolution", "Conv2d"),
        ("deconv", "ConvTranspose2d"),
        ("cat", "Concat"),
        ("plus", "Add"),
        ("tokens", "TokensInput"),
        ("normalize", "BatchNorm2d"),
        ("overfit", "Dropout"),
        ("residual", "ready:residual-block.netloom-block"),
        ("dense layer", "ready:dense-layer.netloom-block"),
        ("mlp", "ready:mlp-block.netloom-block"),
        ("excitation", "SqueezeExcitation"),
    ],
)
def test_the_best_match_comes_first(query: str, kind: str, shelf: Shelf) -> None:
    """Among layers and the ready-made blocks."""
    assert rank(query, standard(), shelf=shelf.kinds)[0].kind == kind


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("covn", "Conv2d"),
        ("linera", "Linear"),
        ("drouput", "Dropout"),
        ("flaten", "Flatten"),
        ("bachnorm", "BatchNorm2d"),
        ("maxpol", "MaxPool2d"),
        ("embeding", "Embedding"),
        ("sotfmax", "Softmax"),
        ("convv", "Conv2d"),
    ],
)
def test_slips_of_the_fingers_are_forgiven(query: str, kind: str, shelf: Shelf) -> None:
    assert rank(query, standard(), shelf=shelf.kinds)[0].kind == kind


def test_words_of_the_help_are_found() -> None:
    """A long word of each kind's help brings it up, wherever it stands in the list."""
    for kind in standard().kinds.values():
        words = [word for word in re.findall(r"[a-z]+", kind.help.casefold()) if len(word) > 5]
        assert all(kind.kind() in [e.kind for e in rank(word, standard(), inside=True)] for word in words), kind.title


def test_blocks_of_the_project_are_found_by_their_names() -> None:
    known = Project(Document(Network(blocks={"stem": Block("stem", "Stem of the net", Network())}))).catalogue
    assert next(entry.kind for entry in rank("stem", known)) == "block-stem"


def test_an_empty_query_lists_everything_in_order() -> None:
    entries = rank("  ", standard(), inside=True)
    assert [e.kind for e in entries] == [k.kind() for group in standard().families().values() for k in group]


def test_families_and_help_are_searched_after_names() -> None:
    kinds = [entry.kind for entry in rank("pooling", standard())]
    assert {"MaxPool2d", "AvgPool2d"} <= set(kinds)
    assert rank("zzzz", standard()) == []


def test_only_what_fits_is_listed() -> None:
    entries = rank("", standard(), fits=lambda kind: kind.family == "activation")
    assert entries and {entry.family for entry in entries} == {"activation"}


def test_the_letters_that_matched_are_named() -> None:
    entry = rank("con", standard())[0]
    assert "".join(entry.title[i] for i in entry.hits).casefold() == "con"


@given(st.text(max_size=12), st.text(max_size=20))
def test_scores_stay_in_bounds_and_hits_spell_the_word(word: str, text: str) -> None:
    score, hits = fuzzy(word.casefold(), text)
    assert 0 <= score <= 1
    assert all(0 <= i < len(text) for i in hits)
    if word and word.casefold() == text.casefold():
        assert score == 1.0


@pytest.mark.parametrize(("query", "kind"), [("dense", "Linear"), ("skip", "Add")])
def test_a_layer_comes_before_blocks_of_a_like_name(query: str, kind: str, shelf: Shelf) -> None:
    found = [entry.kind for entry in rank(query, standard(), shelf=shelf.kinds)]
    assert found[0] == kind and any(name.startswith("ready:") for name in found)


@pytest.mark.parametrize("query", ["norm", "pool", "attention"])
def test_a_name_comes_before_what_is_only_used_for_it(query: str) -> None:
    assert query in rank(query, standard())[0].title.casefold()


def test_two_blocks_of_one_title_are_told_apart() -> None:
    catalogue = Catalogue(standard().kinds.values())
    blocks = {id: Block(id, "Stage", Network()) for id in ("stage1", "stage2")}
    catalogue.know(Network(blocks=blocks))
    titles = [entry.title for entry in rank("stage", catalogue) if entry.section == "project"]
    assert sorted(titles) == ["Stage", "Stage (2)"]
