"""The colours of Python source: texts of several lines are texts on every one of them."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument

from widgets import theme
from widgets.panels.highlighter import Highlighter

SOURCE = '''class Net:
    """A class of numbers,
    def with 3 words for it

    and an end."""

    name = "it's"  # for 2
    def f(self): return 'a \\' b' + """one line""" + str(1)
'''


def _texts(document: QTextDocument, wanted: str) -> list[str]:
    """What has this colour, line by line."""
    lines = []
    for number in range(document.blockCount()):
        block = document.findBlockByNumber(number)
        parts = [f for f in block.layout().formats() if f.format.foreground().color() == theme.qcolor(wanted)]
        lines.append("|".join(block.text()[f.start : f.start + f.length].strip() for f in parts))
    return lines


def test_a_text_of_several_lines_is_one_on_every_line(qapp: object) -> None:
    document = QTextDocument(SOURCE)
    Highlighter(document).rehighlight()
    now = theme.current()
    assert _texts(document, now.good) == [
        "",
        '"""A class of numbers,',
        "def with 3 words for it",
        "",
        'and an end."""',
        "",
        '"it\'s"',
        '\'a \\\' b\'|"""one line"""',
        "",
    ]
    assert _texts(document, now.faint)[6] == "# for 2"
