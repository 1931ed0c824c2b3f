"""What is wrong with a network, in words a student knows, with edits that would mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from graphs.edits import Batch, Connect, Disconnect, Edit, RemoveNodes, SetFields, SetSetting
from graphs.inference.mends import AddLayer, Attend, Become, TakeOut
from graphs.layers.base import Fault, Layer, Port, Remedy, Shape
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import End, Network, Node, Wire


@dataclass(frozen=True)
class Fix:
    """An edit that mends a problem, and the words on its button."""

    label: str
    edit: Edit


@dataclass(frozen=True)
class Problem:
    """What is wrong at a node ("" for the whole network). An error stops the build, a warning does not.

    `port` is the open input port that it speaks of, where it does.
    """

    node: str
    severity: Literal["error", "warning"]
    message: str
    expected: str = ""
    received: str = ""
    fixes: tuple[Fix, ...] = ()
    port: str = field(default="", compare=False)

    def __str__(self) -> str:
        details = [f"expected {self.expected}"] if self.expected else []
        details += [f"received {self.received}"] if self.received else []
        return f"{self.message} ({', '.join(details)})" if details else self.message


def from_fault(node: Node, fault: Fault, ports: tuple[Port, ...], catalogue: Catalogue) -> Problem:
    """The problem of a layer that cannot take its inputs."""
    fixes = tuple(_fix(node, remedy, ports, catalogue) for remedy in fault.remedies)
    message = f"{node.title}: {fault.message}"
    return Problem(node.id, fault.severity, message, fault.expected, fault.received, fixes)


def _fix(node: Node, remedy: Remedy, ports: tuple[Port, ...], catalogue: Catalogue) -> Fix:
    edits = _edits(node, remedy, ports, catalogue)
    return Fix(remedy.label, edits[0] if len(edits) == 1 else Batch(tuple(edits), remedy.label))


def _edits(node: Node, remedy: Remedy, ports: tuple[Port, ...], catalogue: Catalogue) -> list[Edit]:
    edits: list[Edit] = []
    if remedy.fields:
        edits.append(SetFields(node.id, dict(remedy.fields)))
    if remedy.attend:
        edits.append(Attend(node.id, remedy.attend, remedy.label))
    if remedy.insert:
        target = End(node.id, remedy.port or ports[0].name)
        fields = dict(remedy.insert_fields or {})
        edits.append(_layer(catalogue, remedy.insert, remedy.label, before=target, fields=fields))
    if remedy.instead:
        keeps = tuple(catalogue.kinds[remedy.instead].model_fields)
        edits.append(Become(node.id, remedy.instead, remedy.label, keeps))
    if remedy.cut:
        edits.append(Disconnect((End(node.id, remedy.cut),)))
    return edits + (_edits(node, remedy.then, ports, catalogue) if remedy.then else [])


def _layer(
    catalogue: Catalogue,
    kind: str,
    label: str,
    before: End | None = None,
    after: End | None = None,
    fields: Mapping[str, object] | None = None,
) -> AddLayer:
    return AddLayer(kind, catalogue.kinds[kind].stem, label, before, after, fields or {})


def wrong_values(shape: Shape, port: Port) -> Fault | None:
    """A fault when a port takes tokens and gets numbers, or the other way round."""
    tokens = not shape.dtype.startswith(("float", "bfloat"))
    if port.accepts == "any" or tokens == (port.accepts == "tokens"):
        return None
    if port.accepts == "tokens":
        message = "It looks up tokens, and its input holds numbers."
        remedies = (Remedy("Remove the wire", cut=port.name), Remedy("Use Linear instead", instead="Linear"))
        return Fault(message, "tokens (int64)", f"{shape.dtype} {shape}", remedies)
    fields = {"num_embeddings": shape.values} if shape.values else {}
    remedy = Remedy("Insert Embedding", insert="Embedding", insert_fields=fields, port=port.name)
    message = "It works with numbers, and its input holds tokens."
    return Fault(message, "numbers (float32)", f"{shape.dtype} {shape}", (remedy,))


def refused(layer: Layer, message: str, inputs: tuple[Shape, ...]) -> Fault:
    """The fault of inputs that PyTorch refuses for a reason the declaration does not foresee."""
    alone = "batch axis" in message and layer.model_dump(include={"each"}).get("each") is False
    remedies = (Remedy("Compute each sample alone", {"each": True}),) if alone else ()
    return Fault(f"PyTorch refuses this input: {message}", "", ", ".join(map(str, inputs)), remedies)


LARGEST = 2**34
"""Parameters of one layer, or numbers that it gives for one sample, that are not even tried: 64 GiB. Some
systems promise more memory than there is, and end the program once it is written to."""


def too_large(
    parameters: int, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...] = (), kept: int = 0
) -> Fault | None:
    """The fault of a layer whose parameters, results, or numbers `kept` beside them no memory holds."""
    given, received = max((shape.size for shape in outputs), default=0), ", ".join(map(str, inputs))
    if parameters > LARGEST:
        message = f"It would have {parameters:,} parameters, which do not fit into memory."
        return Fault(message, f"at most {LARGEST:,} parameters", received)
    if parameters + kept > LARGEST:
        message = f"It would keep {parameters + kept:,} numbers, which do not fit into memory."
        return Fault(message, f"at most {LARGEST:,} numbers", received)
    if given > LARGEST:
        message = f"It would give {given:,} numbers for each sample, which do not fit into memory."
        return Fault(message, f"at most {LARGEST:,} numbers", received)
    return None


def bad_fields(node: Node, error: BadFields) -> Problem:
    """The problem of a field that its kind does not take."""
    label = f"Use the default of {error.title}"
    fixes = (Fix(label, SetFields(node.id, {error.field: None})),) if error.field in node.fields else ()
    return Problem(node.id, "error", f"{node.title}: {error}", fixes=fixes)


def unknown_kind(node: Node) -> Problem:
    """The problem of a layer that this version does not know."""
    message = f"{node.title}: “{node.kind}” is not known to this version of Netloom; its data is kept as it is."
    label = f"Take {node.title} out"
    return Problem(node.id, "error", message, "a known kind", node.kind, (Fix(label, TakeOut(node.id, label)),))


def lost_wire(node: Node, wire: Wire) -> Problem:
    """The problem of a wire whose port does not exist (any more)."""
    message = f"{node.title}: the wire from {wire.source} to {wire.target} has no port to hold on to."
    return Problem(node.id, "error", message, fixes=(Fix("Remove the wire", Disconnect((wire.target,))),))


def open_port(network: Network, node: Node, port: Port, sources: Iterable[End]) -> Problem:
    """The problem of an input that nothing is connected to; `sources` are outputs that would suit it."""
    target = End(node.id, port.name)
    fixes = [Fix(f"Connect {network.nodes[end.node].title}", Connect((Wire(end, target),))) for end in sources]
    if not network.outgoing(node.id):
        fixes.append(Fix(f"Remove {node.title}", RemoveNodes((node.id,))))
    where = "its input" if port.name == "in" else f"its input {port.title or port.name}"
    message = f"{node.title}: nothing is connected to {where}."
    return Problem(node.id, "error", message, "a wire", "nothing", tuple(fixes), port.name)


def cycles(network: Network) -> list[Problem]:
    """One problem for each group of nodes that feed themselves; the fix removes the wire drawn last."""
    found = []
    for group in network.cycles():
        members = set(group)
        inside = [w for w in network.wires.values() if w.source.node in members and w.target.node in members]
        last = inside[-1]
        first, second = network.nodes[last.source.node], network.nodes[last.target.node]
        message = f"{second.title}: the wire from {first.title} closes a loop, so neither can be computed first."
        fix = Fix(f"Remove the wire from {first.title}", Disconnect((last.target,)))
        found.append(Problem(second.id, "error", message, "wires that lead onwards", "a loop", (fix,)))
    return found


def no_output(network: Network, catalogue: Catalogue, end: End | None) -> Problem:
    """The problem of a network without an output; `end` is the result that one could stand behind."""
    if not network.nodes:
        fix = Fix("Add an image input", _layer(catalogue, "ImageInput", "Add an image input"))
        return Problem("", "error", "The network is empty.", "an input, layers and an output", "nothing", (fix,))
    message = "The network has no output, so there is no result to learn from."
    label = f"Add an output after {network.nodes[end.node].title}" if end else "Add an output"
    fix = Fix(label, _layer(catalogue, "Output", label, after=end))
    return Problem(end.node if end else "", "error", message, "an Output", "none", (fix,))


def no_input(catalogue: Catalogue, port: End | None, kind: str = "ImageInput") -> Problem:
    """The problem of a network without an input; `port` is the open port that one of this kind could feed."""
    title = catalogue.kinds[kind].title.lower()
    label = f"Add {'an' if title[0] in 'aeiou' else 'a'} {title} input"
    fix = Fix(label, _layer(catalogue, kind, label, before=port))
    return Problem(port.node if port else "", "error", "The network has no input.", "an input", "none", (fix,))


def unused(node: Node) -> Problem:
    """The warning for a result that reaches no output."""
    message = f"{node.title}: no output uses its result, so it is left out of the build."
    fix = Fix(f"Remove {node.title}", RemoveNodes((node.id,)))
    return Problem(node.id, "warning", message, fixes=(fix,))


def not_scores(node: Node, kind: type[Layer], recipe: Mapping[str, object]) -> Problem:
    """The warning for a softmax before an output whose loss, cross-entropy, applies one itself."""
    message = f"{node.title}: cross-entropy applies softmax itself, so {kind.title} before the output "
    label = f"Take {node.title} out"
    fixes = [Fix(label, TakeOut(node.id, label))]
    if kind.holds == "log probabilities":
        message += "is not needed."
        fixes.append(Fix("Set the loss to nll", SetSetting("recipe", {**recipe, "loss": "nll"})))
    else:
        message += "makes it twice, and the network learns slowly."
    return Problem(node.id, "warning", message, "scores", kind.holds, tuple(fixes))


def milder(problem: Problem) -> Problem:
    """The same problem as a warning: its node is not part of what is built."""
    return replace(problem, severity="warning")


def after_wire(problem: Problem, wire: Wire) -> Problem:
    """The problem that a wire would bring, with fixes that draw the wire as well; not to draw it is none."""
    useful = [fix for fix in problem.fixes if fix.edit != Disconnect((wire.target,))]
    fixes = tuple(Fix(f.label, Batch((Connect((wire,)), f.edit), f.label)) for f in useful)
    return replace(problem, fixes=fixes)
