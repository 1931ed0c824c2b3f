"""One operator of ONNX that no layer says, and that still runs, trains and leaves again as source and ONNX."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import field_validator, model_validator

from graphs.layers.base import Fault, Remedy, Shape, setting
from graphs.layers.onnx_operators import ABSENT, NEWEST, OPERATORS, VARYING, Operator, called
from graphs.layers.operation import Count, Operation, Options, Slots, literal, plain

PRODUCTS = frozenset(
    {
        *("Attention", "CausalConvWithState", "Conv", "ConvTranspose", "DeformConv", "Einsum", "GRU", "Gemm"),
        *("LSTM", "MatMul", "RNN"),
    }
)
"""Operators that take products with weights, or of matrices."""
_POINTWISE = """
    Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil
    Celu Clip Cos Cosh Div Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf
    IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu
    Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor
"""
POINTWISE = frozenset(_POINTWISE.split())
"""Operators whose results each come from the values at one place."""


class OnnxOp(Operation):
    title: ClassVar[str] = "ONNX operator"
    help: ClassVar[str] = "Computes one operator of ONNX, for networks from other programs that no other layer says."
    stem: ClassVar[str] = "op"
    synonyms: ClassVar[tuple[str, ...]] = ("onnx", "imported", "operation", "erf", "gather", "where", "einsum")
    torch: ClassVar[str] = "modules.OnnxOp"
    written: ClassVar[str | None] = ""

    op: str = setting("Erf", "Operator", "Its name in ONNX, such as Gather.", max_length=80)
    version: int = setting(20, "Opset", "The version of ONNX whose meaning it has.", ge=1, le=NEWEST)
    gives: Count = setting(1, "Outputs", "How many results it gives.")
    attributes: Options = setting({}, "Attributes", "The numbers and words it is told, by their names in ONNX.")
    slots: Slots = setting([], "Operands", "Where each of its inputs comes from; empty for the wires in order.")
    each: bool = setting(
        False,
        "Each sample alone",
        "On where the operator knows no batch: each sample is computed alone, and the results are put together.",
    )

    @field_validator("op")
    @classmethod
    def _known(cls, op: str) -> str:
        if op not in OPERATORS:
            why = f", since {ABSENT[op]}" if op in ABSENT else ""
            raise ValueError(f"takes an operator that is computed here, and “{op}” is not{why}")
        return op

    @model_validator(mode="after")
    def _wired(self) -> OnnxOp:
        for slot in self.slots:
            if slot and slot.get("wire", 0) >= self.takes:
                raise ValueError(f"operand {slot['wire']} is no wire: there are {self.takes}")
        return self

    @property
    def label(self) -> str:
        return self.op

    @property
    def count(self) -> int:
        return self.gives

    @property
    def local(self) -> bool:
        return self.op in POINTWISE

    @property
    def operator(self) -> Operator:
        """What is known of the operator."""
        return OPERATORS[self.op]

    @property
    def operands(self) -> list[dict[str, Any] | None]:
        """Where each input comes from: the wires in order where nothing else is said."""
        return self.slots or [{"wire": place} for place in range(self.takes)]

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in ("op", "version", "attributes", "gives", "each")}
        return {**fields, "slots": self.operands}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        known, count = self.operator, len(self.operands)
        if not known.least <= count <= known.most:
            wanted = str(known.least) if known.least == known.most else f"{known.least} to {known.most}"
            near = {"takes": max(known.least, min(count, known.most))}
            remedies = () if self.slots else (Remedy(f"Set inputs to {near['takes']}", near),)
            return Fault(f"{self.op} takes {wanted} inputs.", wanted, str(count), remedies)
        if self.op in VARYING:
            message = f"{self.op} gives as much as its numbers ask for, and a layer gives the same shape always."
            remedy = Remedy("Use Identity", {"op": "Identity"})
            return Fault(message, "results of a fixed shape", self.op, (remedy,))
        if self.gives > known.gives:
            remedy = Remedy(f"Set outputs to {known.gives}", {"gives": known.gives})
            message = f"{self.op} gives at most {known.gives} results."
            return Fault(message, str(known.gives), str(self.gives), (remedy,))
        from graphs.building.modules.onnx import misfit

        name, options = self.function
        wrong = misfit(name, options, len(self._said()))
        return Fault(f"{self.op} {wrong}.", "its own attributes", ", ".join(self.attributes)) if wrong else None

    def _said(self) -> list[dict[str, Any] | None]:
        """The operands without those that are left out at the end."""
        said = list(self.operands)
        while said and said[-1] is None:
            said.pop()
        return said

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        if self.op not in PRODUCTS:
            return 0
        from graphs.inference.measure import counted

        return counted(self, inputs)

    def summary(self) -> str:
        said = [f"{name.replace('_', ' ')} {_short(name, value)}" for name, value in self.function[1].items()]
        return " · ".join(said)

    # The source

    @property
    def function(self) -> tuple[str, dict[str, Any]]:
        """The function that computes it, and what it is given by name."""
        return called(self.operator, self.version, self.attributes, self.gives)

    def constructs(self) -> str:
        return "modules.Tensors" if any(self.source_arguments(()).values()) else ""

    def uses(self) -> tuple[str, ...]:
        return (f"onnx.{self.function[0]}", *(("operation.each",) if self.each else ()))

    def source_arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        """What `Tensors` is given."""
        tensors, constants = {}, {}
        for place, slot in enumerate(self.operands):
            if slot and "tensor" in slot:
                tensors[slot["tensor"]] = (tuple(slot["shape"]), slot["dtype"], slot["learn"])
            elif slot and "value" in slot and place not in self.operator.known:
                constants[f"constant_{place}"] = (plain(slot["value"]), slot["dtype"])
        return {name: value for name, value in (("tensors", tensors), ("constants", constants)) if value}

    def call(self, module: str, args: list[str]) -> str:
        names = [f"x{place}" for place in range(len(args))] if self.each else args
        name, options = self.function
        given = [self._operand(module, place, slot, names) for place, slot in enumerate(self.operands)]
        while given and given[-1] == "None":
            given.pop()
        given += [f"{key}={literal(value)}" for key, value in options.items()]
        called = f"{name}({', '.join(given)})"
        if self.operator.gives > 1:
            called += "[0]" if self.gives == 1 else f"[:{self.gives}]"
        return f"each(lambda {', '.join(names)}: {called}, {', '.join(args)})" if self.each else called

    def _operand(self, module: str, place: int, slot: dict[str, Any] | None, names: list[str]) -> str:
        if slot is None:
            return "None"
        if "wire" in slot:
            return names[int(slot["wire"])]
        if "tensor" in slot:
            return f"self.{module}.{slot['tensor']}"
        return literal(plain(slot["value"])) if place in self.operator.known else f"self.{module}.constant_{place}"


def _short(name: str, value: Any) -> str:
    """A value in a word or two."""
    if isinstance(value, dict):
        return f"{value.get('dtype', '')} tensor".strip()
    between = "×" if name.endswith(("shape", "strides", "dilations")) else ", "
    text = between.join(map(str, value)) if isinstance(value, list) else str(value)
    return (text if len(text) <= 24 else text[:23] + "…").replace("-", "−")
