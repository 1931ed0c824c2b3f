from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from studio.inspection import adversarial, boundary, confusion, saliency
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.probe import Probe


def spoil(probe: Probe) -> None:
    with torch.no_grad():
        next(probe.module.parameters()).fill_(torch.nan)


@pytest.mark.parametrize("module", [saliency, adversarial, confusion])
def test_weights_that_are_no_numbers_are_said_in_one_sentence(probe: Probe, module: Any) -> None:
    options = getattr(module, f"{module.__name__.rsplit('.')[-1].capitalize()}Options")()
    module.analyse(probe, options, quiet)
    spoil(probe)
    with pytest.raises(InspectionFault, match="not finite"):
        module.analyse(probe, options, quiet)


def test_decision_regions_too(probe_of: Callable[..., Probe], plane: Any) -> None:
    plane_probe = probe_of(plane, "moons")
    spoil(plane_probe)
    with pytest.raises(InspectionFault, match="not finite"):
        boundary.analyse(plane_probe, boundary.BoundaryOptions(), quiet)
