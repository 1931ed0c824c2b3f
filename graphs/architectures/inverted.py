"""The block that MobileNetV3 and EfficientNet are made of: wide inside, narrow at both ends."""

from __future__ import annotations

from typing import Any

from graphs.architectures.draw import Drawing


def inverted(
    d: Drawing,
    activation: str,
    *,
    expand: bool,
    added: bool,
    excitation: dict[str, Any] | None = None,
    drop: bool = False,
    norm: dict[str, Any] | None = None,
) -> str:
    """The id of the block of this kind, which is defined where it is not yet.

    It widens (`expand`), filters each channel, weighs the channels (`excitation` are fields of SqueezeExcitation) and
    narrows; the input is `added` in the end, after some samples were left out (`drop`). Its parameters are wide, width
    and kernel, and those of squeezed, stride and drop that it has a use for.
    """
    marks = (expand, added, excitation is not None, drop and added)
    id = "-".join(["block", activation.lower(), *(word for word, on in zip(_WORDS, marks, strict=True) if on)])
    if id in d.blocks:
        return id
    for unit, kinds in ((f"conv-{activation.lower()}", (activation,)), ("conv-plain", ())):
        if unit not in d.blocks:
            d.unit(unit, *kinds, title="Convolution" if kinds else "Convolution, not activated", norm=norm)
    given: dict[str, Any] = {"wide": 16, "width": 16, "kernel": 3}
    given |= {"squeezed": 8} if excitation is not None else {}
    given |= {} if added else {"stride": 1}
    _inside(d, f"{id}-inside", f"conv-{activation.lower()}", given, expand, excitation)
    title = "Inverted residual" if added else "Inverted, other shape"
    with d.block(id, title, "Wide inside, narrow at both ends.", **given, **({"drop": 0.0} if marks[3] else {})) as b:
        x = b.input()
        y = b.use(f"{id}-inside", x, id="block", **{name: f"={name}" for name in given})
        if marks[3]:
            y = b.layer("DropPath", y, id="stochastic_depth", p="=drop")
        b.output(b.add(y, x, id="sum") if added else y)
    return id


_WORDS = ("wide", "added", "excited", "dropped")


def _inside(
    d: Drawing, id: str, unit: str, given: dict[str, Any], expand: bool, excitation: dict[str, Any] | None
) -> None:
    with d.block(id, "Widen, filter, narrow" if expand else "Filter, narrow", **given) as b:
        x, places = b.input(), iter("0123")
        if expand:
            x = b.use(unit, x, id=next(places), filters="=wide", kernel=1)
        step = {"stride": "=stride"} if "stride" in given else {}
        x = b.use(unit, x, id=next(places), filters="=wide", groups="=wide", kernel="=kernel", **step)
        if excitation is not None:
            x = b.layer("SqueezeExcitation", x, id=next(places), squeezed="=squeezed", **excitation)
        b.output(b.use("conv-plain", x, id=next(places), filters="=width", kernel=1))
