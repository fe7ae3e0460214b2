"""Augmentation: the same digit, written a little differently each time it is seen.

Every picture is moved, turned, scaled, sheared and gently warped by amounts of its own, drawn anew
each epoch and keyed by the example. All pictures of a shard are done at once: work out where each
output pixel comes from, then read there, between pixels (bilinear), black outside.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array, Integers
from whynet.options import number_fields
from whynet.randomness import keyed_uniform

_GRID = 5
"""The elastic field is random on this many points a side and smooth between them."""


@dataclass(frozen=True)
class Augmentation:
    """How far pictures may be changed. Every amount is drawn evenly from −limit to +limit.

    Attributes:
        shift: pixels, each way.
        rotate: degrees.
        scale: of the logarithm, so 0.1 is about ±10 %, the same for larger and smaller.
        shear: pixels sideways for each pixel down.
        elastic: pixels that the warp moves a point, at most (after Simard et al. 2003, with a
            field that is smooth by interpolation).

    Raises:
        ConfigError: a limit is no number, negative, or beyond all use.
    """

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0

    def __post_init__(self) -> None:
        number_fields(self, "shift", "rotate", "shear", "elastic", least=0, most=1000)
        number_fields(self, "scale", least=0, most=3)  # a logarithm: 3 is twenty times

    def config(self) -> dict[str, Any]:
        """Describe the limits in plain values."""
        return asdict(self)

    def apply(self, images: Array, examples: Integers, *, seed: int, epoch: int) -> Array:
        """Return changed copies of pictures.

        Args:
            images: (n, height, width, channels), floating point.
            examples: (n,) each picture's number in its data set: what its changes are keyed by.
            seed: of the run.
            epoch: so that a picture looks different every time round.

        Returns:
            (n, height, width, channels) of the same type.
        """
        _, height, width, _ = images.shape
        drawn = keyed_uniform((seed, epoch), examples, 6 + 2 * _GRID * _GRID) * 2 - 1
        down, across = self._sources(drawn, height, width)
        return _read_between(images, down, across)

    def _sources(
        self, drawn: NDArray[np.float32], height: int, width: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Where each output pixel is read from: rows and columns, both (n, height, width)."""
        rows = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
        columns = np.arange(width, dtype=np.float32)[None, :] - (width - 1) / 2
        angle = math.radians(self.rotate) * drawn[:, 0]
        size_down = np.exp(self.scale * drawn[:, 1])
        size_across = np.exp(self.scale * drawn[:, 2])
        lean = self.shear * drawn[:, 3]
        move_down, move_across = self.shift * drawn[:, 4], self.shift * drawn[:, 5]
        # Output = rotation · shear · scale · input + shift; read backwards, its inverse.
        cos, sin = np.cos(angle), np.sin(angle)

        def each(value: Array) -> Array:
            return value[:, None, None]

        y = rows[None] - each(move_down)
        x = columns[None] - each(move_across)
        turned_y = each(cos) * y - each(sin) * x
        turned_x = each(sin) * y + each(cos) * x
        down = turned_y / each(size_down) + (height - 1) / 2
        across = (turned_x - each(lean) * turned_y) / each(size_across) + (width - 1) / 2
        if self.elastic:
            field = (drawn[:, 6:] * self.elastic).reshape(-1, 2, _GRID, _GRID)
            warp = _smooth_weights(height) @ field @ _smooth_weights(width).T
            down, across = down + warp[:, 0], across + warp[:, 1]
        return down.astype(np.float32, copy=False), across.astype(np.float32, copy=False)


def _smooth_weights(size: int) -> NDArray[np.float32]:
    """How much each pixel of a line feels each grid point, (size, grid): a cosine bell between."""
    place = np.linspace(0, _GRID - 1, size, dtype=np.float32)[:, None]
    distance = np.abs(place - np.arange(_GRID, dtype=np.float32)[None, :])
    bell: NDArray[np.float32] = (1 + np.cos(np.pi * np.minimum(distance, 1))) / 2
    return bell


def _read_between(images: Array, down: NDArray[np.float32], across: NDArray[np.float32]) -> Array:
    """Read pictures at fractional places (n, height, width), black outside."""
    n, height, width, channels = images.shape
    # One black line on each side takes whatever lies outside.
    framed = np.zeros((n, height + 3, width + 3, channels), images.dtype)
    framed[:, 1 : height + 1, 1 : width + 1] = images
    y = np.clip(down + 1, 0, height + 1)
    x = np.clip(across + 1, 0, width + 1)
    top, left = np.floor(y), np.floor(x)
    below, right = (y - top)[..., None], (x - left)[..., None]
    line = width + 3
    first = top.astype(np.int32) * line + left.astype(np.int32)
    first += (np.arange(n, dtype=np.int32) * ((height + 3) * line))[:, None, None]
    pixels = framed.reshape(-1, channels)

    def line_at(place: NDArray[np.int32]) -> Array:
        here = pixels.take(place, axis=0)
        beside = pixels.take(place + 1, axis=0)
        between: Array = here + (beside - here) * right
        return between

    upper, lower = line_at(first), line_at(first + line)
    mixed: Array = upper + (lower - upper) * below
    return mixed
