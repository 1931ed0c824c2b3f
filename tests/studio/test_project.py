"""Projects: opened, changed, saved, and refused with one sentence."""

import json

import pytest

from graphs.edits import AddNodes
from graphs.network import Node
from studio import examples
from studio.data.spec import make
from studio.project import ProjectFault, locate, new_project, open_project, parse_recipe
from studio.recipe import Recipe


def test_a_new_project_is_empty_and_has_nothing_to_save():
    project = new_project()
    assert not project.network.nodes
    assert project.data == make("digits", size=28)
    assert project.recipe == Recipe()
    assert project.name == "untitled"
    assert not project.modified
    with pytest.raises(ProjectFault, match="choose where to save"):
        project.save()


def test_data_and_recipe_are_covered_by_undo():
    project = new_project()
    project.set_data(make("iris"))
    project.set_recipe(Recipe(epochs=7))
    assert (project.data, project.recipe.epochs) == (make("iris"), 7)
    project.document.undo()
    project.document.undo()
    assert project.data == make("digits", size=28)
    assert project.recipe == Recipe()
    assert not project.modified


def test_a_project_is_saved_and_opened(tmp_path):
    project = new_project()
    project.document.apply(AddNodes((Node("conv1", "Conv2d"),)))
    assert project.modified
    path = project.save(tmp_path / "mine")
    assert path == tmp_path / "mine.netloom"
    assert not project.modified
    assert project.runs == tmp_path / "mine.runs"
    again = open_project(tmp_path / "mine")
    assert again.network == project.network
    assert (again.name, again.path) == ("mine", path)


def test_a_data_file_in_the_folder_moves_with_the_project(tmp_path):
    table = tmp_path / "data" / "a.csv"
    table.parent.mkdir()
    table.write_text("x,y\n1,a\n2,b\n")
    project = new_project()
    project.set_data(make("csv", path=str(table)))
    project.save(tmp_path / "mine.netloom")
    assert json.loads(project.path.read_text())["settings"]["data"]["path"] == "data/a.csv"
    assert project.data.path == str(table)
    (tmp_path / "moved").mkdir()
    project.save(tmp_path / "moved" / "mine.netloom")
    assert project.data.path == str(table)
    assert not project.modified
    assert open_project(project.path).data.load().classes == ("a", "b")


def test_examples_are_opened_by_name_and_never_overwritten():
    project = open_project("xor")
    assert (project.name, project.path) == ("xor", None)
    assert project.runs.name == "xor.runs"
    assert examples.FOLDER not in project.runs.parents


def test_files_are_found_with_and_without_ending(tmp_path, monkeypatch):
    new_project().save(tmp_path / "mine.netloom")
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "mine.netloom", str(tmp_path / "mine"), tmp_path / "mine.netloom"):
        assert locate(name) == tmp_path / "mine.netloom"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("lenet-digit", "did you mean “lenet-digits”?"),
        ("LENET-DIGITS", "did you mean “lenet-digits”?"),
        ("mein.netloom", "did you mean “mine.netloom”?"),
        ("xor.netloom", "did you mean “xor”?"),
        ("qqqqqq", "the examples are lenet-digits"),
        ("qqqqqq", "“architectures” lists"),
        ("unet", "did you mean the architecture “unet_valid”?"),
        ("U-Net", "“unet_valid”"),
        ("resnet51", "did you mean “resnet5"),
        ("", "No project is named"),
        (".", "is a folder"),
        ("a\0b", "There is no project"),
        ("x" * 5000, "There is no project"),
    ],
)
def test_a_wrong_name_gets_a_hint(tmp_path, monkeypatch, name, part):
    new_project().save(tmp_path / "mine.netloom")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectFault) as caught:
        open_project(name)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"data": {"source": "digit"}}, "did you mean “digits”?"),
        ({"data": 3}, "data section"),
        ({"recipe": {"epochs": 0}}, "Epochs of the recipe cannot be “0”"),
        ({"recipe": {"colour": 1}}, "no option “colour”"),
        ({"recipe": []}, "recipe section"),
    ],
)
def test_unsound_sections_are_said_on_opening(tmp_path, settings, part):
    path = tmp_path / "bad.netloom"
    path.write_text(json.dumps({"format": "netloom", "version": 1, "nodes": {}, "settings": settings}))
    with pytest.raises(ProjectFault) as caught:
        open_project(path)
    assert part in str(caught.value)
    assert "bad.netloom" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b'{"format": "netloom", "version": 99, "nodes": {}}'])
def test_files_that_are_no_projects(tmp_path, content):
    path = tmp_path / "bad.netloom"
    path.write_bytes(content)
    with pytest.raises(ProjectFault, match=r"bad.netloom"):
        open_project(path)


def test_saving_where_it_cannot_be_saved_is_said(tmp_path):
    project = new_project()
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ProjectFault):
        project.save(tmp_path / "taken" / "mine.netloom")
    assert project.path is None


def test_a_recipe_may_be_missing():
    assert parse_recipe(None) == Recipe()
