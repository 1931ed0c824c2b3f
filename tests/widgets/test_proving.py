"""A proof in the window: made away from its thread, listed, drawn, and over with Escape or with an edit that counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from graphs.edits import Move, SetFields
from graphs.exchange.proving.verdicts import AGREES, BEGINS, FOLLOWS, Proof, Verdict
from graphs.inference.shapes import Inference
from studio.project import open_project
from widgets import theme
from widgets.bench import Bench
from widgets.editor.painting.proven import Proven
from widgets.panels.comparing_rows import HEADING, ROW
from widgets.panels.proving import Found, Proving, rows_of, sentence
from widgets.preferences import Preferences

LONG = 60_000


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    made = Bench(open_project("resnet-digits"), Preferences())
    made.canvas.ease.reduced = True
    qtbot.addWidget(made, before_close_func=lambda bench: bench.close_aside())
    made.resize(1280, 800)
    made.show()
    made.canvas.set_analysis(Inference(made.project.catalogue).analyse(made.project.network))
    return made


def proving(bench: Bench) -> Proving:
    page = Proving(bench.canvas, bench.project, bench.source)
    bench.open_aside(page)
    return page


def with_fault(found: Found, node: str) -> Found:
    """The same, as if a layer computed otherwise in onnxruntime."""
    verdicts = dict(found.proof.verdicts)
    at = [*verdicts].index(node)
    for place, id in enumerate(verdicts):
        if place >= at:
            verdicts[id] = Verdict(0.5, 2.0, BEGINS if place == at else FOLLOWS)
    return replace(found, proof=replace(found.proof, verdicts=verdicts))


def test_every_layer_is_proven_listed_and_drawn(bench: Bench, qtbot: QtBot) -> None:
    page = proving(bench)
    assert page.found is None and not page.bar.isHidden()
    qtbot.waitUntil(lambda: page.found is not None, timeout=LONG)
    assert page.found is not None and page.found.proof.first is None and page.bar.isHidden()
    assert page.says.text().startswith(f"All {len(page.found.proof.verdicts)} layers agree")
    over = bench.canvas.overlay
    assert isinstance(over, Proven)
    drawn = {id for id, item in bench.canvas.scene.items.items() if not item.node.kind.endswith("Input")}
    assert {*over.verdicts} == drawn and {verdict.state for verdict in over.verdicts.values()} == {AGREES}
    rows = [page.list.item(i).data(ROW) for i in range(page.list.count())]
    assert sum(row.sign != HEADING for row in rows) == len(page.found.proof.verdicts)
    _a_fault_is_shown_where_it_begins(bench, page)
    bench.project.document.apply(Move({"fc": (7.0, 7.0)}))
    assert bench.aside is page, "where a node stands does not count"
    bench.project.document.apply(SetFields("fc", {"out_features": 11}))
    assert bench.aside is None and bench.canvas.overlay is None


def _a_fault_is_shown_where_it_begins(bench: Bench, page: Proving) -> None:
    assert page.found is not None
    deep = next(id for id in page.found.proof.verdicts if "/1/" in id)
    page.list.clear()
    page.show_found(with_fault(page.found, deep))
    over = bench.canvas.overlay
    assert isinstance(over, Proven)
    assert [id for id, verdict in over.verdicts.items() if verdict.state == BEGINS] == [deep.partition("/")[0]]
    page.list.itemClicked.emit(page.list.item(1))
    over = bench.canvas.overlay
    assert bench.canvas.path == (deep.partition("/")[0],) and isinstance(over, Proven)
    assert over.focus == deep.rpartition("/")[2] and over.verdicts[over.focus].state == BEGINS
    bench.canvas.set_room(())


def test_escape_ends_it_and_a_proof_that_nobody_wants_comes_to_nothing(bench: Bench, qtbot: QtBot) -> None:
    page = proving(bench)
    page.closed.emit()
    assert bench.aside is None and bench.canvas.overlay is None and page._unwanted.is_set()
    page._job.wait(60)
    again = proving(bench)
    qtbot.keyClick(again, Qt.Key.Key_Escape)
    assert bench.aside is None
    again._job.wait(60)


def test_a_proof_reads_well(bench: Bench) -> None:
    from graphs.building.build import build

    built = build(bench.project.network, bench.project.catalogue, seed=1)
    verdicts = {id: Verdict(1e-8, 1.0) for id in built.names if id not in built.inputs}
    found = Found(Proof(verdicts, 20, 2), built, "untrained weights, seed 0")
    assert sentence(found).startswith(f"All {len(verdicts)} layers agree: they differ by at most 1.0e-8")
    fault = with_fault(found, "fc")
    assert "part in fc; all before it agrees" in sentence(fault)
    rows = rows_of(fault, {})
    assert rows[0][0].title == "Here the two part (1)"
    assert rows[1][0].words.startswith("fc. Δ 0.25. Values up to 2 differ by at most 0.5")


@pytest.mark.parametrize("scale", [0.1, 0.6, 2.0])
@pytest.mark.parametrize("look", ["dark", "light"])
def test_it_is_seen_at_every_zoom(bench: Bench, scale: float, look: str) -> None:
    """What parts stands out from what agrees, near and far, in both themes."""
    canvas = bench.canvas
    states = {"stem": AGREES, "fc": BEGINS} if "stem" in canvas.scene.items else {}
    ids = [*canvas.scene.items]
    states = states or {ids[1]: AGREES, ids[-2]: BEGINS}
    with theme.worn(look):
        over = Proven({id: Verdict(0.1, 1.0, state) for id, state in states.items()}, "about", lambda: None)
        seen = {}
        for id, state in states.items():
            canvas.camera.restore((scale, *canvas.scene.items[id].rect.topLeft().toTuple()))
            image = QImage(canvas.size(), QImage.Format.Format_RGB32)
            image.fill(theme.current().background)
            painter = QPainter(image)
            over.paint(painter, canvas, QRectF(canvas.rect()))
            painter.end()
            box = canvas.camera.view_rect(canvas.scene.items[id].rect).toRect()
            seen[state] = image.pixelColor(box.center())
    assert seen[BEGINS].red() - seen[BEGINS].green() > seen[AGREES].red() - seen[AGREES].green() + 10
