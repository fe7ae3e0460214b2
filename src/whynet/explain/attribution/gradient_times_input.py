"""Gradient × input: what each pixel contributes, if the net were linear."""

from __future__ import annotations

import numpy as np

from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import Contrast


def gradient_times_input(contrast: Contrast) -> Attribution:
    """Return x · ∂m/∂x (Shrikumar, Greenside, Shcherbina & Kundaje 2016, "Not just a black box").

    Values (n, h, w, c). For a linear net they add up to m(x) − m(0), exactly; for any other the
    residual says how far it is from one, and no sum is promised. Black pixels get 0 always: missing
    ink is never evidence.

    Args:
        contrast: what is asked.
    """
    margin = contrast.margins()
    black = contrast.margins(np.zeros_like(contrast.images))
    return Attribution(
        method="gradient_times_input",
        values=contrast.images * contrast.gradients(),
        margin=margin,
        expected=margin.astype(np.float64) - black,
        evaluations=np.full(len(contrast), 2),
    )
