"""What every attribution returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array, Integers


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribution:
    """A number for every pixel or unit, and how well the numbers add up.

    Attributes:
        method: its name.
        values: (n, *shape) what each pixel or unit contributes.
        margin: (n,) what is explained, at the images.
        expected: (n,) what the values should add up to; None where the method knows no such sum.
        promises_completeness: whether the method promises that they do, up to `residual`.
        evaluations: (n,) how many pictures were run through the net for each image.
    """

    method: str
    values: Array
    margin: Array
    expected: Array | None = None
    promises_completeness: bool = False
    evaluations: Integers

    @property
    def total(self) -> NDArray[np.float64]:
        """What the values of each image add up to, (n,)."""
        flat = self.values.reshape(len(self.values), -1)
        added: NDArray[np.float64] = flat.sum(axis=1, dtype=np.float64)
        return added

    @property
    def residual(self) -> NDArray[np.float64] | None:
        """The completeness gap, total − expected, (n,); never spread over the values."""
        return None if self.expected is None else self.total - self.expected

    @property
    def relative_residual(self) -> NDArray[np.float64] | None:
        """The gap's size as a share of |expected|, (n,): 0 of 0 is 0, and anything else ∞."""
        gap = self.residual
        if gap is None or self.expected is None:
            return None
        size, whole = np.abs(gap), np.abs(self.expected).astype(np.float64)
        share = np.full_like(size, np.inf)
        np.divide(size, whole, out=share, where=whole > 0)
        return np.where(size == 0, 0, share)

    @property
    def map(self) -> Array:
        """The values with the channels of every place added up, (n, height, width)."""
        return self.values.sum(axis=3) if self.values.ndim == 4 else self.values
