"""What a unit looks for: its weights, what excites it, and what happens without it.

fields.py        which pixels a unit sees
weights.py       weights as pictures
patches.py       the pictures that excite a unit most
maximisation.py  a picture made to excite a unit
ablation.py      what changes when units are switched off
health.py        units that are dead or saturated
span.py          how all of these run the net; asked.py how they read a request
"""

from whynet.explain.neurons.ablation import Ablation, ablate, ablate_each
from whynet.explain.neurons.fields import Field, receptive_field
from whynet.explain.neurons.health import Health, unit_health
from whynet.explain.neurons.maximisation import Synthesised, activation_maximisation
from whynet.explain.neurons.patches import Patches, exciting_patches
from whynet.explain.neurons.weights import weights_as_pictures

__all__ = [
    "Ablation",
    "Field",
    "Health",
    "Patches",
    "Synthesised",
    "ablate",
    "ablate_each",
    "activation_maximisation",
    "exciting_patches",
    "receptive_field",
    "unit_health",
    "weights_as_pictures",
]
