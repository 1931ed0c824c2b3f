"""What every view promises."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer

from widgets import theme
from widgets.look.icons import FOLDER
from widgets.views import VIEWS, View
from widgets.views.context import Context
from widgets.views.export import UnknownFormatError

every = pytest.mark.parametrize("cls", VIEWS, ids=lambda cls: cls.name)


def colours(view: View) -> set[int]:
    """The colours of a view's picture, coarsely."""
    image = view.grab().toImage().scaled(QSize(120, 60))
    return {image.pixel(x, y) & 0xF0F0F0 for x in range(120) for y in range(60)}


@every
def test_is_declared_completely(cls: type[View]) -> None:
    assert cls.name and cls.title and cls.section
    assert cls.help.endswith(".") and cls.empty.endswith(".")
    assert (FOLDER / f"{cls.icon}.svg").exists()
    assert (cls.analysis is None) == (cls.analyse() is None)


def test_names_are_unique() -> None:
    assert len({cls.name for cls in VIEWS}) == len({cls.title for cls in VIEWS}) == len(VIEWS)


@every
def test_empty_state_teaches_and_offers_one_button(cls: type[View], qtbot: Any) -> None:
    view = cls()
    qtbot.addWidget(view)
    view.resize(430, 260)
    view.show()
    headline, sentence, button = view.message.texts()
    assert view.state == "empty" and headline == cls.help and sentence == cls.empty and button
    with qtbot.waitSignal(view.wanted) as heard:
        view.message.press()
    assert heard.args == ["play"]
    assert view.table() is None
    with pytest.raises(ValueError, match="no numbers"):
        view.save_table("nowhere.csv")


@every
def test_busy_then_error(cls: type[View], qtbot: Any) -> None:
    view = cls()
    qtbot.addWidget(view)
    view.show_busy(0.4)
    assert view.state == "busy" and view.strip.fraction() == 0.4
    view.show_error("The weights are not finite.")
    assert view.state == "error" and "not finite" in view.message.texts()[1]
    with qtbot.waitSignal(view.wanted) as heard:
        view.message.press()
    assert heard.args == ["retry"]


@every
def test_shows_a_real_result_in_both_themes(cls: type[View], shown: Any, qtbot: Any) -> None:
    view = shown(cls)
    assert view.state == "result" and view.strip.fraction() is None
    assert view.caption.text() and view.caption.text() != ""
    assert len(colours(view)) > 5, "the picture is almost empty"
    for name in ("dark", "light"):
        theme.set_theme(name)
        image = view.grab().toImage()
        assert image.pixelColor(2, image.height() - 2).name() == theme.current().panel
        assert view.state == "result"
    view.set_stale(True)
    assert view.state in ("stale", "result") and "updating" in view.caption.note()


@every
@pytest.mark.parametrize("size", [(140, 96), (300, 420), (1400, 500)], ids=str)
def test_fits_any_dock(cls: type[View], size: tuple[int, int], shown: Any) -> None:
    view = shown(cls, *size)
    image = view.grab().toImage()
    assert (image.width(), image.height()) == size


@every
def test_saves_its_picture(cls: type[View], shown: Any, tmp_path: Path) -> None:
    view = shown(cls)
    for ending in ("png", "svg"):
        view.save_picture(tmp_path / f"picture.{ending}")
    image = QImage(str(tmp_path / "picture.png"))
    assert image.width() > 1.5 * view.body().width()
    text = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.encode()))
    assert renderer.isValid() and "<text" in text
    assert view.caption.text().split(" · ")[0][:12] in text
    with pytest.raises(UnknownFormatError, match="gif"):
        view.save_picture(tmp_path / "picture.gif")


@every
def test_saves_its_numbers(cls: type[View], shown: Any, tmp_path: Path) -> None:
    view = shown(cls)
    view.save_table(tmp_path / "numbers.csv")
    header, *rows = csv.reader(io.StringIO((tmp_path / "numbers.csv").read_text(encoding="utf-8")))
    table = view.table()
    assert tuple(header) == tuple(table.header) and len(rows) == len(table.rows) > 0
    for saved, row in zip(rows, table.rows, strict=True):
        for text, value in zip(saved, row, strict=True):
            same = (
                float(text) == float(value) if isinstance(value, float) else text == str("" if value is None else value)
            )
            assert same or (text == "nan" and value != value)


@every
def test_measures_its_painting(cls: type[View], shown: Any, qtbot: Any) -> None:
    view, seconds = shown(cls), []
    view.painted.connect(seconds.append)
    view.body().update()
    for widget in view.painting_widgets():
        widget.repaint()
    assert seconds and all(0 <= s < 5 for s in seconds)


@every
def test_its_menu_saves_only_what_there_is(cls: type[View], shown: Any, qtbot: Any) -> None:
    empty = cls()
    qtbot.addWidget(empty)
    assert not any(action.isEnabled() for action in empty.actions_menu().actions())
    assert all(action.isEnabled() for action in shown(cls).actions_menu().actions())


@every
def test_a_network_with_problems_is_said(cls: type[View], qtbot: Any, world: Any) -> None:
    from graphs.edits import Disconnect
    from graphs.inference.shapes import Inference
    from graphs.network import End

    place = world(cls)
    network, _ = Disconnect([End("fc1", "in")]).apply(place.context.network)
    analysis = Inference(place.project.catalogue).analyse(network)
    view = cls()
    qtbot.addWidget(view)
    need = view.missing(Context(network, analysis, place.context.data))
    assert need is not None and need.action == "problems"


@every
def test_options_come_from_the_declaration(cls: type[View], qtbot: Any, world: Any) -> None:
    view = cls()
    qtbot.addWidget(view)
    view.set_context(world(cls).context)
    options = view.options()
    if cls.analysis is None:
        assert options is None
    else:
        assert options == type(options)()
        assert set(cls.fields or ()) <= set(type(options).model_fields)
