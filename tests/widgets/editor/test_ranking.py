"""What a person types finds the layer they mean, first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.layers.catalogue import standard
from widgets.editor.ranking import fuzzy, rank


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
    ],
)
def test_the_best_match_comes_first(query: str, kind: str) -> None:
    assert rank(query, standard())[0].kind == kind


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
