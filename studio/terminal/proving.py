"""The verb `prove`: every layer as PyTorch computes it beside what onnxruntime computes there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.project import ProjectFault
from studio.terminal import speech as terminal
from studio.terminal import trust_option as trusting
from studio.terminal.trust_option import Trust

if TYPE_CHECKING:
    from graphs.exchange.proving.verdicts import Proof
    from graphs.network import Network
    from studio.project import Project
    from studio.shipping.cargo import Cargo

NONE = " "
OPSETS = (18, 23)
STATES = {"agrees": "agrees", "follows": "differs as well", "begins": "here the two part"}


def prove(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="A .netloom file, or an example's name.")],
    weights: Annotated[Path | None, typer.Option(metavar="F", help="Trained weights (safetensors) to take.")] = None,
    opset: Annotated[
        int, typer.Option(metavar="N", min=OPSETS[0], max=OPSETS[1], help="The version of ONNX's operators.")
    ] = 20,
    file: Annotated[
        Path | None, typer.Option(metavar="F.onnx", help="A model that was written here, in place of a new one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar=NONE, help="Write JSON instead of a table.")] = False,
    trust: Trust = False,
) -> None:
    """Compare every layer with onnxruntime; exit with 1 if the two part anywhere."""
    opened = trusting.opened(project, trust)
    cargo, found = _proven(opened, weights, opset, file)
    network = cargo.built.network
    if as_json:
        terminal.write_json(_told(cargo, found))
    else:
        terminal.table(("layer", "kind", "difference", "of the largest", ""), _rows(network, found), right=(2, 3))
        worst = found.verdicts[found.worst].share if found.worst else 0.0
        terminal.say(f"\n{cargo.weights}; opset {found.opset}; {found.samples} samples")
        if found.first is None:
            terminal.say(
                f"All {len(found.verdicts):,} layers agree: they differ by at most {worst:.1e} of their values."
            )
    if found.first is not None:
        raise ProjectFault(f"PyTorch and onnxruntime part in {network.nodes[found.first].title}; all before it agrees.")


def _proven(opened: Project, weights: Path | None, opset: int, file: Path | None) -> tuple[Cargo, Proof]:
    """Raises BuildError, FileFault, ExportError."""
    from graphs.exchange.from_onnx.ours import MAX_BYTES
    from graphs.exchange.proving.proof import prove as compare
    from graphs.files.faults import read_bounded
    from studio.shipping.cargo import load

    data = read_bounded(file, MAX_BYTES) if file else None
    with terminal.building(opened.file), terminal.telling("proving") as report:
        cargo = load(opened, weights)
        found = compare(cargo.built, cargo.samples(2), opset, lambda share: report(share, ""), data=data)
    return cargo, found


def _rows(network: Network, found: Proof) -> list[tuple[str, str, str, str, str]]:
    return [
        (network.nodes[id].title, network.nodes[id].kind, f"{v.error:.1e}", f"{v.share:.1e}", STATES[v.state])
        for id, v in found.verdicts.items()
    ]


def _told(cargo: Cargo, found: Proof) -> dict[str, Any]:
    nodes = cargo.built.network.nodes
    layers = [{**row, "title": nodes[row["node"]].title, "kind": nodes[row["node"]].kind} for row in found.told()]
    return {
        "project": cargo.project.name,
        "weights": cargo.weights,
        "opset": found.opset,
        "samples": found.samples,
        "tolerance": found.tolerance,
        "agrees": found.first is None,
        "first": found.first,
        "worst": found.worst,
        "layers": layers,
    }
