"""Whether a wire would fit, and what would come of it: for the words at the pointer while it is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphs.edits import Batch, Connect, Disconnect
from graphs.inference.problems import Fix, Problem
from graphs.layers.base import Layer, Shape
from graphs.layers.blocks import BlockUse
from graphs.meaning.scopes import inner_names
from graphs.network import Block, End, Wire
from widgets.editor.blockfit import computes, takes_shape
from widgets.editor.mirror.item import Socket
from widgets.editor.mirror.scene import Scene
from widgets.editor.verbs.editing import layer_of

if TYPE_CHECKING:
    from graphs.inference.shapes import Inference


class Verdict(NamedTuple):
    """`fits`: the shapes agree. `allowed`: it can be wired at all, though it may need a fix."""

    fits: bool
    allowed: bool
    text: str
    problem: Problem | None = None
    short: str = ""
    """What stands at the port itself: the shape that the wire would give, or what is missing, in a word or two."""


class Judge:
    """Judges the wires that one gesture can make; each pair of ports once."""

    def __init__(self, scene: Scene, inference: Inference | None) -> None:
        self._scene, self._inference = scene, inference
        self._known: dict[tuple[End, End], Verdict] = {}
        self._above: dict[str, set[str]] = {}

    def known(self, source: Socket, target: Socket) -> Verdict | None:
        """The verdict where it was given already."""
        return self._known.get((source.end, target.end))

    def verdict(self, source: Socket, target: Socket) -> Verdict:
        """What a wire between an output and an input port would do."""
        key = (source.end, target.end)
        if key not in self._known:
            self._known[key] = self._plain(source, target) or self._shapes(source.end, target.end)
        return self._known[key]

    def _plain(self, source: Socket, target: Socket) -> Verdict | None:
        """What needs no shapes: loops and values of the wrong sort."""
        if source.end.node == target.end.node:
            return Verdict(False, False, "A layer can't feed itself", short="itself")
        if target.end.node in self._upstream(source.end.node):
            return Verdict(False, False, "This would make a loop", self._loop(source.end, target.end), "a loop")
        gives, takes = source.port.accepts, target.port.accepts
        if "any" not in (gives, takes) and gives != takes:
            verdict = self._shapes(source.end, target.end)
            mends = verdict.problem is not None and bool(verdict.problem.fixes)
            return Verdict(False, mends, _sorts(gives, takes), verdict.problem, f"needs {_SORTS.get(takes, takes)}")
        return None

    def _loop(self, source: End, target: End) -> Problem:
        """A loop, mended by cutting what leads from the target back to the source."""
        network = self._scene.network
        beyond = network.downstream({target.node}) | {target.node}
        back = [wire for wire in network.incoming(source.node) if wire.source.node in beyond]
        titles = {network.nodes[wire.source.node].title: None for wire in back}
        label = f"Cut the wire from {' and '.join(titles)} to {network.nodes[source.node].title} instead"
        edit = Batch((Disconnect(tuple(wire.target for wire in back)), Connect((Wire(source, target),))), label)
        return Problem(target.node, "error", "This would make a loop", fixes=(Fix(label, edit),))

    def _upstream(self, node: str) -> set[str]:
        if node not in self._above:
            self._above[node] = self._scene.network.upstream({node})
        return self._above[node]

    def _shapes(self, source: End, target: End) -> Verdict:
        analysis = self._scene.analysis
        if self._inference is None or analysis is None:
            return Verdict(True, True, "")
        outcome = self._inference.try_wire(self._scene.network, analysis, Wire(source, target))
        if isinstance(outcome, Shape):
            return Verdict(True, True, str(outcome), short=str(outcome))
        if outcome.severity == "warning":  # nothing speaks against it, only its shape is not known yet
            return Verdict(True, True, "")
        return Verdict(
            False, True, problem_text(outcome), outcome, f"needs {outcome.expected}" * bool(outcome.expected)
        )

    def kind_fits(self, kind: type[Layer], from_socket: Socket) -> bool:
        """Whether a new layer of this kind, with its defaults, could stand at the loose end of a wire."""
        layer = kind()
        ports = layer.inputs() if from_socket.output else layer.outputs()
        if not ports:
            return False
        gives, takes = from_socket.port.accepts, ports[0].accepts
        if "any" not in (gives, takes) and gives != takes:
            return False
        shape = self.shape_at(from_socket.end) if from_socket.output else None
        if shape is None or len(ports) > 1:
            return True
        if isinstance(layer, BlockUse):
            return self._block_fits(layer.block, shape)
        return layer.fault((shape,)) is None

    def _block_fits(self, block: Block, shape: Shape) -> bool:
        """Whether a block takes this shape: its first layers by what they say of themselves, then, where it is a block
        of the project, everything inside by what it computes."""
        scene = self._scene
        names = inner_names(block, scene.catalogue.names, {})[0]
        if not takes_shape(block, scene.network.blocks, scene.catalogue, names, shape):
            return False
        if self._inference is None or scene.network.blocks.get(block.id) is not block:
            return True
        return computes(self._inference, scene.network, block, shape)

    def shape_at(self, source: End) -> Shape | None:
        """What an output port gives, as far as it is known."""
        analysis = self._scene.analysis
        node = self._scene.network.nodes.get(source.node)
        if analysis is not None and (shape := analysis.output_shape(source)):
            return shape
        layer = layer_of(self._scene.catalogue, node) if node else None
        own = getattr(layer, "shape", None)
        return own() if callable(own) and layer is not None and layer.source_only else None


_SORTS = {"tokens": "tokens", "float": "numbers"}


def _sorts(gives: str, takes: str) -> str:
    words = {"tokens": "tokens (whole numbers)", "float": "numbers with a point"}
    return f"Gives {words.get(gives, gives)}, but {words.get(takes, takes)} are needed"


def problem_text(problem: Problem) -> str:
    """A problem as one or two lines: what is wrong, then expected and received."""
    lines = [problem.message]
    if problem.expected:
        lines.append(f"Expected {problem.expected}")
    if problem.received:
        lines.append(f"Received {problem.received}")
    return "\n".join(lines)
