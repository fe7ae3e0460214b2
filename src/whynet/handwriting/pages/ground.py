"""The paper under its light: what a page would show without ink, and ink as what is missing.

Light comes in by multiplication, so it is divided out: ink = 1 − grey / ground. The ground is the
brighter part of each small block of the picture; blocks that ink fills are guessed from those
around them. Everything here is the same for a page and its negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.data.pictures import grey as grey_levels

Floats = NDArray[np.float32]

LONGER = 1600
"""Pixels on the longer side of what is looked at: enough for the thinnest pens on a whole page."""

_BLOCKS = 160
"""Blocks along the longer side: finer than shadows, coarser than most pens."""

_LIGHTER = 0.6
"""Of a block's pixels so many may be ink or rules before its ground gets too dark."""

_BLACK, _WIDE = 0.42, 41
"""A block darker than this part of the lightest one so near is ink, however wide: no shadow is."""

_DARKER, _NARROW = 0.92, 7
"""A block darker than this part of those around it is ink if it is narrower than so many blocks."""


@dataclass(frozen=True)
class Ground:
    """A page without its light.

    Attributes:
        grey: (h, w), 0 to 255, dark on light: the page, shrunk, and turned over if need be.
        paper: (h, w): the grey that the page would have without ink.
        ink: (h, w): the share of light that is missing; noise around 0 where there is none.
        turned: whether the page was light on dark.
        scale: pixels of the picture for one pixel here, at least 1.
    """

    grey: Floats
    paper: Floats
    ink: Floats
    turned: bool
    scale: float


def find_ground(picture: NDArray[np.uint8]) -> Ground:
    """Tell the paper from what is on it.

    Args:
        picture: uint8, (h, w, 1 or 3).
    """
    grey, scale = _shrunk(picture)
    turned = _is_light_on_dark(grey)
    if turned:
        grey = 255 - grey
    paper = _paper(grey)
    return Ground(grey, paper, 1 - grey / paper, turned, scale)


def _shrunk(picture: NDArray[np.uint8]) -> tuple[Floats, float]:
    """Return grey levels and by how much they are shrunk, areas averaged."""
    from PIL import Image

    scale = max(1.0, max(picture.shape[:2]) / LONGER)
    if scale > 1:
        height, width = (max(1, round(side / scale)) for side in picture.shape[:2])
        image = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
        picture = np.asarray(image.resize((width, height), Image.Resampling.BOX))
        picture = picture.reshape(height, width, -1)
    return grey_levels(picture), scale


def _is_light_on_dark(grey: Floats) -> bool:
    """Judge by which side of the ground the strongest marks lie on."""
    from scipy import ndimage

    small = grey[:: max(1, max(grey.shape) // 800), :: max(1, max(grey.shape) // 800)]
    wide = ndimage.median_filter(_blocks(small, 50), 5, mode="nearest")
    marks = small - _spread(wide, small.shape)
    noise = 1.48 * float(np.median(np.abs(marks))) + 1
    tails = [float(np.square(np.maximum(side - 4 * noise, 0)).sum()) for side in (marks, -marks)]
    if max(tails) == 0:
        return bool(np.median(grey) < 127.5)
    return tails[0] > tails[1]


def _paper(grey: Floats) -> Floats:
    from scipy import ndimage

    blocks = _blocks(grey, _BLOCKS)
    lightest = ndimage.maximum_filter(ndimage.median_filter(blocks, 3), _WIDE, mode="nearest")
    inked = ndimage.binary_dilation(blocks < _BLACK * lightest)
    if inked.any() and not inked.all():
        nearest = ndimage.distance_transform_edt(inked, return_distances=False, return_indices=True)
        blocks = blocks[tuple(nearest)]
    # What is narrow and dark is a pen's, what is wide a shadow: closing fills the one alone.
    closed = ndimage.grey_closing(blocks, (_NARROW, _NARROW), mode="nearest")
    blocks = np.where(blocks < _DARKER * closed, closed, blocks)
    # A median keeps the edges of shadows where they are.
    blocks = ndimage.median_filter(blocks, 3, mode="nearest")
    blocks = ndimage.gaussian_filter(blocks, 0.5, mode="nearest")
    return np.maximum(_spread(blocks, grey.shape), 1)


def _blocks(grey: Floats, along: int) -> Floats:
    """Return the ground of each block, ``along`` of them on the longer side."""
    side = max(1, round(max(grey.shape) / along))
    rows, columns = (-(-extent // side) for extent in grey.shape)
    pad = [
        (0, count * side - extent)
        for count, extent in zip((rows, columns), grey.shape, strict=True)
    ]
    tiles = np.pad(grey, pad, mode="edge").reshape(rows, side, columns, side)
    pixels = tiles.transpose(0, 2, 1, 3).reshape(rows, columns, side * side)
    rank = round(_LIGHTER * (side * side - 1))
    lighter: Floats = np.partition(pixels, rank, axis=2)[..., rank]
    return lighter


def _spread(blocks: Floats, shape: tuple[int, ...]) -> Floats:
    """Go smoothly from block to block, back to (h, w)."""
    from PIL import Image

    side = max(1, round(max(shape) / max(blocks.shape)))
    while -(-max(shape) // side) > max(blocks.shape):
        side += 1
    image = Image.fromarray(np.ascontiguousarray(blocks, np.float32))
    size = blocks.shape[1] * side, blocks.shape[0] * side
    wide = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    return wide[: shape[0], : shape[1]]
