"""One picture for both themes: drawn twice, and merged into one that follows the reader's own."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[a-zA-Z][^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def merged(light: str, dark: str) -> str:
    """The light picture, which turns dark where the reader's system is: it says which colours are others then.

    The light one as it is where the two are not drawn alike."""
    ours, theirs = _TAG.findall(light), _TAG.findall(dark)
    if len(ours) != len(theirs):
        return light
    classes: dict[tuple[str, str], str] = {}
    tags = iter([_tagged(one, other, classes) for one, other in zip(ours, theirs, strict=True)])
    text = _TAG.sub(lambda _: next(tags), light)
    if not classes:
        return text
    rules = "".join(f".{name}{{{attribute}:{value}}}" for (attribute, value), name in classes.items())
    style = f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"
    return text.replace("\n", f"\n{style}\n", 1)


def _tagged(light: str, dark: str, classes: dict[tuple[str, str], str]) -> str:
    """A tag with the names of the rules that change its colours."""
    if light == dark:
        return light
    before, after = dict(_ATTRIBUTE.findall(light)), dict(_ATTRIBUTE.findall(dark))
    changed = [(name, value) for name, value in after.items() if before.get(name) != value]
    names = " ".join(classes.setdefault(each, f"d{len(classes)}") for each in changed)
    end = "/>" if light.endswith("/>") else ">"
    return f'{light.removesuffix(end)} class="{names}"{end}'
