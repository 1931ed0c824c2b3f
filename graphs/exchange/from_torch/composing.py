"""Modules of torch.nn that are many calls, as the one layer that they are: attention, layers of a transformer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphs.exchange.from_torch.matching import Match, Unsuited, check
from graphs.exchange.from_torch.operating import Constants
from graphs.exchange.from_torch.program import Call, Level, Ref
from graphs.exchange.from_torch.running import BATCHES, Known
from graphs.exchange.from_torch.verifying import Verifier

ATTENTION = "torch.nn.modules.activation.MultiheadAttention"
ENCODER = "torch.nn.modules.transformer.TransformerEncoderLayer"
DECODER = "torch.nn.modules.transformer.TransformerDecoderLayer"
NORM = "torch.nn.modules.normalization.LocalResponseNorm"
SOFTSIGN = "torch.nn.modules.activation.Softsign"
UNPOOL = "torch.nn.modules.pooling.MaxUnpool1d"
COMPOSED = frozenset((ATTENTION, ENCODER, DECODER, NORM, SOFTSIGN, UNPOOL))


@dataclass(frozen=True)
class Group:
    """All calls made in one call of a module; the values it takes from outside and gives to it."""

    level: Level
    calls: tuple[Call, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Composer:
    """Finds such modules and says what they are."""

    def __init__(self, known: Known, constants: Constants, users: Mapping[str, list[Call]], verifier: Verifier) -> None:
        self.known, self.constants, self.users, self.verifier = known, constants, users, verifier
        found: dict[Level, list[Call]] = {}
        for call in known.program.calls:
            for level in call.levels:
                if level.kind in COMPOSED:
                    found.setdefault(level, []).append(call)
        self._calls = found
        self._tried: dict[Level, Match | None] = {}

    def match(self, call: Call) -> Match | None:
        """The layer for the outermost module around a call that is one; None where there is none."""
        for level in call.levels:
            if level in self._calls:
                if level not in self._tried:
                    self._tried[level] = self._verified(self._group(level))
                if self._tried[level] is not None:
                    return self._tried[level]
        return None

    def _group(self, level: Level) -> Group:
        calls = tuple(self._calls[level])
        made = {name for call in calls for name in call.outputs}
        taken = dict.fromkeys(name for call in calls for name in call.takes() if name not in made)
        values = self.known.values
        inputs = tuple(name for name in taken if name in values and values[name].follows)
        inside = set(map(id, calls))
        outputs = tuple(
            name
            for call in calls
            for name in call.outputs
            if name in values
            and values[name].follows
            and (name in self.known.program.outputs or any(id(user) not in inside for user in self.users.get(name, [])))
        )
        return Group(level, calls, inputs, outputs)

    def _verified(self, group: Group) -> Match | None:
        """The layer for a module, once it has computed what the calls do."""
        found = self._whole(group)
        return found if found is not None and self.verifier.agrees(found, group.calls) else None

    def _whole(self, group: Group) -> Match | None:
        try:
            check(
                len(group.outputs) == 1
                and all(self.known.values[name].wired for name in (*group.inputs, *group.outputs))
            )
            match group.level.kind:
                case _ if group.level.kind == ATTENTION:
                    return self._attention(group)
                case _ if group.level.kind == NORM:
                    return self._response(group)
                case _ if group.level.kind == SOFTSIGN:
                    check(len(group.inputs) == 1)
                    return self._made(group, "Softsign", group.inputs, {}, {})
                case _ if group.level.kind == UNPOOL:
                    return self._unpool(group)
                case _:
                    return self._layer(group)
        except (Unsuited, KeyError, ValueError, TypeError, IndexError, StopIteration, AttributeError):
            return None

    def _unpool(self, group: Group) -> Match:
        """PyTorch does it as a map of one row."""
        values = self.known.values
        (x,) = [name for name in group.inputs if values[name].dtype != "int64"]
        (indices,) = [name for name in group.inputs if values[name].dtype == "int64"]
        check(values[x].axis == values[indices].axis == 0 and len(values[x].dims) == 2)
        before, after = values[x].dims[1], values[group.outputs[0]].dims[1]
        kernel = max(1, after // before)
        fields = {"kernel_size": kernel, "stride": kernel, **({} if before * kernel == after else {"size": after})}
        return self._made(group, "MaxUnpool1d", (x, indices), fields, {})

    # Attention

    def _attention(self, group: Group) -> Match:
        path = group.level.path
        names = {"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"}
        tensors = self._tensors(group, path)
        check(tensors.keys() <= names and {"in_proj_weight", "out_proj.weight"} <= tensors.keys())
        check(("in_proj_bias" in tensors) == ("out_proj.bias" in tensors))
        inputs = self._series(group)
        heads, causal, dropout = self._heads(group.calls)
        fields = {"num_heads": heads, "causal": causal, "dropout": dropout, "bias": "in_proj_bias" in tensors}
        if len(inputs) == 1:
            return self._made(group, "MultiheadAttention", inputs, fields, tensors)
        triple = self._roles(group, inputs)
        return self._made(group, "MultiheadAttention", triple, {**fields, "separate": True}, tensors)

    def _roles(self, group: Group, inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Query, key and value: PyTorch projects them in this order, key and value at once where they are the same."""
        check(len(inputs) in (2, 3))
        projected = list[str]()
        for call in group.calls:
            if call.operation == "linear":
                source = self._source(group, call.given["input"].name)
                if source in inputs:
                    projected.append(source)
        query, key, value = projected[0], projected[1], projected[2 if len(projected) > 2 else 1]
        check({query, key, value} == set(inputs))
        return (query, key, value)

    def _source(self, group: Group, name: str) -> str:
        """The value from outside that one comes from by being turned alone; "" where it comes from more."""
        while name not in group.inputs:
            call = self.known.makers[name]
            if call.operation != "transpose":
                return ""
            name = call.given["self"].name
        return name

    def _heads(self, calls: tuple[Call, ...]) -> tuple[int, bool, float]:
        """How many heads there are, whether the future is hidden, and the share that is dropped."""
        heads, causal, dropout = 0, False, 0.0
        for call in calls:
            if call.operation == "scaled_dot_product_attention":
                sizes = self.known.values[call.given["query"].name].sizes[0]
                heads = sizes[1] if len(sizes) == 4 else 0
                dropout = float(call.given.get("dropout_p") or 0.0)
                causal = bool(call.given.get("is_causal")) or self._hides(call.given.get("attn_mask"))
            elif call.operation in ("bmm", "baddbmm") and not heads:
                first = call.given.get("batch1", call.given.get("self"))
                heads = self.known.values[first.name].sizes[0][0] // BATCHES[0]
                causal = call.operation == "baddbmm" and self._hides(call.given["self"])
            elif call.operation == "dropout":
                dropout = float(call.given["p"])
        check(heads > 0)
        return heads, causal, dropout

    def _hides(self, mask: Any) -> bool:
        """Whether a mask hides the future and nothing else. Unsuited for any other mask."""
        import torch

        if mask is None:
            return False
        value = self.constants.value(mask.name)
        check(value is not None)
        flat = value.reshape(-1, *value.shape[-2:])[0]
        check(flat.numel() == value.numel() and flat.shape[0] == flat.shape[1])
        keep = torch.ones_like(flat, dtype=torch.bool).tril()
        if flat.dtype == torch.bool:
            check(bool((flat == keep).all()))
        else:
            check(bool((flat[keep] == 0).all()) and bool((flat[~keep] == float("-inf")).all()))
        return True

    # Layers of a transformer

    def _layer(self, group: Group) -> Match:
        encoder = group.level.kind == ENCODER
        kind = "TransformerEncoderLayer" if encoder else "TransformerDecoderLayer"
        tensors = self._tensors(group, group.level.path)
        hidden = self.known.values[self._value(tensors, "linear1.weight")].sizes[0][0]
        attentions = [name for name in ("self_attn", "multihead_attn") if f"{name}.in_proj_weight" in tensors]
        inner = [tuple(c for c in group.calls if self._inside(c, f"{group.level.path}.{name}")) for name in attentions]
        heads, causal, _ = self._heads(inner[0])
        check(encoder or not self._heads(inner[1])[1])
        norms = [call for call in group.calls if call.operation == "layer_norm"]
        acts = {call.operation for call in group.calls} & {"relu", "gelu"}
        first = next(call for call in group.calls if call.operation in ("layer_norm", "linear"))
        drops = {float(call.given["p"]) for call in group.calls if call.operation == "dropout"}
        check(len(acts) == 1 and len(drops) <= 1 and len(norms) == (2 if encoder else 3))
        check(all(call.given.get("approximate", "none") == "none" for call in group.calls if call.operation == "gelu"))
        fields = {
            "nhead": heads,
            "dim_feedforward": hidden,
            "dropout": max(drops, default=0.0),
            "activation": min(acts),
            "norm_first": first.operation == "layer_norm",
            "layer_norm_eps": norms[0].given.get("eps", 1e-5),
            "bias": "linear1.bias" in tensors,
            "causal": causal,
        }
        inputs = self._series(group)
        check(len(inputs) == (1 if encoder else 2))
        if not encoder and self._first(group, first) != inputs[0]:
            inputs = inputs[::-1]
        return self._made(group, kind, inputs, fields, tensors)

    def _first(self, group: Group, call: Call) -> str:
        return self._source(group, call.given["input"].name)

    def _value(self, tensors: Mapping[str, str], name: str) -> str:
        return tensors[name]

    def _inside(self, call: Call, path: str) -> bool:
        return any(level.path == path for level in call.levels)

    # Local response normalisation

    def _response(self, group: Group) -> Match:
        by = {call.operation: call for call in group.calls}
        pool = by.get("avg_pool2d") or by["avg_pool3d"]
        size = max(pool.given["kernel_size"])
        power = next(c for c in group.calls if c.operation == "pow").given["exponent"]
        alpha = next(c for c in group.calls if c.operation == "mul" and not isinstance(c.given["other"], Ref))
        k = next(c for c in group.calls if c.operation == "add")
        fields = {"size": size, "alpha": alpha.given["other"], "beta": power, "k": float(k.given["other"])}
        return self._made(group, "LocalResponseNorm", group.inputs[:1], fields, {})

    # What they share

    def _series(self, group: Group) -> tuple[str, ...]:
        """The inputs, all series with the batch at the same axis as the result."""
        axes = {self.known.values[name].axis for name in (*group.inputs, *group.outputs)}
        check(len(axes) == 1 and all(len(self.known.values[name].dims) == 2 for name in group.inputs))
        return group.inputs

    def _tensors(self, group: Group, path: str) -> dict[str, str]:
        program = self.known.program
        taken = dict.fromkeys(name for call in group.calls for name in call.takes() if name in program.tensors)
        start = f"{path}." if path else ""
        check(all(program.tensors[name].startswith(start) for name in taken))
        return {program.tensors[name].removeprefix(start): name for name in taken}

    def _made(
        self, group: Group, kind: str, inputs: tuple[str, ...], fields: Mapping[str, Any], tensors: Mapping[str, str]
    ) -> Match:
        covers = tuple(name for call in group.calls for name in call.outputs)
        return Match(kind, inputs, group.outputs, fields, tensors, covers)
