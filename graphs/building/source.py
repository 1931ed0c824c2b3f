"""A network as a Python file that a person would have written: nn.Module classes that need torch alone.

Each block is a class, the network is the last one. It has the parameters of the built network under the same
state-dict names, so weights move freely between the two, and its forward computes the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphs.building import sharing
from graphs.building.build import BuildError
from graphs.building.written.classes import Class, classes_of
from graphs.building.written.helpers import needed
from graphs.building.written.modules import Design, free
from graphs.inference.shapes import Inference
from graphs.layers.base import Shape
from graphs.layers.catalogue import Catalogue
from graphs.names import SHADOWING, plain_name
from graphs.network import Network

__all__ = ["write_source"]

WIDTH = 110
ORIGIN = 60
"""Letters that are told of where an imported network comes from."""
OWN = {"nn", "print", "super", "torch", "tuple"}
"""Names that the file needs for itself."""


def write_source(network: Network, catalogue: Catalogue, class_name: str = "Network") -> str:
    """The text of the file. Raises BuildError for a network with faults, ValueError for a bad name."""
    if not plain_name(class_name) or class_name in OWN or class_name in SHADOWING:
        raise ValueError(f"“{class_name}” is no name for a Python class.")
    analysis = Inference(catalogue).analyse(network)
    if not analysis.buildable:
        raise BuildError(analysis.problems)
    design = Design(catalogue, analysis)
    used = needed(design.layers.values())
    if class_name in used.texts:
        raise ValueError(f"“{class_name}” is the name of a layer in this network: choose another for the class.")
    classes = classes_of(design, class_name, OWN | {*used.texts, *(line.split()[-1] for line in used.imports)})
    texts = [*(f"{text}\n\n" for text in used.texts.values())]
    texts += [_class(found, design, found is classes[-1]) for found in classes]
    head = f'"""{class_name}, {_origin(network)}."""\n\n{_imports(used.imports)}\n'
    return "\n".join([head, "\n".join(texts), _guard(design, class_name)])


def _origin(network: Network) -> str:
    """Where the network comes from; of the file of another program no more than plain words."""
    about = network.settings.get("about")
    origin = about.get("origin") if isinstance(about, Mapping) else None
    told = _told(origin)[:ORIGIN].strip() if isinstance(origin, str) else ""
    return f"imported with Netloom ({told})" if told else "designed with Netloom"


def _imports(lines: list[str]) -> str:
    """The imports: torch's behind those of the standard library, one line for each place."""
    names: dict[str, list[str]] = {"torch": ["nn"]}
    for line in lines:
        place, _, name = line.removeprefix("from ").partition(" import ")
        if line.startswith("from "):
            names.setdefault(place, []).append(name)
    taken = {
        place: f"from {place} import {', '.join(sorted(set(given), key=_order))}" for place, given in names.items()
    }
    standard = [line for line in lines if line.startswith("import ")]
    standard += [line for place, line in sorted(taken.items()) if not place.startswith("torch")]
    ours = ["import torch", *(line for place, line in sorted(taken.items()) if place.startswith("torch"))]
    return "\n".join([*standard, *([""] if standard else []), *ours]) + "\n"


def _order(name: str) -> tuple[bool, str]:
    """Classes before modules and functions, as formatters of source have it."""
    return name.islower(), name


def _class(found: Class, design: Design, whole: bool) -> str:
    told = _summary(design) if whole else _block_summary(found)
    shared = sharing.written(design.names, design.analysis.shares) if whole else []
    parts = [f"class {found.name}(nn.Module):\n{_indented(told)}", _indented(_constructor(found, shared))]
    return "\n".join([*parts, f"{_indented(_forward(found))}\n"])


def _summary(design: Design) -> str:
    """Input and output shapes without the batch axis, and the number of parameters."""
    shapes = [str(design.analysis.facts[node].outputs[0]) for node in design.inputs]
    results = [str(design.analysis.output_shape(end)) for end in design.results]
    count = sum(design.analysis.facts[node].parameters for node in design.inner)
    size = "1 parameter" if count == 1 else f"{count:,} parameters" if count else "no parameters"
    return f'"""{" and ".join(shapes)} → {" and ".join(results)}, {size}."""\n'


