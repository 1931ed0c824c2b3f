"""The views: one file per way of looking at a network, in the order in which they are offered."""

from widgets.views.activations import Activations
from widgets.views.adversarial import Adversarial
from widgets.views.base import View
from widgets.views.boundary import Boundary
from widgets.views.confusion import Confusion
from widgets.views.curves import Curves
from widgets.views.filters import Filters
from widgets.views.gradients import Gradients
from widgets.views.projection import Projection
from widgets.views.saliency import Saliency

VIEWS: tuple[type[View], ...] = (
    Curves,
    Activations,
    Filters,
    Gradients,
    Projection,
    Saliency,
    Adversarial,
    Confusion,
    Boundary,
)

__all__ = ["VIEWS", "View"]
