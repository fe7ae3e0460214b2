"""One digit of a page in the form that nets for digits were trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.errors import DataFormatError
from whynet.handwriting.digit import prepare
from whynet.handwriting.pages.parts import Part

Floats = NDArray[np.float32]

_EDGE = 2
"""Pixels around what counts as ink over which strokes fade."""


def crop(
    part: Part, ink: Floats, labels: NDArray[np.int32], size: tuple[int, int] = (28, 28)
) -> NDArray[np.uint8] | None:
    """Cut a digit out, without its neighbours and with the soft edges of its strokes.

    Args:
        part: the digit.
        ink: (h, w), of the whole page, without rules.
        labels: of the `Marks` that the part is made of.
        size: height and width of the result.

    Returns:
        uint8, (*size, 1), as `whynet.handwriting.prepare` makes it; None if nothing can be seen.
    """
    from scipy import ndimage

    top, left, bottom, right = part.box
    first, start = max(top - _EDGE, 0), max(left - _EDGE, 0)
    window = slice(first, bottom + _EDGE), slice(start, right + _EDGE)
    own = np.zeros_like(labels[window], bool)
    own[top - first : bottom - first, left - start : right - start] = part.mask(labels)
    near = ndimage.binary_dilation(own, np.ones((3, 3), bool), iterations=_EDGE)
    near &= own | (labels[window] == 0)
    around = ink[window]
    # The mean weighed by itself: what the strokes are, and not their edges.
    level = float(np.square(around[own]).sum() / max(float(around[own].sum()), 1e-6))
    soft = np.clip(around / max(level, 1e-3), 0, 1) * near
    levels = np.rint(np.pad(soft, max(soft.shape) // 2 + 2) * 255).astype(np.uint8)
    try:
        return prepare(levels[..., None], size)
    except DataFormatError:
        return None
