"""Reads ONNX files that other programs wrote. The door is `read_onnx`.

The way of a file: `parsing` (bounded, into plain values), `planning` (what holds the samples), `constants`
(what is constant, and all shapes, within `bounds`), `runs` (several operators that are one layer; `probing` and
`curves` for activations), `drawing` (layers, over `windows`, `norms`, `pointwise`, `shaping`, `products`, `operations`
for the rest, with `roles` for which constants are learnt, and `mixing` for what takes a batch together), `naming`,
`sharing` (layers of one weight) and `finishing` (blocks, layout, weights by name).
"""

from graphs.exchange.from_onnx.reader import read_onnx

__all__ = ["read_onnx"]
