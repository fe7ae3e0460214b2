"""One digit in any picture, brought into the form of MNIST's.

MNIST's digits are bright ink on black, fitted into a box of 20 × 20 in a frame of 28 × 28, with
grey edges, their centre of mass in the middle. Nets that learnt from such digits misread anything
else, so every picture takes the same few steps:

1. grey, and shrunk if it is large;
2. `_ink`: the ground is what the rim shows; ink is what differs from it, on the side that differs
   more. The ground becomes 0 and the darkest ink 1, with soft edges;
3. refuse what shows no ink, or little else;
4. crop to the ink, and thicken a pen so thin that it would fade away;
5. average down so that the longer side fills the box;
6. paste with the centre of mass in the middle, by whole pixels.

A picture that has gone through this already is recognised and left as it is. Pages, shadows, rules
and several digits ask for more than this.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.data.pictures import grey as grey_levels
from whynet.data.pictures import rim
from whynet.errors import DataFormatError

Grey = NDArray[np.float32]
Picture = NDArray[np.uint8]

BOX = 20 / 28
"""The part of the frame's side that the digit's longer side fills."""

_LARGE = 560
"""Pixels on the longer side to begin with: 20 for each one of the result, and quick."""

_FAINTEST = 20.0
"""Grey levels between paper and ink below which there is nothing to read."""

_MOST_INK = 0.5
"""The share of a picture that one digit can cover at the most."""

_THIN, _THICK = 1.6, 4.6
"""Widths of a stroke, in pixels of the result, between which nearly all of MNIST's pens lie."""


def prepare(picture: Picture, size: tuple[int, int] = (28, 28)) -> Picture:
    """Bring a picture of one digit into the form that nets for digits were trained on.

    Args:
        picture: uint8, (h, w, 1) grey or (h, w, 3) RGB; dark on light or light on dark.
        size: height and width of the result.

    Returns:
        uint8, (*size, 1): bright ink on black. The same for a picture and its negative.

    Raises:
        DataFormatError: there is no ink in the picture, or almost nothing else; says which.
    """
    if picture.ndim != 3 or picture.shape[2] not in (1, 3) or 0 in picture.shape:
        raise DataFormatError(
            f"expected a picture of shape (height, width, 1 or 3), got {picture.shape}"
        )
    raw = grey_levels(picture)
    if raw.shape == size and (ready := _as_it_is(raw)) is not None:
        return ready
    ink = _ink(_shrunk(raw))
    ink = _cropped(ink)
    box = _into_box(_with_usual_pen(ink, size), size)
    return np.rint(_centred(box, size) * 255).astype(np.uint8)[..., None]


def is_prepared(picture: Picture) -> bool:
    """Whether a picture, uint8 (h, w, 1), is in MNIST's form: what `prepare` leaves as it is.

    That is: bright ink on pure black, its longer side filling the box (give or take a pixel), its
    centre of mass in the middle.
    """
    grey = grey_levels(picture)
    return not np.median(rim(grey)) and _as_it_is(grey) is not None


def _resampled(
    grey: Grey, height: int, width: int, part: tuple[float, float, float, float] | None = None
) -> Grey:
    """Resize all, or the part between (left, top, right, bottom).

    Averages over areas when it gets smaller, goes in between pixels when it gets larger.
    """
    from PIL import Image

    way = Image.Resampling.BOX
    if height > grey.shape[0] or width > grey.shape[1]:
        way = Image.Resampling.BILINEAR
    image = Image.fromarray(np.ascontiguousarray(grey, np.float32))
    return np.asarray(image.resize((width, height), way, part), np.float32)


def _shrunk(grey: Grey) -> Grey:
    longer = max(grey.shape)
    if longer <= _LARGE:
        return grey
    height, width = (max(1, round(side * _LARGE / longer)) for side in grey.shape)
    return _resampled(grey, height, width)


