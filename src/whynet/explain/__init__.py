"""Why a net answers as it does: always against a rival, in numbers that add up.

contrast.py   the question: why class a and not b?
attribution/  the standard attributions, one method a file
paths.py      integrals along a path, refined until they add up
passes.py     the one place where explanations run a net
"""

from whynet.explain.attribution import (
    Attribution,
    conductances,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    layer_conductance,
    occlusion,
    saliency,
    smoothgrad,
)
from whynet.explain.contrast import Contrast

__all__ = [
    "Attribution",
    "Contrast",
    "conductances",
    "grad_cam",
    "gradient_times_input",
    "integrated_gradients",
    "layer_conductance",
    "occlusion",
    "saliency",
    "smoothgrad",
]
