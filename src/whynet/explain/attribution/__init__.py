"""The standard attributions, one method a file, each named as its paper names it.

All of them ask a `Contrast` and return an `Attribution`; those that promise a sum say by how much
they miss it.
"""

from whynet.explain.attribution.conductance import conductances, layer_conductance
from whynet.explain.attribution.grad_cam import grad_cam
from whynet.explain.attribution.gradient_times_input import gradient_times_input
from whynet.explain.attribution.integrated_gradients import integrated_gradients
from whynet.explain.attribution.occlusion import occlusion
from whynet.explain.attribution.result import Attribution
from whynet.explain.attribution.saliency import saliency
from whynet.explain.attribution.smoothgrad import smoothgrad

__all__ = [
    "Attribution",
    "conductances",
    "grad_cam",
    "gradient_times_input",
    "integrated_gradients",
    "layer_conductance",
    "occlusion",
    "saliency",
    "smoothgrad",
]
