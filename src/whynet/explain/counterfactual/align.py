"""Donors of the rival class, brought to lie on a picture: chosen, moved and bent.

A 4 that was written elsewhere in the frame, or a little wider, differs from a 9 along every stroke.
Moved by whole pixels and bent smoothly, the strokes that both share cover each other, and what is
left of the difference is what makes a 4 a 4. The bending is Thirion's demons (1998): every pixel
is pulled along the donor's gradient towards the picture's ink, and the pulls are smoothed so much
that strokes move as a whole and none can appear or vanish.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array

REACH = 3
"""Pixels by which a donor may be moved, each way."""

BLUR = 1.0
"""Standard deviation, in pixels, of the blur before pictures are compared."""

_ROUNDS = 25
_PULL = 2.0  # of the pulls' strength: more moves faster, and past the aim
_LOCAL, _STIFF = 1.5, 1.05  # blurs, in pixels, of each round's pulls and of the bending as a whole
_FURTHEST = 3.0  # pixels that any point may be bent away, each way


def blurred(pictures: Array, deviation: float = BLUR) -> Array:
    """Blur pictures (..., h, w) by a Gaussian, the standard deviation in pixels."""
    height, width = pictures.shape[-2:]
    result: Array = _bell(height, deviation) @ pictures @ _bell(width, deviation).T
    return result


@lru_cache(maxsize=32)
def _bell(side: int, deviation: float) -> Array:
    """What a line of pixels is multiplied with to be blurred, (side, side); rows add up to 1."""
    place = np.arange(side)
    bell = np.exp(-np.square(place[:, None] - place) / (2 * deviation**2))
    shares: Array = (bell / bell.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def moved(pictures: NDArray[Any], down: int, across: int) -> NDArray[Any]:
    """Move pictures (..., h, w) by whole pixels; black comes in, and what leaves is lost."""
    result = np.zeros_like(pictures)
    height, width = pictures.shape[-2:]
    rows, columns = _shared(height, down), _shared(width, across)
    result[..., rows[0], columns[0]] = pictures[..., rows[1], columns[1]]
    return result


def _shared(side: int, by: int) -> tuple[slice, slice]:
    """Where the part of a line that stays in sight goes to, and where it comes from."""
    return slice(max(by, 0), side + min(by, 0)), slice(max(-by, 0), side - max(by, 0))


def nearest(picture: Array, donors: Array, count: int) -> tuple[NDArray[np.int64], Array]:
    """Find the donors that, blurred and moved at best, are nearest to a picture.

    Args:
        picture: (h, w), ink from 0 to 1.
        donors: (n, h, w), the same.
        count: how many to find.

    Returns:
        Their numbers, nearest first, and the donors themselves, moved: (count, h, w).
    """
    reach = min(REACH, *(side // 4 for side in picture.shape))
    steps = [(d, a) for d in range(-reach, reach + 1) for a in range(-reach, reach + 1)]
    # The picture moved one way is compared in place of the donors moved the other way.
    views = blurred(np.stack([moved(picture, -d, -a) for d, a in steps])).reshape(len(steps), -1)
    flat = blurred(donors).reshape(len(donors), -1)
    far = np.square(flat).sum(axis=1)[:, None] + np.square(views).sum(axis=1) - 2 * flat @ views.T
    chosen = np.argsort(far.min(axis=1), kind="stable")[:count]
    ways = far[chosen].argmin(axis=1)
    there = [moved(donors[i], *steps[way]) for i, way in zip(chosen, ways, strict=True)]
    return chosen, np.stack(there)


def bent(picture: Array, donors: Array) -> Array:
    """Bend donors (k, h, w) smoothly towards a picture (h, w): ink from 0 to 1 throughout."""
    aim, soft = blurred(picture), blurred(donors)
    bend = np.zeros((2, *donors.shape), np.float32)
    slope = np.zeros_like(bend)
    for _ in range(_ROUNDS):
        now = _read(soft, bend)
        error = aim - now
        slope[0, :, 1:-1] = (now[:, 2:] - now[:, :-2]) / 2
        slope[1, :, :, 1:-1] = (now[:, :, 2:] - now[:, :, :-2]) / 2
        pull = error * slope
        pull /= np.square(slope).sum(axis=0) + np.square(error) / 2 + np.float32(1e-3)
        bend = blurred(bend + _PULL * blurred(pull, _LOCAL), _STIFF)
        np.clip(bend, -_FURTHEST, _FURTHEST, out=bend)
    return _read(donors, bend)


def _read(pictures: Array, bend: Array) -> Array:
    """Read each pixel of pictures (k, h, w) from a place (2, k, h, w) away, between four pixels."""
    count, height, width = pictures.shape
    frame = np.zeros((count, height + 2, width + 2), np.float32)
    frame[:, 1:-1, 1:-1] = pictures
    flat, line = frame.reshape(-1), width + 2
    down = np.clip(bend[0] + np.arange(1, height + 1, dtype=np.float32)[:, None], 0, height + 0.999)
    across = np.clip(bend[1] + np.arange(1, width + 1, dtype=np.float32), 0, width + 0.999)
    row, column = down.astype(np.int64), across.astype(np.int64)
    down, across = (down - row).astype(np.float32), (across - column).astype(np.float32)
    at = row * line + column + np.arange(count)[:, None, None] * frame[0].size
    upper = flat[at] + across * (flat[at + 1] - flat[at])
    lower = flat[at + line] + across * (flat[at + line + 1] - flat[at + line])
    result: Array = upper + down * (lower - upper)
    return result
