"""Papers and books that several cards name."""

from __future__ import annotations

from graphs.cards.base import Source


def arxiv(title: str, authors: str, year: int, number: str) -> Source:
    """A paper on arXiv."""
    return Source(title, authors, year, f"https://arxiv.org/abs/{number}")


def doi(title: str, authors: str, year: int, number: str) -> Source:
    """A paper by its DOI."""
    return Source(title, authors, year, f"https://doi.org/{number}")


LENET = doi(
    "Gradient-based learning applied to document recognition",
    "LeCun, Bottou, Bengio, Haffner",
    1998,
    "10.1109/5.726791",
)
GLOROT = Source(
    "Deep Sparse Rectifier Neural Networks",
    "Glorot, Bordes, Bengio",
    2011,
    "https://proceedings.mlr.press/v15/glorot11a.html",
)
ELMAN = doi("Finding Structure in Time", "Elman", 1990, "10.1207/s15516709cog1402_1")
NUMPY = doi("Array programming with NumPy", "Harris et al.", 2020, "10.1038/s41586-020-2649-2")
PYRAMID = arxiv(
    "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition",
    "He, Zhang, Ren, Sun",
    2014,
    "1406.4729",
)


def book(chapter: str, page: str) -> Source:
    """A chapter of the textbook by Goodfellow, Bengio and Courville."""
    url = f"https://www.deeplearningbook.org/contents/{page}.html"
    return Source(f"Deep Learning, {chapter}", "Goodfellow, Bengio, Courville", 2016, url)
