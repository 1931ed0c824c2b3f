"""A layer that a person writes in Python: what it takes is read from its text, it runs once that was agreed to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, create_model, field_validator

from graphs.files.faults import FileFault
from graphs.files.python_files import SourceFile
from graphs.layers.base import Fault, Layer, Port, Remedy, Shape, setting
from graphs.layers.signature import MOST, Argument, Signature, signature
from graphs.names import plain_name

FIRST_AXIS = {"in_channels", "channels", "num_features", "in_planes", "inplanes", "num_channels"}
LAST_AXIS = {"in_features", "input_size", "features", "dim", "embed_dim", "d_model", "normalized_shape", "hidden_dim"}
"""Arguments without a default that follow from the shape of the first input, as those of torch.nn do."""
CHOOSE = Remedy("Choose a Python file…", attend="choose")
NAME = r"[^\W\d]\w{0,99}"
Declared = Annotated[tuple[Any, ...], BeforeValidator(lambda value: _frozen(value))]


@dataclass(frozen=True)
class Code:
    """What is known of a file that a layer names: its text, and whether somebody has agreed that it runs.

    Only `studio.owncode.codes` makes one that is `allowed`; nothing that stands in a project can.
    """

    source: SourceFile | None = None
    allowed: bool = False
    fault: str = ""


class CustomLayer(Layer):
    """Fields of the class's own stand beside these, under the names of its arguments (with a line behind where the
    name means something for every layer)."""

    title: ClassVar[str] = "Custom layer"
    family: ClassVar[str] = "combine"
    help: ClassVar[str] = "A layer of your own, written in Python: a class of a file that you have agreed to run."
    stem: ClassVar[str] = "custom"
    synonyms: ClassVar[tuple[str, ...]] = ("python", "own code", "module", "class", "write", "script", "function")
    own_code: ClassVar[bool] = True
    code: ClassVar[Code | None] = None

    file: str = setting("", "File", "The Python file.", max_length=1000, extra={"hidden": True})
    name: str = setting("", "Class", "The class in it.", max_length=100, extra={"hidden": True})
    takes: tuple[str, ...] = setting(
        ("x",), "Inputs", "What its forward takes.", min_length=1, max_length=MOST, extra={"hidden": True}
    )
    results: int = setting(1, "Results", "How many it gives.", ge=1, le=MOST, extra={"hidden": True})
    declares: Declared = setting((), "Arguments", "What its constructor takes.", extra={"hidden": True})

    @field_validator("takes")
    @classmethod
    def _ports(cls, takes: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(takes)) < len(takes) or not all(map(_named, takes)):
            raise ValueError("takes names, each once")
        return takes

    @field_validator("declares")
    @classmethod
    def _declared(cls, declares: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(declares) > MOST:
            raise ValueError(f"takes at most {MOST} arguments")
        arguments_in(declares)
        return declares

    @classmethod
    def kind(cls) -> str:
        return "CustomLayer"

    @classmethod
    def specialised(cls, fields: Mapping[str, Any], codes: Mapping[str, Any]) -> type[Layer]:
        """The kind with the fields that a node's class has, and with its code where that may be had."""
        try:
            declares = _frozen(fields.get("declares", ()))
            known = arguments_in(declares)
        except (ValueError, TypeError):
            return cls
        name = fields.get("name", "")
        return _special(known, codes.get(str(fields.get("file", ""))), name if isinstance(name, str) else "")

    def inputs(self) -> tuple[Port, ...]:
        return tuple(Port(name, accepts="any") for name in self.takes)

    def outputs(self) -> tuple[Port, ...]:
        return (Port("out"),) if self.results == 1 else tuple(Port(f"out{i}") for i in range(self.results))

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for argument in arguments_in(self.declares):
            value = getattr(self, field_name(argument.name), argument.default)
            if value is None and inputs and inputs[0].dims:
                first, last = argument.name in FIRST_AXIS, argument.name in LAST_AXIS
                value = inputs[0].dims[0 if first else -1] if first or last else None
            if value is not None:
                given[argument.name] = value
        return given

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if not self.file or not self.name:
            ways = (CHOOSE, Remedy("Write one…", attend="write"))
            return Fault("no Python file is chosen for it yet.", "a class", "none", ways)
        code = type(self).code
        if code is None or code.source is None:
            missing = code.fault if code is not None and code.fault else f"{self.file} has not been read"
            return Fault(missing.rstrip(".") + ".", f"the class {self.name}", "", (CHOOSE,))
        if not code.allowed:
            message = f"the code in {code.source.path.name} may not run yet: nobody has agreed to it on this computer."
            return Fault(message, "", "", (Remedy("Look at the code and allow it…", attend="allow"),))
        return self._outdated(code.source) or self._lacking(inputs)

    def _outdated(self, source: SourceFile) -> Fault | None:
        """Why what was read of the class before does not hold any more."""
        try:
            now = signature(source, self.name)
        except FileFault as fault:
            return Fault(str(fault), "", "", (CHOOSE,))
        if self.takes == now.takes and self.results == now.gives and arguments_in(self.declares) == now.arguments:
            return None
        fields = described(now)
        gone = {field_name(a.name) for a in arguments_in(self.declares)} - {field_name(a.name) for a in now.arguments}
        remedy = Remedy(f"Read {self.name} again", {**fields, **dict.fromkeys(gone)})
        return Fault(f"{self.name} takes other inputs or arguments than when it was read.", "", "", (remedy,))

    def _lacking(self, inputs: tuple[Shape, ...]) -> Fault | None:
        given = self.arguments(inputs)
        for argument in arguments_in(self.declares):
            if argument.default is None and argument.required and argument.name not in given:
                return Fault(f"{self.name} needs a value for {argument.name}.", f"{argument.name} = …", "none")
        return None

    def summary(self) -> str:
        return self.name


