"""Network and data that do not fit each other: what is wrong in one sentence, and the edit that mends it. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphs.edits import Batch, Edit, EditError, SetFields, SetSetting
from graphs.inference.mends import AddLayer, Attend, Become
from graphs.inference.problems import Fix, Problem
from graphs.layers.catalogue import Catalogue
from graphs.network import End, Network
from studio.checking import misfit_of
from studio.recipe import output_problems
from studio.weights.starting import SECTION

if TYPE_CHECKING:
    from graphs.building.build import Built
    from graphs.inference.analysis import Analysis
    from graphs.layers.base import Shape
    from studio.data.prepare import Prepared
    from studio.recipe import Recipe

FIELDS = {
    "VectorInput": ("features",),
    "SequenceInput": ("length", "features"),
    "ImageInput": ("channels", "height", "width"),
}
"""What says the shape of an input; a kind of input for each number of axes."""
UNITS = {"out_features": "units", "out_channels": "channels"}
"""What says how many numbers a layer gives, and what they are called."""
CLASSIFYING = ("cross-entropy", "nll")
OTHER_DATA = "Choose other data…"
NOTHING = "There are no weights here that could learn: add a layer such as Linear."


def misfit(
    built: Built, catalogue: Catalogue, data: Prepared, network: Network | None = None, *, keeps: bool = False
) -> Problem | None:
    """Why this data cannot be fed to this network, None where it can. Several inputs are the trainer's to refuse.

    Of the edits that change the input only those are offered after which `network`, as it is drawn, can still be built,
    and with `keeps`, where it begins with weights from elsewhere, has weights of the same shapes. Other data can be
    chosen always.
    """
    if len(built.shapes) != 1:
        return None
    taken, node = built.shapes[0], built.network.nodes[built.inputs[0]]
    message = misfit_of(data.shape, taken.dims)
    if not message:
        return None
    drawn, _, inside = node.id.partition("/")
    floats = taken.dtype.startswith("float") and not inside
    fixes = _fixes(node.id, node.kind, tuple(data.shape), catalogue) if floats else ()
    if network is not None and fixes:
        keeps = keeps or SECTION in network.settings
        fixes = tuple(fix for fix in fixes if sound(fix.edit, network, catalogue, keeps=keeps))
    if not taken.dtype.startswith("float"):
        has = "×".join(map(str, data.shape)) or "1"
        message = f"The samples are {has}, but the network takes {wanted_of(taken)}: choose data of that form."
    return Problem(drawn, "warning", message, fixes=(*fixes, Fix(OTHER_DATA, Attend(drawn, "data", OTHER_DATA))))


def wanted_of(taken: Shape) -> str:
    """What an input of whole numbers wants, in words."""
    if len(taken.dims) == 1:
        return f"text of {taken.dims[0]:,} tokens"
    return f"{'×'.join(map(str, taken.dims)) or 'single'} numbers of {taken.dtype}"


def sound(edit: Edit, network: Network, catalogue: Catalogue, *, keeps: bool) -> bool:
    """Whether a network can still be built after an edit, and `keeps` the shapes of all its weights.

    Shapes are derived for that twice, as after an edit: not for the thread of a window.
    """
    from graphs.inference.shapes import Inference

    inference = Inference(catalogue)
    try:
        after = inference.analyse(edit.apply(network)[0])
    except EditError:
        return False
    if not after.buildable or not keeps:
        return after.buildable
    before = inference.analyse(network)
    return _weights(before) == _weights(after)


def _weights(analysis: Analysis) -> dict[str, object]:
    return {id: facts.weights for id, facts in analysis.core.facts.items() if facts.weights}


def _fixes(node: str, kind: str, shape: tuple[int, ...], catalogue: Catalogue) -> tuple[Fix, ...]:
    wanted = next((name for name, fields in FIELDS.items() if len(fields) == len(shape)), "")
    if wanted not in catalogue.kinds:
        return ()
    label = f"Make the input {'×'.join(map(str, shape))}"
    sizes: Edit = SetFields(node, dict(zip(FIELDS[wanted], shape, strict=True)))
    return (Fix(label, sizes if kind == wanted else Batch((Become(node, wanted, label), sizes), label)),)


def answers_of(data: Prepared) -> int | None:
    """How many numbers a network gives for this data, one for each class or number to predict; None where they have
    several axes."""
    if data.task == "classification":
        return len(data.classes)
    shape = tuple(data.train.targets.shape[1:])
    return int(shape[0]) if len(shape) == 1 else None


def unable(analysis: Analysis, catalogue: Catalogue, data: Prepared, recipe: Recipe) -> Problem | None:
    """Why a network that compiles cannot learn this data by this recipe, None where it can.

    It stands on the last layer that says how many numbers come out, else on the output.
    """
    core, kinds = analysis.core, catalogue.kinds
    nodes = core.network.nodes
    ends = [node for node in core.order if nodes[node].kind in kinds and kinds[nodes[node].kind].is_output]
    shapes = [tuple(shape.dims) for end in ends if (shape := core.facts[end].inputs[0]) is not None]
    message = next(output_problems(recipe, shapes, data), "" if analysis.parameters else NOTHING)
    if not message or not analysis.buildable:
        return None
    if len(ends) != 1 or len(shapes) != 1:
        return Problem("", "warning", message)
    if data.task != "classification" and recipe.loss in CLASSIFYING:
        settings = {**(analysis.network.settings.get("recipe") or {}), "loss": "mse"}
        return Problem("", "warning", message, fixes=(Fix("Choose mse as the loss", SetSetting("recipe", settings)),))
    return _outputs(analysis, catalogue, message, ends[0], answers_of(data))


def _outputs(analysis: Analysis, catalogue: Catalogue, message: str, end: str, wanted: int | None) -> Problem:
    core, drawn = analysis.core, analysis.network.nodes
    shape = core.facts[end].inputs[0]
    sized = wanted is not None and shape is not None and len(shape.dims) == 1 and message != NOTHING
    found = last_with_units(core, catalogue, end) if sized else None
    place, inside = (found[0] if found else end).partition("/")[::2]
    if found and wanted is not None and not inside and place in drawn:
        node, option = drawn[place], found[1]
        label = f"Give {node.title} {wanted:,} {UNITS[option][: -1 if wanted == 1 else None]}"
        fixes = (Fix(label, SetFields(place, {option: wanted})),)
        return Problem(place, "warning", f"{node.title}: {message}", fixes=fixes)
    target = next((wire.target for wire in analysis.network.incoming(end)), None)
    added = _added(core, catalogue, end, target, wanted) if target is not None and wanted is not None else ()
    return Problem(place if place in drawn else "", "warning", message, fixes=added)


def _added(core: Analysis, catalogue: Catalogue, end: str, target: End, wanted: int) -> tuple[Fix, ...]:
    """A layer with the right number of units before the output, behind Flatten where there are several axes."""
    shape = core.facts[end].inputs[0]
    if not {"Flatten", "Linear"} <= catalogue.kinds.keys() or shape is None or not shape.dtype.startswith("float"):
        return ()
    flat, linear = (catalogue.kinds[kind].stem for kind in ("Flatten", "Linear"))
    several = len(shape.dims) != 1
    label = f"Insert {'Flatten and ' * several}Linear with {wanted:,} unit{'' if wanted == 1 else 's'}"
    units = AddLayer("Linear", linear, label, before=target, fields={"out_features": wanted})
    edits: tuple[Edit, ...] = (AddLayer("Flatten", flat, label, before=target), units) if several else (units,)
    return (Fix(label, Batch(edits, label) if several else units),)


def last_with_units(core: Analysis, catalogue: Catalogue, end: str) -> tuple[str, str] | None:
    """The layer of the plain network that decides how many numbers an output gets, and its option that says so.

    Layers that keep their number are passed over; where several ways come together there is none.
    """
    facts, network = core.facts, core.network
    wires = network.incoming(end)
    while len(wires) == 1:
        node = wires[0].source.node
        layer, shape = catalogue.layer(network.nodes[node]), facts[node].outputs[0]
        option = next((name for name in UNITS if name in type(layer).model_fields), None)
        if option is not None:
            axis = -1 if option == "out_features" else 0
            said = getattr(layer, option)
            return (node, option) if shape.dims and shape.dims[axis] == said else None
        fed = facts[node].inputs
        if not fed or fed[0] is None or not fed[0].dims or not shape.dims or fed[0].dims[0] != shape.dims[0]:
            return None
        wires = network.incoming(node)
    return None
