"""What a proof found: curves, their areas, and whether the evidence beats the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array, Integers
from whynet.options import choice

OTHERS = ("random", "edges", "change")
"""The orders that the evidence is held against."""

_ROUNDING = 1e-6  # of areas: a smaller difference is none


@dataclass(frozen=True, eq=False)
class Curve:
    """What the net says while pixels go in some order, or come back.

    Attributes:
        counts: (k,) how many of the pixels that differ have gone (or come back): 0 to all.
        margins: (draws, k) z_a − z_b. One draw, except of random orders.
        probabilities: (draws, k) of the predicted class a.
        rescaled: (draws, k) the margins, rescaled so that pictures can be compared: 0 at the
            baseline and 1 at the picture, or −1 if its margin is the smaller one, so that smaller
            always means less for a. None where both margins are equal: there is no fall to share.
        flips: for each draw, the first of ``counts`` at which the answer is no longer the
            picture's (or, as pixels come back, at which it is); None if never.
    """

    counts: Integers
    margins: Array
    probabilities: Array
    rescaled: Array | None
    flips: tuple[int | None, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """`counts` as shares of the pixels that differ, (k,), 0 to 1."""
        shares: NDArray[np.float64] = self.counts / self.counts[-1]
        return shares

    @property
    def areas(self) -> NDArray[np.float64] | None:
        """The area under each rescaled margin over the shares, (draws,), by trapezoids."""
        return None if self.rescaled is None else self._under(self.rescaled)

    @property
    def area(self) -> float | None:
        """The mean of `areas`; None where both ends have the same margin."""
        return None if self.areas is None else float(self.areas.mean())

    @property
    def spread(self) -> float | None:
        """The standard deviation of `areas` over the draws: 0 for one."""
        return None if self.areas is None else float(self.areas.std())

    @property
    def probability_area(self) -> float:
        """The area under the probability over the shares, 0 to 1; the mean over the draws."""
        return float(self._under(self.probabilities).mean())

    @property
    def flip(self) -> float | None:
        """The median of `flips`, where never comes after all; None if it is never."""
        middle = float(np.median([np.inf if flip is None else flip for flip in self.flips]))
        return middle if np.isfinite(middle) else None

    def to_dict(self) -> dict[str, Any]:
        """Return the means over the draws in plain values (for JSON)."""
        return {
            "area": self.area,
            "spread": self.spread,
            "probability_area": self.probability_area,
            "flip": self.flip,
            "counts": self.counts.tolist(),
            "margins": self.margins.mean(axis=0, dtype=np.float64).tolist(),
            "probabilities": self.probabilities.mean(axis=0, dtype=np.float64).tolist(),
        }

    def _under(self, heights: Array) -> NDArray[np.float64]:
        areas: NDArray[np.float64] = np.trapezoid(heights.astype(np.float64), self.shares, axis=1)
        return areas


@dataclass(frozen=True, eq=False)
class Order:
    """One order in which pixels go and in which they come back.

    Attributes:
        deletion: from the picture to the baseline.
        insertion: from the baseline to the picture.
    """

    deletion: Curve
    insertion: Curve

    @property
    def areas(self) -> tuple[float, float] | None:
        """The areas of deletion (the smaller, the better) and insertion (the larger)."""
        falling, rising = self.deletion.area, self.insertion.area
        return None if falling is None or rising is None else (falling, rising)

    def to_dict(self) -> dict[str, Any]:
        """Return both curves in plain values (for JSON)."""
        return {"deletion": self.deletion.to_dict(), "insertion": self.insertion.to_dict()}


@dataclass(frozen=True, eq=False)
class Proof:
    """Whether the evidence says what matters, on one picture.

    Attributes:
        predicted, rival: the classes a and b, by number.
        margin: z_a − z_b of the picture.
        baseline_margin: of the baseline.
        pixels: how many pixels differ between the two.
        evidence: the strongest evidence first: the largest contribution, with its sign.
        random: seeded random orders. Their deletions and insertions are the same runs, read either
            way, so their mean areas are equal.
        edges: the largest Sobel gradient of the picture first.
        change: the largest difference between picture and baseline first.
    """

    predicted: int
    rival: int
    margin: float
    baseline_margin: float
    pixels: int
    evidence: Order
    random: Order
    edges: Order
    change: Order

    @property
    def holds(self) -> bool:
        """Whether the evidence beats random orders (their mean) and edges, both ways.

        That is, its area is smaller in deletion and larger in insertion. False where there is no
        fall of the margin to share.
        """
        return self.beats("random") and self.beats("edges")

    def beats(self, order: str) -> bool:
        """Whether the evidence beats "random", "edges" or "change", both ways."""
        other: Order = getattr(self, choice(order, "an order", OTHERS))
        mine, theirs = self.evidence.areas, other.areas
        if mine is None or theirs is None:
            return False
        return mine[0] < theirs[0] - _ROUNDING and mine[1] > theirs[1] + _ROUNDING

    @property
    def beaten(self) -> int:
        """How many of the random draws, each of which is both ways at once, the evidence beats."""
        mine, draws = self.evidence.areas, self.random.deletion.areas
        if mine is None or draws is None:
            return 0
        return int(np.count_nonzero((mine[0] < draws - _ROUNDING) & (mine[1] > draws + _ROUNDING)))

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain values (for JSON), random orders by their means."""
        return {
            "holds": self.holds,
            "predicted": self.predicted,
            "rival": self.rival,
            "margin": self.margin,
            "baseline_margin": self.baseline_margin,
            "pixels": self.pixels,
            "draws": len(self.random.deletion.margins),
            "beaten": self.beaten,
            "orders": {name: getattr(self, name).to_dict() for name in ("evidence", *OTHERS)},
        }
