"""What is inside a block, on its help card: its network as a small picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from graphs.layers.catalogue import Catalogue
from graphs.network import Block
from widgets import theme
from widgets.editor.painting.inner import Inner, inner_of, paint_inner

HEIGHT, LARGEST = 200, 4.0
"""How high the picture may be, and how many times as large as on a card."""


class Inside(QWidget):
    """Hidden where there is no block to look into."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.block: Block | None = None
        self._catalogue: Catalogue | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_block(self, block: Block | None, catalogue: Catalogue | None) -> None:
        """Show what is inside this block."""
        self.block, self._catalogue = block, catalogue
        self.setAccessibleName(f"Inside {block.title or block.id}" if block is not None else "")
        self.setVisible(block is not None and self._inner() is not None)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        inner = self._inner()
        high = min(HEIGHT * theme.scale(), inner.height * LARGEST + 16) if inner is not None else 0
        return QSize(320, round(high))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        inner = self._inner()
        if inner is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale(inner)
        painter.translate((self.width() - inner.width * scale) / 2, (self.height() - inner.height * scale) / 2)
        painter.scale(scale, scale)
        paint_inner(painter, inner, QPointF(0, 0))
        painter.end()

    def _inner(self) -> Inner | None:
        return inner_of(self.block, self._catalogue) if self.block is not None and self._catalogue is not None else None

    def _scale(self, inner: Inner) -> float:
        return min(LARGEST, self.width() / max(1.0, inner.width), HEIGHT * theme.scale() / max(1.0, inner.height))
