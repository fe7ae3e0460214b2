"""Random numbers that are a picture's own, whichever pictures share its batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Integers
from whynet.randomness import keyed_uniform


@dataclass(frozen=True)
class Draws:
    """What some pictures draw. Nothing runs on: the same question gets the same numbers.

    Attributes:
        key: of the corruption, whole numbers of at least 0.
        pictures: (n,) each picture's number in its set.
    """

    key: tuple[int, ...]
    pictures: Integers

    def uniform(self, *shape: int, stream: int = 0) -> NDArray[np.float32]:
        """Return numbers in [0, 1) for each picture, (n, *shape); each stream has others."""
        drawn = keyed_uniform((*self.key, stream), self.pictures, math.prod(shape))
        return drawn.reshape(len(self.pictures), *shape)

    def normal(self, *shape: int) -> NDArray[np.float32]:
        """Return numbers of mean 0 and deviation 1, (n, *shape), after Box & Muller (1958)."""
        radius, turn = np.moveaxis(self.uniform(2, *shape), 1, 0)
        far = np.sqrt(-2 * np.log1p(-radius))
        found: NDArray[np.float32] = far * np.cos(np.float32(2 * math.pi) * turn)
        return found

    def below(self, bound: int, count: int) -> NDArray[np.float32]:
        """Return whole numbers from 0 to bound − 1 for each picture, (n, count)."""
        found: NDArray[np.float32] = np.floor(self.uniform(count) * bound)
        return found

    def signs(self, count: int) -> NDArray[np.float32]:
        """Return −1 or 1, as likely as each other, (n, count)."""
        return 2 * self.below(2, count) - 1
