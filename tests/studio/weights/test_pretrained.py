"""Published weights: fetched from a server here, kept, checked by hash, put into a project, trained on, and told."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from graphs.architectures import weights as table
from graphs.architectures.weights import Weights
from graphs.building.build import build
from graphs.document import Document
from graphs.edits import Rename, SetSetting
from graphs.files.faults import FileFault
from graphs.layers.catalogue import standard
from graphs.network import Network
from studio import api, exporting
from studio.project import Project, ProjectFault, open_project
from studio.weights import pretrained, starting
from studio.weights.starting import Start, landed, relocated
from tests.studio.weights.test_learnt import ready

NAME = "squeezenet1_1"


class Server:
    """Files over HTTP, as download.pytorch.org gives them; counts what is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, []
        asked = self.asked

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                asked.append(self.path)

        handler = functools.partial(Handler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


def saved(state: dict[str, Tensor]) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def state() -> dict[str, Tensor]:
    made = api.architecture(NAME)
    built = build(made, api._knowing(made), seed=7)
    return {name: tensor.clone() for name, tensor in built.module.state_dict().items()}


@pytest.fixture
def server(tmp_path: Path, state: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with weights of SqueezeNet, which the table names, and an empty folder of torch.hub."""
    data = saved(state)
    file = f"squeezenet-{hashlib.sha256(data).hexdigest()[:8]}.pth"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / file).write_bytes(data)
    made = Server(tmp_path / "site")
    monkeypatch.setattr(table, "SITE", made.site)
    monkeypatch.setitem(table.WEIGHTS, NAME, (Weights(file, "IMAGENET1K_V1", 58.2, len(data) / 2**20),))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    yield made
    made.server.shutdown()
    made.server.server_close()


def gone(server: Server) -> None:
    server.server.shutdown()
    server.server.server_close()


def test_they_are_fetched_once_and_kept_where_torch_hub_keeps_them(server: Server, state: dict[str, Tensor]) -> None:
    told: list[tuple[float, str]] = []
    _, weights = pretrained.chosen(NAME)
    found = pretrained.state_of(weights, lambda share, words: told.append((share, words)))
    assert found.keys() == state.keys() and all(torch.equal(found[name], state[name]) for name in state)
    assert [share for share, _ in told] == sorted(share for share, _ in told) and told[0][1].startswith("Fetching")
    assert (Path(torch.hub.get_dir()) / "checkpoints" / weights.file).is_file()
    pretrained.state_of(weights)
    assert len(server.asked) == 1 and not list(pretrained.folder().glob("*.part"))


def test_a_file_with_another_hash_is_thrown_away(server: Server) -> None:
    _, weights = pretrained.chosen(NAME)
    path = server.folder / weights.file
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(FileFault, match="its SHA-256 is another"):
        pretrained.state_of(weights)
    assert not list(pretrained.folder().iterdir())


def test_a_damaged_file_in_the_folder_is_not_used_but_fetched_anew(server: Server) -> None:
    _, weights = pretrained.chosen(NAME)
    pretrained.folder().mkdir(parents=True)
    (pretrained.folder() / weights.file).write_bytes(b"damaged")
    assert pretrained.kept(weights) is None
    assert pretrained.fetched(weights).stat().st_size > 1_000_000 and pretrained.kept(weights) is not None


def test_more_than_was_announced_is_refused(server: Server) -> None:
    _, weights = pretrained.chosen(NAME)
    (server.folder / weights.file).write_bytes(bytes(int((weights.mebibytes + 2) * 2**20 * 1.5)))
    with pytest.raises(FileFault, match="not what was published"):
        pretrained.fetched(weights)


def test_without_a_network_one_sentence_says_what_to_put_where(server: Server) -> None:
    gone(server)
    _, weights = pretrained.chosen(NAME)
    with pytest.raises(FileFault) as caught:
        pretrained.state_of(weights)
    said = str(caught.value)
    assert weights.url in said and str(pretrained.folder()) in said and "could not be fetched" in said
    assert said.count("\n") == 0


def test_what_was_put_there_by_hand_is_used_without_a_network(server: Server) -> None:
    gone(server)
    _, weights = pretrained.chosen(NAME)
    pretrained.folder().mkdir(parents=True)
    (pretrained.folder() / weights.file).write_bytes((server.folder / weights.file).read_bytes())
    assert pretrained.state_of(weights)


def test_progress_may_cancel_and_leaves_nothing_behind(server: Server) -> None:
    class Cancelled(Exception):
        pass

    def cancel(_share: float, _words: str) -> None:
        raise Cancelled

    _, weights = pretrained.chosen(NAME)
    with pytest.raises(Cancelled):
        pretrained.fetched(weights, cancel)
    assert not list(pretrained.folder().iterdir())


def test_a_network_begins_with_them(server: Server, state: dict[str, Tensor]) -> None:
    network = api.architecture(NAME, weights="pretrained")
    assert network.settings["start"] == {"published": NAME, "weights": "IMAGENET1K_V1"}
    built, begun = starting.build_begun(network, api._knowing(network), 0, fetch=True)
    assert begun is not None and begun.landing.whole
    assert all(torch.equal(tensor, state[name]) for name, tensor in built.module.state_dict().items())
    told = {name: json.loads(text) for name, text in begun.told.items()}
    assert told["netloom.classes"][:2] == ["tench", "goldfish"]
    assert told["netloom.normalisation"] == {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "axis": -3}
    assert told["netloom.preprocessing"]["crop"] == 224


def test_another_number_of_classes_leaves_the_head_fresh(server: Server, state: dict[str, Tensor]) -> None:
    network = api.architecture(NAME, weights="IMAGENET1K_V1", classes=10)
    built, begun = starting.build_begun(network, api._knowing(network), 0, fetch=True)
    assert begun is not None and [each.name for each in begun.landing.heads] == ["classifier.1.weight"]
    assert "netloom.classes" not in begun.told and len(begun.landing.placed) == len(state) - 2
    assert torch.equal(built.module.state_dict()["features.0.weight"], state["features.0.weight"])


def test_a_layer_that_was_given_a_title_still_gets_its_weights(server: Server) -> None:
    project = Project(Document(api.architecture(NAME, weights="pretrained")))
    first = next(id for id, node in project.network.nodes.items() if node.kind.startswith("block-"))
    project.document.apply(Rename(first, "Eyes"))
    landing = starting.landing(project.network, project.catalogue)
    assert landing.whole and any(name.startswith("eyes.") for name in landing.placed)


def test_opening_a_project_fetches_nothing(server: Server, tmp_path: Path) -> None:
    from studio.session import Session

    project = open_project(f"{NAME}@pretrained")
    project.document.apply(SetSetting("data", {"source": "digits", "size": 28}))
    session = Session(project)
    try:
        until = threading.Event()
        for _ in range(1000):
            if session.poll().notices or session.problem or session.fault:
                break
            until.wait(0.01)
    finally:
        assert session.close()
    assert not server.asked


def test_a_model_exported_from_them_tells_how_pictures_are_readied(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}
    monkeypatch.setattr("studio.outputs.write_onnx", lambda *_, told: given.update(told))
    _, which = exporting.onnx(open_project(f"{NAME}@pretrained"), tmp_path / "net.onnx")
    assert which == "weights of SqueezeNet 1.1, IMAGENET1K_V1"
    assert len(json.loads(given["netloom.classes"])) == 1000
    assert json.loads(given["netloom.preprocessing"])["resize"] == 256


def small(tmp_path: Path) -> tuple[Network, dict[str, Tensor], Path]:
    """A network that learns the digits, weights for it in a file, and that file."""
    layers = api.ImageInput(channels=1, height=8, width=8), api.Flatten(), api.Linear(out_features=10)
    network = api.sequential(*layers)
    built = build(network, api._knowing(network), seed=99)
    state = {name: tensor.clone() for name, tensor in built.module.state_dict().items()}
    path = tmp_path / "mine.pth"
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}, path)
    return network, state, path


def test_training_goes_on_from_a_file(tmp_path: Path) -> None:
    network, state, path = small(tmp_path)
    begins, landing = api.beginning(network, path)
    assert landing.whole and begins.settings["start"] == {"file": str(path)}
    first = api.train(begins, "digits", epochs=1, learning_rate=1e-8, optimiser="sgd")
    for name, tensor in first.run.final.weights.items():
        assert torch.allclose(tensor, state[name], atol=1e-5)


def test_the_window_shows_them_and_a_run_begins_with_them(tmp_path: Path) -> None:
    from studio.session import Session

    network, state, path = small(tmp_path)
    settings = {"data": {"source": "digits"}, "start": {"file": str(path)}}
    project = Project(Document(Network(network.nodes, network.wires, settings)))
    session = Session(project)
    try:
        ready(session, 0)
        snapshot = session.snapshot()
        assert snapshot is not None and all(torch.equal(snapshot.weights[name], state[name]) for name in state)
        assert session.status().message == "Begins with the weights of mine.pth"
        project.document.apply(SetSetting("start", None))
        until = threading.Event()
        for _ in range(1000):
            session.poll()
            if not torch.equal(session.snapshot().weights["fc1.weight"], state["fc1.weight"]):  # type: ignore[union-attr]
                break
            until.wait(0.01)
        assert session.status().message == ""
    finally:
        assert session.close()


def test_without_its_weights_nothing_is_trained_in_secret_until_they_are_there(tmp_path: Path) -> None:
    from studio.session import Session

    network, state, path = small(tmp_path)
    settings = {"data": {"source": "digits"}, "start": {"file": str(path)}}
    path.rename(tmp_path / "away.pth")
    session = Session(Project(Document(Network(network.nodes, network.wires, settings))))
    try:
        said = ready(session, 0)
        assert said == ["mine.pth: there is no such file; check its name and folder."]
        session.play()
        until = threading.Event()
        for _ in range(1000):
            if session.poll().notices:
                break
            until.wait(0.01)
        assert session.state == "idle"
        (tmp_path / "away.pth").rename(path)
        session.renew()
        for _ in range(1000):
            session.poll()
            if torch.equal(session.snapshot().weights["fc1.weight"], state["fc1.weight"]):  # type: ignore[union-attr]
                break
            until.wait(0.01)
        assert session.status().message == "Begins with the weights of mine.pth"
    finally:
        assert session.close()


def test_a_run_goes_on_from_what_a_project_was_imported_with(tmp_path: Path) -> None:
    from studio.design import design_of
    from studio.session import Session
    from studio.weights.following import names_of
    from studio.weights.learnt import Learnt, read, write

    network, state, _ = small(tmp_path)
    recipe = {"learning_rate": 1e-8, "epochs": 1}
    project = Project(Document(Network(network.nodes, network.wires, {"data": {"source": "digits"}, "recipe": recipe})))
    names = names_of(project.network, project.catalogue)
    came = Learnt(design_of(project.network, project.catalogue), state, 0, names=names, begins=True)
    write(tmp_path / "came.safetensors", came)
    project.learnt = lambda: read(tmp_path / "came.safetensors")
    session = Session(project)
    try:
        ready(session, 0)
        session.step()
        ready(session, 1)
        snapshot = session.snapshot()
        assert snapshot is not None
        assert torch.allclose(snapshot.weights["fc1.weight"], state["fc1.weight"], atol=1e-6)
    finally:
        assert session.close()


def test_an_exported_model_holds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, state, path = small(tmp_path)
    settings = {"data": {"source": "digits"}, "start": {"file": str(path)}}
    project = Project(Document(Network(network.nodes, network.wires, settings)))
    written: list[dict[str, Tensor]] = []
    monkeypatch.setattr("studio.outputs.write_onnx", lambda built, *_, **__: written.append(built.module.state_dict()))
    _, which = exporting.onnx(project, tmp_path / "net.onnx")
    assert which == "weights of mine.pth"
    assert all(torch.equal(written[0][name], state[name]) for name in state)


def test_a_file_is_found_beside_a_project_that_has_moved(tmp_path: Path) -> None:
    network, _, path = small(tmp_path)
    project = Project(Document(api.beginning(network, path)[0]))
    (tmp_path / "old").mkdir()
    project.save(tmp_path / "old" / "net")
    (tmp_path / "new").mkdir()
    (tmp_path / "old" / "net.netloom").rename(tmp_path / "new" / "net.netloom")
    path.rename(tmp_path / "new" / "mine.pth")
    opened = open_project(tmp_path / "new" / "net.netloom")
    assert starting.start_of(opened.network) == Start(file=str(tmp_path / "new" / "mine.pth"))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ([1], "no table of names"),
        ({"file": 3}, "no table of names"),
        ({"strange": "x"}, "has no option “strange”"),
        ({}, "must name a file or published weights"),
        ({"file": "a", "published": "resnet18"}, "must name a file or published weights"),
        ({"published": "resnet18", "weights": "NOBODY"}, "has no weights “NOBODY”"),
    ],
)
def test_an_unsound_section_is_one_sentence(tmp_path: Path, section: object, said: str) -> None:
    network, _, _ = small(tmp_path)
    project = Project(Document(Network(network.nodes, network.wires, {"start": section})))
    project.save(tmp_path / "bad")
    with pytest.raises(ProjectFault, match=said):
        open_project(tmp_path / "bad.netloom")


@pytest.mark.parametrize("file", ["//server/share/w.pth", "\\\\server\\share\\w.pth", "x" * 3000, "a\0b.pth"])
def test_a_project_looks_for_weights_on_no_other_computer(tmp_path: Path, file: str) -> None:
    network = Network(settings={"start": {"file": file}})
    assert relocated(network, tmp_path) is network
    with pytest.raises(FileFault):
        landed(Start(file=file), network, standard(), {})


def test_a_name_that_is_not_known_is_one_sentence() -> None:
    for name, said in (
        ("resnet51", "There is no architecture"),
        ("lenet5", "Nobody publishes"),
        ("resnet50@X", "has no"),
    ):
        with pytest.raises(ValueError, match=said):
            pretrained.chosen(name)


def test_larger_pictures_come_with_weights_that_saw_them() -> None:
    network = api.architecture("vit_b_16", weights="IMAGENET1K_SWAG_E2E_V1")
    image = next(node for node in network.nodes.values() if node.kind == "ImageInput")
    assert (image.fields["height"], image.fields["width"]) == (384, 384)


def test_the_terminal_lists_and_loads(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import main as door

    assert door.main(["weights", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    row = next(row for row in rows if row["architecture"] == NAME)
    assert row["url"].startswith(server.site) and row["preprocessing"]["mean"] == [0.485, 0.456, 0.406]
    out = tmp_path / "net.netloom"
    assert door.main(["weights", NAME, "--from", "pretrained", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["project"] == str(out) and told["headline"].startswith("All 52 tensors landed") and not told["missing"]
    assert starting.start_of(open_project(out).network) == Start(published=NAME, weights="IMAGENET1K_V1")
    assert door.main(["weights", "lenet-digits", "--from", f"{NAME}@pretrained"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "no tensor of it fits this network" in said
    assert door.main(["weights", NAME]) == 2


def test_a_window_is_asked_for_an_architecture_with_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    import main as door

    opened: list[str | None] = []
    monkeypatch.setattr(door, "no_display", lambda: False)
    monkeypatch.setattr("widgets.app.run", lambda project: opened.append(project) or 0)
    assert door.main([NAME]) == 0 and door.main([NAME, "--pretrained"]) == 0
    assert opened == [NAME, f"{NAME}@pretrained"]
    assert door.main(["lenet5", "--pretrained"]) == 1 and door.main(["resnet51"]) == 1
