"""Saliency: how strongly each pixel moves the margin."""

from __future__ import annotations

import numpy as np

from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import Contrast


def saliency(contrast: Contrast, *, absolute: bool = True) -> Attribution:
    """Return |∂m/∂x| (Simonyan, Vedaldi & Zisserman 2014, "Deep inside convolutional networks").

    Values (n, h, w, c). One pass for each picture; no sum is promised. The paper draws the largest
    of a pixel's channels: ``values.max(axis=3)``.

    Args:
        contrast: what is asked.
        absolute: whether signs are dropped, as in the paper.
    """
    values = contrast.gradients()
    return Attribution(
        method="saliency",
        values=np.abs(values) if absolute else values,
        margin=contrast.margins(),
        evaluations=np.ones(len(contrast), np.int64),
    )