def _block_summary(found: Class) -> str:
    """What the block is, and its shapes where they are the same wherever it is used."""
    text = _told(found.help) or found.name
    text = text if len(text) <= 90 else text[:89].rsplit(" ", 1)[0] + "…"
    shapes = f": {_listed(found.module.taken)} → {_listed(found.module.given)}" if found.module.given else ""
    return f'"""{text}{shapes}."""\n'


def _told(text: str) -> str:
    """A text as it can stand in a docstring: one line of characters that are seen, without quotes and backslashes."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.replace('"', "'").replace("\\", "/").split()).rstrip(".")


def _listed(shapes: tuple[Shape | None, ...]) -> str:
    return " and ".join(str(shape) for shape in shapes)


def _constructor(found: Class, shared: list[str]) -> str:
    """__init__ with a line for each module, each weight that is drawn in a chosen way, and each `shared` one."""
    arguments = ["self", *(f"{name}: {kind}" for name, kind in found.parameters.items())]
    lines = list(dict.fromkeys(text for line in found.module.lines for text in _statements(line.text())))
    lines += [line.drawn for line in found.module.lines if line.drawn]
    return _head("__init__", arguments, "None") + _indented("\n".join(["super().__init__()", *lines, *shared])) + "\n"


def _statements(text: str) -> list[str]:
    """One statement each: containers are made once, however many modules they hold."""
    first, _, rest = text.partition("\n")
    return [first, *_statements(rest)] if "nn.ModuleDict()" in first and rest else [text]


def _forward(found: Class) -> str:
    """forward with a line for each step and the shape that it gives, where that is a new one."""
    arguments = ["self", *(f"{name}: torch.Tensor" for name in found.module.arguments)]
    result = "tuple[torch.Tensor, ...]" if found.module.results > 1 else "torch.Tensor"
    lines = zip(found.module.body, found.module.comments, strict=True)
    body = "\n".join(f"{line}  # {comment}" if comment else line for line, comment in lines)
    return _head("forward", arguments, result) + _indented(body) + "\n"


def _head(name: str, arguments: list[str], result: str) -> str:
    head = f"def {name}({', '.join(arguments)}) -> {result}:\n"
    if len(head) <= WIDTH - 3:
        return head
    return f"def {name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f") -> {result}:\n"


def _guard(design: Design, class_name: str) -> str:
    """What happens when the file is run: random input goes in, the shapes of the results are printed."""
    name, names = class_name.lower(), set(design.names.values())
    if not plain_name(name) or name in OWN or name in names:
        name = free("net", names)
    made = "\n".join(f"    {design.names[node]} = {_example(design, node)}" for node in design.inputs)
    call = f"{name}({', '.join(design.names[node] for node in design.inputs)})"
    shown = (
        f"        print(tuple({call}.shape))"
        if len(design.outputs) == 1
        else f"        for result in {call}:\n            print(tuple(result.shape))"
    )
    lines = ['if __name__ == "__main__":', f"    {name} = {class_name}().eval()", made]
    return "\n".join([*lines, "    with torch.no_grad():", shown]) + "\n"


def _example(design: Design, node: str) -> str:
    shape = design.analysis.facts[node].outputs[0]
    tables = [getattr(layer, "num_embeddings", None) for layer in design.layers.values()]
    words = [getattr(design.layers[node], "vocabulary", 2), *(size for size in tables if size)]
    dims = ", ".join(map(str, (2, *shape.dims)))
    if shape.dtype.startswith("float"):
        return f"torch.randn({dims}{_dtype(shape, 'float32')})"
    return f"torch.randint({min(words)}, ({dims}{'' if shape.dims else ','}){_dtype(shape, 'int64')})"


def _dtype(shape: Shape, usual: str) -> str:
    return f", dtype=torch.{shape.dtype}" if shape.dtype != usual else ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n")).rstrip(" ")
