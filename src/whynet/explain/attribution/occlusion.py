"""Occlusion: cover a window of the picture and see how far the margin falls."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ShapeError
from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import Contrast
from whynet.explain.paths import baseline_images
from whynet.nn.layer import pair
from whynet.ops.arrays import Array


def occlusion(
    contrast: Contrast,
    window: int | tuple[int, int] = 3,
    *,
    stride: int | tuple[int, int] = 1,
    value: float | NDArray[Any] = 0.0,
) -> Attribution:
    """Return m(x) − m(x with a window covered), for all windows (Zeiler & Fergus 2014).

    Values (n, h, w, c): a pixel gets the mean over the windows that cover it, the same in every
    channel, since windows cover all of them; a pixel that none covers gets 0. Windows reach the
    far edges, where they may be cut off. No sum is promised.

    Args:
        contrast: what is asked.
        window: its (height, width), or one number for both.
        stride: how far it moves, (down, right) or one number.
        value: what it is covered with: a number, or a picture to take the window from.

    Raises:
        ConfigError: an option makes no sense.
        ShapeError: the net does not take pictures, or they are smaller than the window.
    """
    if len(contrast.net.input_shape) != 3:
        raise ShapeError(
            f"expected a net of pictures (height, width, channels), "
            f"got input shape {contrast.net.input_shape}"
        )
    height, width, channels = contrast.net.input_shape
    size, strides = pair(window, "a window"), pair(stride, "a stride")
    if size[0] > height or size[1] > width:
        raise ShapeError(f"expected a window within {height} × {width} pixels, got {size}")
    covers = baseline_images(contrast, value)
    down = _spans(height, size[0], strides[0])
    right = _spans(width, size[1], strides[1])
    margins = contrast.margins()

    def run(part: slice) -> Array:
        image = part.start
        picture, cover = contrast.images[image], covers[image]
        count = len(down) * len(right)
        fallen = np.empty(count)
        for first in range(0, count, contrast.block):
            number = np.arange(first, min(first + contrast.block, count))
            rows, columns = np.divmod(number, len(right))
            hidden = down[rows][:, :, None, None] & right[columns][:, None, :, None]
            x = np.where(hidden, cover, picture)
            found = contrast.run(x, np.full(len(x), image), ())
            fallen[number] = margins[image].astype(np.float64) - found.values
        grid = fallen.reshape(len(down), len(right))
        over = np.outer(down.sum(axis=0), right.sum(axis=0))
        shared = down.T.astype(np.float64) @ grid @ right.astype(np.float64) / np.maximum(over, 1)
        return np.repeat(shared[..., None], channels, axis=2).astype(contrast.net.dtype)

    return Attribution(
        method="occlusion",
        values=np.stack(contrast.share_out(run, 1)),
        margin=margins,
        evaluations=np.full(len(contrast), len(down) * len(right) + 1),
    )


def _spans(length: int, size: int, stride: int) -> NDArray[np.bool_]:
    """Return which pixels of a line each window covers, (windows, length)."""
    starts = np.arange(-(-(length - size) // stride) + 1)[:, None] * stride
    pixels = np.arange(length)
    covered: NDArray[np.bool_] = (pixels >= starts) & (pixels < starts + size)
    return covered