def _as_it_is(grey: Grey) -> Picture | None:
    """Return a picture that is in MNIST's form already, as bright on black; else None.

    So MNIST's own pictures lose nothing: a second fitting would blur them.
    """
    ground = float(np.median(rim(grey)))
    if ground not in (0.0, 255.0):
        return None
    ink = np.abs(grey - ground)
    box = [round(side * BOX) for side in grey.shape]
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    if not len(rows) or ink.max() < 200:
        return None
    sides = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    fills = [side - most for side, most in zip(sides, box, strict=True)]
    off = max(abs(at - side // 2) for at, side in zip(_centre(ink), grey.shape, strict=True))
    if -1 <= max(fills) <= 0 and off <= 0.75:
        ready: Picture = np.rint(ink).astype(np.uint8)[..., None]
        return ready
    return None


def _ink(grey: Grey) -> Grey:
    """Return how much ink lies on each pixel, 0 to 1.

    Raises:
        DataFormatError: none to speak of, or on half of all pixels.
    """
    border = rim(grey)
    ground = np.float32(np.median(border))
    above: Grey = np.maximum(grey - ground, np.float32(0))
    below: Grey = np.maximum(ground - grey, np.float32(0))
    # Squares, so that a few strokes of full contrast outweigh a wide faint shadow.
    marks = above if np.square(above).sum() > np.square(below).sum() else below
    peak = float(marks.max())
    # 1.48 times the median deviation is the standard deviation, if the paper is grainy.
    grain = 1.48 * float(np.median(np.abs(border - ground)))
    floor = max(0.08 * peak, 4 * grain)
    if peak < _FAINTEST:
        raise DataFormatError("the picture is blank: no ink stands out from its ground")
    if floor > peak / 2:
        raise DataFormatError(
            "the ground is too uneven to tell ink from it: expected one digit on plain paper"
        )
    ink: Grey = np.clip((marks - floor) / (0.9 * peak - floor), 0, 1)
    if (ink > 0.5).mean() > _MOST_INK:
        raise DataFormatError(
            "the picture is mostly ink: expected one digit with some ground around it"
        )
    return ink


def _cropped(ink: Grey) -> Grey:
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _with_usual_pen(ink: Grey, size: tuple[int, int]) -> Grey:
    """Widen strokes that would fade when averaged, and narrow those that would fill the loops."""
    from PIL import Image, ImageFilter

    scale = _scale(ink, size)
    width = _pen(ink) * scale
    if _THIN <= width <= _THICK or scale >= 1:
        return ink
    # A filter over 2r + 1 pixels moves each side of a stroke by r.
    reach = round(abs(min(max(width, _THIN), _THICK) - width) / 2 / scale)
    if not reach:
        return ink
    if width < _THIN:
        ink = np.pad(ink, reach)
    levels = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
    for _ in range(reach):  # of step 1 each, which is quick and as good as one of many
        levels = levels.filter(
            ImageFilter.MaxFilter(3) if width < _THIN else ImageFilter.MinFilter(3)
        )
    changed: Grey = np.asarray(levels, np.float32) / np.float32(255)
    return _cropped(changed) if changed.any() else ink


def _pen(ink: Grey) -> float:
    """Estimate the width of the strokes: they have two sides, so twice the area by the outline."""
    solid = np.pad(ink > 0.5, 1)
    area = int(np.count_nonzero(solid))
    outline = sum(int(np.count_nonzero(np.diff(solid, axis=axis))) for axis in (0, 1))
    # An outline counted in pixel edges is longer than it is, by 4/π on average.
    return 2 * area / max(1.0, outline * math.pi / 4)


def _scale(ink: Grey, size: tuple[int, int]) -> float:
    scale: float = min(side * BOX / extent for side, extent in zip(size, ink.shape, strict=True))
    return scale


def _into_box(ink: Grey, size: tuple[int, int]) -> Grey:
    """Resize so that the longer side fills the box, and the darkest ink is 1 again.

    The shorter side is widened by ground to whole pixels of the result, rather than stretched.
    """
    scale = _scale(ink, size)
    height, width = (max(1, math.ceil(extent * scale - 1e-6)) for extent in ink.shape)
    down, across = height / scale - ink.shape[0], width / scale - ink.shape[1]
    pad = math.ceil(max(down, across, 0))
    top, left = pad - down / 2, pad - across / 2
    part = (left, top, left + width / scale, top + height / scale)
    box = np.clip(_resampled(np.pad(ink, pad), height, width, part), 0, 1)
    # Not the very darkest pixel, which may be where strokes cross.
    full = float(np.percentile(box[box > 0.1 * box.max()], 90))
    stretched: Grey = np.clip(box / full, 0, 1)
    return stretched


def _centre(ink: NDArray[Any]) -> tuple[float, float]:
    """Return the row and column of the centre of mass."""
    total = float(ink.sum(dtype=np.float64))
    down = float(ink.sum(axis=1, dtype=np.float64) @ np.arange(ink.shape[0]))
    across = float(ink.sum(axis=0, dtype=np.float64) @ np.arange(ink.shape[1]))
    return down / total, across / total


def _centred(box: Grey, size: tuple[int, int]) -> Grey:
    """Paste into an empty frame so that the centre of mass lies on pixel (14, 14) of 28 × 28.

    Moves are whole pixels, halves rounded up, and stop at the frame's edge: nothing is cut off.
    """
    frame = np.zeros(size, np.float32)
    places = []
    for at, extent, side in zip(_centre(box), box.shape, size, strict=True):
        first = math.floor(side // 2 - at + 0.5)
        places.append(slice(start := min(max(first, 0), side - extent), start + extent))
    frame[tuple(places)] = box
    return frame
