"""Ink: from the positions of the pen to grey pixels in MNIST's frame.

The pen is a disc. How far a pixel lies from the ink's edge is, at pen position p with radius r,

    |pixel - p| - r  ~  (|pixel - p|² - r²) / 2r,

which is exact at the edge, where it matters. The right side is a part in x plus a part in y:

    s(x, y) = min over p of  A(p, x) + B(p, y)

So the nearest of all positions costs an addition and a minimum for each pixel, in 16-bit integers,
and the true distance is taken once, of the least s. Strokes come for free: the image is the
brightest of its strokes, pixel by pixel.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Images = NDArray[np.uint8]

BOX = 20  # the ink's longer side, in pixels
SIDE = 28  # the picture's side, in pixels
_FINE = 256  # steps of the integers to a pixel
_FAR = 60.0  # pixels: no need to tell greater distances apart; two of them fit 16 bits
_BATCH = 250  # images at a time, so that the work stays in the processor's cache


def fit_box(dots: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Scale the ink to a box of 20 by 20 pixels, keeping its proportions, and put it in the middle.

    Args:
        dots: (n, 2, dots), the pen's positions, in any unit.
        radius: (n, dots), half the pen's width in pixels of the result, as far as possible.

    Returns:
        Positions and radii in pixels. Position (0, 0) is the box's upper left corner.
    """
    extent = np.ptp(dots, axis=2).max(axis=1)
    thick = radius.mean(axis=1)
    # The pen in the unit of the positions, so that one scale fits both into the box.
    unit = (extent / (BOX - 2 * thick))[:, None]
    reach = (radius * unit)[:, None, :]
    low = (dots - reach).min(axis=2)
    high = (dots + reach).max(axis=2)
    scale = BOX / (high - low).max(axis=1)
    middle = (low + high) / 2
    placed = (dots - middle[:, :, None]) * scale[:, None, None] + np.float32(BOX / 2)
    return placed, radius * unit * scale[:, None]


def ink(
    dots: Floats,
    radius: Floats,
    edge: Floats,
    gamma: Floats,
    only: NDArray[np.bool_] | None = None,
) -> Images:
    """Ink boxes of 20 by 20 pixels.

    Args:
        dots: (n, 2, dots), in pixels from the box's upper left corner.
        radius: (n, dots), in pixels.
        edge: (n,), the width in pixels over which ink fades at its edge.
        gamma: (n,), the exponent of the fading.
        only: (n, dots), where the pen touches the paper; None for everywhere.

    Returns:
        uint8, (n, 20, 20), 255 where the ink is full.
    """
    boxes = np.empty((len(dots), BOX, BOX), np.uint8)
    for start in range(0, len(dots), _BATCH):
        part = slice(start, start + _BATCH)
        nearest = _nearest(dots[part], radius[part], None if only is None else only[part])
        thick = radius[part].mean(axis=1)
        boxes[part] = np.moveaxis(_fade(nearest, thick, edge[part], gamma[part]), 2, 0)
    return boxes


def _nearest(dots: Floats, radius: Floats, only: NDArray[np.bool_] | None) -> NDArray[np.int16]:
    """Return the least s over the pen's positions: (20, 20, n), in steps of 1/256 pixel.

    The batch is the last axis, so that the innermost loops are long and contiguous.
    """
    pixel = (np.arange(BOX, dtype=np.float32) + np.float32(0.5))[:, None]
    r = np.ascontiguousarray(radius.T)[:, None, :]
    halved = np.float32(0.5 * _FINE) / r
    sides = []
    for axis in (0, 1):
        part = pixel - np.ascontiguousarray(dots[:, axis].T)[:, None, :]
        part *= part
        part *= halved
        np.minimum(part, np.float32(_FAR * _FINE), out=part)
        sides.append(part)
    sides[0] -= r * np.float32(0.5 * _FINE)
    if only is not None:
        np.copyto(sides[0], np.float32(_FAR * _FINE), where=~only.T[:, None, :])
    across, down = (side.astype(np.int16) for side in sides)

    least: NDArray[np.int16] = np.add(down[0][:, None], across[0][None])
    here = np.empty_like(least)
    for a, d in zip(across[1:], down[1:], strict=True):
        np.add(d[:, None], a[None], out=here)
        np.minimum(least, here, out=least)
    return least


def _fade(least: NDArray[np.int16], thick: Floats, edge: Floats, gamma: Floats) -> Images:
    """Turn the least s of every pixel into ink, darkest within the edge and fading across it."""
    s = least * np.float32(1 / _FINE)
    s *= 2 * thick
    s += thick * thick
    np.sqrt(np.maximum(s, 0, out=s), out=s)
    s -= thick
    s /= -edge
    s += np.float32(0.5)
    np.clip(s, 0, 1, out=s)
    s *= s * (3 - 2 * s)
    np.power(s, gamma, out=s)
    s *= 255
    s += np.float32(0.5)
    return s.astype(np.uint8)


def centring(boxes: Images) -> NDArray[np.int64]:
    """Return where to place boxes so that the ink's centre of mass lies on the picture's.

    Args:
        boxes: uint8, (n, 20, 20).

    Returns:
        (n, 2): the row and column of the box's first pixel in the picture. Whole pixels, as in
        MNIST, whose centre of mass is row 14, column 14, counted from 0.
    """
    places = np.arange(BOX)
    down, across = boxes.sum(axis=2, dtype=np.int64), boxes.sum(axis=1, dtype=np.int64)
    total = np.maximum(down.sum(axis=1), 1)
    row, column = down @ places / total, across @ places / total
    first = np.rint(SIDE / 2 - np.stack([row, column], axis=1)).astype(np.int64)
    return np.clip(first, 0, SIDE - BOX)


def place(boxes: Images, first: NDArray[np.int64]) -> Images:
    """Return pictures, uint8 (n, 28, 28), with each box laid where ``first`` (n, 2) says."""
    pictures = np.zeros((len(boxes), SIDE, SIDE), np.uint8)
    windows = sliding_window_view(pictures, (BOX, BOX), axis=(1, 2), writeable=True)
    windows[np.arange(len(boxes)), first[:, 0], first[:, 1]] = boxes
    return pictures