def _named(text: str) -> bool:
    """Whether a text is the name of an argument."""
    return re.fullmatch(NAME, text) is not None and plain_name(text)


def field_name(argument: str) -> str:
    """The field in which an argument's value stands."""
    taken = hasattr(Layer, argument) or argument in CustomLayer.model_fields or argument in vars(CustomLayer)
    return f"{argument}_" if taken or argument.startswith(("model_", "_")) else argument


def described(found: Signature) -> dict[str, Any]:
    """The fields that keep a signature, as plain JSON."""
    told = [
        {"name": a.name, "kind": a.kind}
        | ({"default": list(a.default) if isinstance(a.default, tuple) else a.default} if a.default is not None else {})
        | ({"choices": list(a.choices)} if a.choices else {})
        | ({} if a.required else {"optional": True})
        for a in found.arguments
    ]
    return {"takes": list(found.takes), "results": found.gives, "declares": told}


def chosen(source: SourceFile, file: str, name: str) -> dict[str, Any]:
    """The fields of a layer for this class of a file, which a project calls `file`. Raises FileFault."""
    return {"file": file, "name": name, **described(signature(source, name))}


def _frozen(value: Any) -> Any:
    """JSON as something that can be compared and hashed."""
    if isinstance(value, Mapping):
        return tuple((str(key), _frozen(inner)) for key, inner in sorted(value.items()))
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


@lru_cache(maxsize=512)
def arguments_in(declares: tuple[Any, ...]) -> tuple[Argument, ...]:
    """The arguments that the field `declares` holds. Raises ValueError."""
    found = []
    for told in declares:
        try:
            one = dict(told)
            name, kind = str(one["name"]), str(one["kind"])
        except (KeyError, TypeError, ValueError):
            raise ValueError("takes arguments with a name and a kind") from None
        if not _named(name) or kind not in KINDS:
            raise ValueError("takes arguments of a kind that there is")
        choices = one.get("choices", ())
        if not isinstance(choices, tuple) or not all(isinstance(word, str) for word in choices):
            raise ValueError("takes words to choose from")
        found.append(Argument(name, kind, one.get("default"), choices, not one.get("optional", False)))
    if len({one.name for one in found}) < len(found):
        raise ValueError("takes each argument once")
    return tuple(found)


KINDS: Mapping[str, Any] = {
    "whole": Annotated[int, Field(ge=-(2**31), le=2**31)],
    "number": float,
    "switch": bool,
    "text": Annotated[str, Field(max_length=1000)],
    "choice": str,
    "wholes": tuple[int, ...],
    "numbers": tuple[float, ...],
}
"""What a field takes, by the kind of its argument."""


@lru_cache(maxsize=512)
def _special(declared: tuple[Argument, ...], code: Code | None, name: str) -> type[CustomLayer]:
    fields = {field_name(argument.name): _field(argument) for argument in declared}
    made: type[CustomLayer] = create_model("CustomLayer", __base__=CustomLayer, **fields)  # type: ignore[call-overload]
    made.code = code
    if code is not None and code.source is not None and code.allowed:
        from graphs.building.own import key_of

        made.torch = f"own.{key_of(code.source)}.{name}"
    return made


def _field(argument: Argument) -> tuple[Any, Any]:
    kind = Literal[argument.choices] if argument.kind == "choice" and argument.choices else KINDS[argument.kind]
    derived = argument.name in FIRST_AXIS | LAST_AXIS
    words = "as the input has" if derived else "none"
    title = argument.name.replace("_", " ").capitalize()
    says = f"The argument {argument.name} of its constructor."
    if argument.default is None:
        return kind | None, setting(None, title, says, extra={"none": words})
    return kind, setting(argument.default, title, says)
