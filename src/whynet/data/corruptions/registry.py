"""All corruptions by name, and pictures corrupted by one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from whynet.data.corruptions.blur import glass_blur, motion_blur
from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.edges import canny_edges
from whynet.data.corruptions.geometry import rotate, scale, shear, translate
from whynet.data.corruptions.lines import dotted_line, stripe, zigzag
from whynet.data.corruptions.noise import impulse_noise, shot_noise
from whynet.data.corruptions.shades import Pictures
from whynet.data.corruptions.weather import brightness, fog, spatter
from whynet.errors import ConfigError, ShapeError
from whynet.ops.arrays import Integers
from whynet.options import choice, whole

_BLOCK = 256 * 28 * 28
"""Pixels done at once: enough for long calls, few enough to stay near the core."""


@dataclass(frozen=True)
class Corruption:
    """One way in which pictures get worse.

    Attributes:
        name: as MNIST-C calls it.
        about: what happens, in a few words.
        change: pictures (n, height, width, 1) and what they draw → pictures of the same shape.
    """

    name: str
    about: str
    change: Callable[[Pictures, Draws], Pictures]


CORRUPTIONS = {
    change.__name__: Corruption(change.__name__, about, change)
    for change, about in (
        (shot_noise, "too few photons"),
        (impulse_noise, "17 % of the pixels black or white"),
        (glass_blur, "seen through frosted glass"),
        (motion_blur, "the camera moved"),
        (shear, "leaning by 23°"),
        (scale, "70 % of the size"),
        (rotate, "turned by 23°"),
        (brightness, "half of white added"),
        (translate, "3 pixels out of the middle"),
        (stripe, "inverted on both sides"),
        (fog, "three parts of fog"),
        (spatter, "drops of mud"),
        (dotted_line, "a dotted line across"),
        (zigzag, "a zigzag across"),
        (canny_edges, "nothing but edges"),
    )
}
"""The fifteen by name, in the order of the paper."""


def corrupt(
    name: str, images: Pictures, *, seed: int = 0, pictures: Integers | None = None
) -> Pictures:
    """Return corrupted copies of pictures.

    Args:
        name: one of `CORRUPTIONS`.
        images: uint8 (n, height, width, 1), bright ink on black. Any size; strengths in pixels
            are made for digits in 28 × 28.
        seed: the same seed gives the same copies.
        pictures: (n,) each picture's number in its set, by which it draws; 0 to n − 1 if None. So
            picture 5 of a batch is ``corrupt(name, images[5:6], pictures=np.array([5]))``.

    Raises:
        ConfigError: no such corruption, pictures that are not uint8, or a seed below 0.
        ShapeError: pictures of another shape, or not as many numbers as pictures.
    """
    corruption = CORRUPTIONS[choice(name, "a corruption", CORRUPTIONS)]
    seed = whole(seed, "a seed", least=0)
    if images.ndim != 4 or images.shape[-1] != 1:
        raise ShapeError(f"expected grey pictures as (n, height, width, 1), got {images.shape}")
    if images.dtype != np.uint8:
        raise ConfigError(f"expected pictures as uint8 of 0 to 255, got {images.dtype}")
    n, height, width, _ = images.shape
    numbers = np.arange(n) if pictures is None else pictures
    if numbers.shape != (n,):
        raise ShapeError(f"expected a number for each of {n} pictures, got {numbers.shape}")
    key, changed = (seed, crc32(name.encode())), np.empty_like(images)
    count = max(_BLOCK // max(height * width, 1), 1)
    for start in range(0, n, count):
        block = slice(start, start + count)
        changed[block] = corruption.change(images[block], Draws(key, numbers[block]))
    return changed
