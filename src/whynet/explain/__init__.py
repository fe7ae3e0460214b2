"""Why a net answers as it does: always against a rival, in numbers that add up.

contrast.py      the question: why class a and not b?
why/             the answer in seven parts; `why` is what most people call
evidence.py      what each pixel contributes, on the way from the rival to the picture
counterfactual/  what would have made it a b? And the morph, picture by picture
donors.py        whose strokes it borrows, and the readers that judge it
attribution/     the standard attributions, one method a file
neurons/         what a unit looks for, and what happens without it
similar.py       the nearest examples, by what the net makes of them
proof/           the strongest evidence taken away first
animations/      a sliding filter, a morph and the evidence, in motion
paths.py         integrals along a path, refined until they add up
passes.py        the one place where explanations run a net; span.py lends its plans
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
from whynet.explain.counterfactual import Counterfactual, Morph, counterfactual, morph
from whynet.explain.donors import Donors
from whynet.explain.evidence import Evidence, evidence
from whynet.explain.proof import Proof, proof
from whynet.explain.similar import Neighbours, Similar, similar
from whynet.explain.why import Why, why

__all__ = [
    "Attribution",
    "Contrast",
    "Counterfactual",
    "Donors",
    "Evidence",
    "Morph",
    "Neighbours",
    "Proof",
    "Similar",
    "Why",
    "conductances",
    "counterfactual",
    "evidence",
    "grad_cam",
    "gradient_times_input",
    "integrated_gradients",
    "layer_conductance",
    "morph",
    "occlusion",
    "proof",
    "saliency",
    "similar",
    "smoothgrad",
    "why",
]
