"""The functions of PyTorch that may run are those whose schemas say that they only compute tensors from tensors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from graphs.layers.torch_allowed import OPERATIONS, OVERLOADS, allowed

TAKES = {"Tensor", "bool", "complex", "float", "int", "number", "str", "Device", "Generator"}
FOR_SCRIPTS = {"hacked_twin", "Tensor_hacked_twin", "prim_Device", "prim_dtype", "prim_other", "data"}
"""Overloads that only TorchScript and packed sequences call."""
READING = {"repeat_interleave.self_Tensor", "tensor_split.tensor_indices_or_sections"}
"""They read numbers to say how large their results are, and no tag tells of it."""
REFUSING = {"index.Tensor", "one_hot.default"}
"""With whole numbers as indices, or a given number of classes, their size is fixed; where it is not, running them
without numbers fails, so no such layer comes about."""


def plain(type: str) -> str:
    """ "Tensor" for "List[Optional[Tensor]]"."""
    for word in ("Optional[", "List["):
        type = type.replace(word, "")
    return type.rstrip("]")


def computing(schema: torch._C.FunctionSchema) -> bool:
    """Whether a function only computes tensors, whose sizes follow from the sizes that it is given."""
    name, overload = schema.name.removeprefix("aten::"), schema.overload_name or "default"
    function = getattr(getattr(torch.ops.aten, name), overload)
    types = {str(argument.type) for argument in schema.arguments}
    makes = any("Tensor" in type or "Device" in type for type in types)
    gives = [str(result.type) for result in schema.returns]
    varying = {torch.Tag.dynamic_output_shape, torch.Tag.data_dependent_output} & {*function.tags}
    return (
        not schema.is_mutable
        and not any(argument.is_out for argument in schema.arguments)
        and bool(gives)
        and {*gives} <= {"Tensor", "List[Tensor]"}
        and {plain(type) for type in types} <= TAKES
        and makes
        and (not varying or f"{name}.{overload}" in REFUSING)
        and overload not in FOR_SCRIPTS
        and f"{name}.{overload}" not in READING
    )


def computed() -> Iterator[tuple[str, str]]:
    """Every overload of the functions in the list that only computes."""
    for schema in torch._C._jit_get_all_schemas():
        place, _, name = schema.name.partition("::")
        if place == "aten" and name in OPERATIONS and computing(schema):
            yield name, schema.overload_name or "default"


def test_the_list_holds_what_the_schemas_say() -> None:
    found: dict[str, set[str]] = {}
    for name, overload in computed():
        found.setdefault(name, set()).add(overload)
    assert {name: {*overloads} for name, overloads in OVERLOADS.items()} == found


@pytest.mark.parametrize(
    "target",
    [
        *("aten.add.out", "aten.add.str", "aten.mul.left_t", "aten.sort.int", "aten.max.dim_max", "aten.topk.values"),
        *("aten.repeat_interleave.Tensor", "aten.sqrt.int", "aten.index.Tensor_hacked_twin", "aten.keys.Tensor"),
        *("aten.relu_.default", "aten.nonzero.default", "aten.empty.memory_format", "aten.normal.Tensor_Tensor"),
    ],
)
def test_other_overloads_do_not_run(target: str) -> None:
    assert not allowed(target)
