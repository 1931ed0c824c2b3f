"""What there is to build with, in the terminal and in Python."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import main as door
from graphs.architectures import ARCHITECTURES
from graphs.layers import KINDS
from studio import api, listing
from studio.project import open_project

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls a verb; gives the exit code and what it wrote."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = door.main(list(arguments))
        return (code, *capsys.readouterr())

    return call


def test_every_architecture_is_listed_with_what_is_published(call: Call) -> None:
    code, out, _ = call("architectures")
    assert code == 0
    for kind in ARCHITECTURES:
        for variant, published in kind.published.items():
            line = next(line for line in out.splitlines() if line.startswith(f"{variant} "))
            assert f"{published.count:,}" in line and str(kind.paper.year) in line


def test_json_measures_multiply_adds_and_names_the_source(call: Call) -> None:
    code, out, _ = call("architectures", "resnet18", "--json")
    (one,) = json.loads(out)
    assert code == 0 and (one["name"], one["parameters"]) == ("resnet18", 11_689_512)
    assert one["multiply_adds"] == 1_814_073_344
    assert (
        "torchvision" in one["source"] and one["paper"]["year"] == 2015 and one["fields"]["classes"]["default"] == 1000
    )


def test_a_name_stands_for_the_usual_variant_and_the_source_is_told(call: Call) -> None:
    code, out, _ = call("architectures", "autoencoder")
    assert code == 0 and "219,546" in out and "784-128-64-10" in out and "10.1126/science.1127647" in out


def test_a_name_that_there_is_not_is_one_sentence(call: Call) -> None:
    code, _, err = call("architectures", "resnet51")
    assert code == 1 and err.count("\n") == 1 and "resnet" in err


def test_every_kind_of_layer_is_listed(call: Call) -> None:
    code, out, _ = call("layers")
    assert code == 0 and all(f"{kind.kind()} " in out for kind in KINDS)
    listed = {one["name"]: one for one in json.loads(call("layers", "--json")[1])}
    assert set(listed) == {kind.kind() for kind in KINDS}
    conv = listed["Conv2d"]
    assert conv["torch"] == "nn.Conv2d" and conv["fields"]["out_channels"]["default"] == 16
    assert (conv["inputs"], conv["outputs"]) == (["in"], ["out"])


def test_python_gets_the_network_with_its_fields() -> None:
    network = api.architecture("resnet50", classes=10)
    assert network.nodes["fc"].fields["out_features"] == 10
    assert network.settings["about"]["title"] == "ResNet-50"


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("resnet50", {"clases": 10}, "did you mean “classes”"),
        ("resnet50", {"classes": 0}, "Classes of ResNet cannot be 0"),
        ("autoencoder_conv", {"size": 30}, "Side of Autoencoder cannot be 30"),
        ("alexnett", {}, "alexnet"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name: str, fields: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        api.architecture(name, **fields)
    assert "\n" not in str(refused.value)


def test_an_architecture_can_be_opened_by_its_name() -> None:
    project = open_project("autoencoder_dense")
    assert project.name == "Autoencoder" and project.path is None
    assert project.network == listing.architecture("autoencoder_dense", {})


def test_a_project_made_from_an_architecture_has_its_title() -> None:
    from studio.exporting import class_name
    from studio.listing import as_project

    made = as_project("unet_valid")
    assert made.name == "U-Net" and class_name(made.name) == "UNet"
    assert [as_project(name).name for name in ("resnet18", "vgg16", "vit_b_16")] == ["ResNet-18", "VGG-16", "ViT-B-16"]
