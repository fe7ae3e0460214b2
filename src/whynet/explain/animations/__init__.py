"""Animations for slides: what a filter does, how an answer flips, how evidence adds up.

filter_sliding.py         a filter slides over a picture and fills its feature map
morphing.py               from a picture to its counterfactual, and where the answer flips
evidence_accumulating.py  the evidence map as it comes together along its path
baseline.py               where the evidence begins
sliding.py                the numbers of a filter at every place
panels.py                 its upper half: what it slides over, and its map
products.py               its lower half: patch × filter, and the sum
scene.py                  two pictures above a chart
curve.py                  a chart whose curves grow
stage.py                  frames in the making
"""

from whynet.explain.animations.evidence_accumulating import evidence_accumulating
from whynet.explain.animations.filter_sliding import filter_sliding
from whynet.explain.animations.morphing import morphing

__all__ = ["evidence_accumulating", "filter_sliding", "morphing"]
