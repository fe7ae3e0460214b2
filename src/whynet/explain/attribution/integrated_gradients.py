"""Integrated gradients: the margin's change along a straight path, shared out over pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import Contrast
from whynet.explain.paths import MOST, TOLERANCE, baseline_images, integrate, nodes
from whynet.ops.arrays import Array
from whynet.options import whole


def integrated_gradients(
    contrast: Contrast,
    baseline: float | NDArray[Any] | None = None,
    *,
    rule: str = "adaptive",
    steps: int = 50,
    tolerance: float = TOLERANCE,
    max_evaluations: int = MOST,
) -> Attribution:
    """Return (x − x') · ∫ ∂m/∂x along the path from x' (Sundararajan, Taly & Yan 2017).

    Values (n, h, w, c). **Promise: they add up to m(x) − m(x')**, the closer the more evaluations;
    the adaptive rule goes on until they do, up to ``tolerance``; see `whynet.explain.paths`.

    Args:
        contrast: what is asked.
        baseline: x', a picture or one for each image; a number for a uniform one; None for black.
        rule: "adaptive", or a rule of fixed steps, one of `paths.RULES`.
        steps: of a rule of fixed steps.
        tolerance: of the adaptive rule: how large a residual may be, as a share of the margin's
            change.
        max_evaluations: of the adaptive rule, for each image: where it gives up.

    Raises:
        ConfigError, ShapeError: an option or a baseline makes no sense.
    """
    start = baseline_images(contrast, baseline)
    if rule == "adaptive":
        found = integrate(contrast, start, (0,), tolerance=tolerance, most=max_evaluations)
        values = found.contributions[0].astype(contrast.net.dtype)
        changes, evaluations = found.changes, found.evaluations
        margin = contrast.margins()
    else:
        values = _fixed(contrast, start, rule, steps)
        margin = contrast.margins()
        changes = margin.astype(np.float64) - contrast.margins(start)
        evaluations = np.full(len(contrast), whole(steps, "steps"))
    return Attribution(
        method="integrated_gradients",
        values=values,
        margin=margin,
        expected=changes,
        promises_completeness=True,
        evaluations=evaluations,
    )


def _fixed(contrast: Contrast, baseline: Array, rule: str, steps: int) -> Array:
    places, weights = nodes(rule, steps)
    dtype = contrast.net.dtype
    ones = [1] * len(contrast.net.input_shape)

    def run(part: slice) -> Array:
        image = part.start
        start, way = baseline[image], contrast.images[image] - baseline[image]
        mean = np.zeros(way.shape)
        for first in range(0, steps, contrast.block):
            at = places[first : first + contrast.block].astype(dtype)
            x = start + at.reshape(-1, *ones) * way
            found = contrast.run(x, np.full(len(at), image), (0,))
            mean += np.tensordot(weights[first : first + len(at)], found.gradients[0], 1)
        values: Array = (mean * way).astype(dtype)
        return values

    return np.stack(contrast.share_out(run, 1))
