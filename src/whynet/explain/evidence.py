"""The evidence: what ink, there or missing, makes a picture an a and not a b.

The margin is shared out over the pixels along the straight path from what the picture would be as a
b. So only what would have to change counts, and a pixel that is black here and inked there is
evidence as much as one that is inked.

Where does the path begin? A 3 may be closed to an 8 a pixel further left or right, and the closest
counterfactual is but one way. So it begins at what all those that were found have in common: a
pixel changes as it does in them on average, times the share of them that change it at all, and all
changes are strengthened alike until the net is sure of b. On pairs of pictures that differ in one
stroke, the strongest pixel lies on that stroke more often so, and more of the evidence does;
``benchmarks/explanations.py`` measures it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whynet.explain.attribution import Attribution, integrated_gradients
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual import Counterfactual, counterfactual
from whynet.explain.donors import Donors
from whynet.explain.paths import TOLERANCE
from whynet.ops.arrays import Array
from whynet.sequential import Sequential

NEARER = 32
"""Pixels: who changes so many more than the nearest weighs 1/e of it."""

SURE = float(np.log(9))
"""Log-odds of b against a that the path begins with: nine times as likely."""

_CHANGED = 0.1  # of full ink: fainter changes don't count as changed pixels
_STRONGER = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)  # than they are together, until the net is sure


@dataclass(frozen=True, eq=False)
class Evidence:
    """What each pixel contributes to the margin, against the picture that the path begins at.

    Attributes:
        attribution: the contributions, n = 1; they promise to add up.
        counterfactual: the closest picture that the net calls the rival; None if none was found.
        baseline: (h, w, c) in the net's type: where the path begins, a `blend`; black without a
            counterfactual.
    """

    attribution: Attribution = field(repr=False)
    counterfactual: Counterfactual | None
    baseline: Array = field(repr=False)

    @property
    def map(self) -> Array:
        """(h, w, c): contributions whose sum is the margin's change, up to the residual."""
        values: Array = self.attribution.values[0]
        return values

    @property
    def change(self) -> float:
        """The margin's change from the baseline to the picture."""
        assert self.attribution.expected is not None
        return float(self.attribution.expected[0])

    @property
    def residual(self) -> float:
        """By how much the map's sum misses the change; never spread over it."""
        assert self.attribution.residual is not None
        return float(self.attribution.residual[0])


def evidence(
    net: Sequential,
    image: NDArray[np.uint8],
    rival: int | str | None = None,
    *,
    donors: Donors,
    tolerance: float = TOLERANCE,
    threads: int | None = None,
) -> Evidence:
    """Return what each pixel contributes to the margin of the net's answer over a rival.

    **Promise: the map adds up to the margin's change** from the baseline to the picture, up to
    ``tolerance``. It is `integrated_gradients` from the `blend` of
    counterfactuals, a picture that the net calls b.

    Args:
        net: the net to be asked; its input has one channel.
        image: uint8, (h, w, 1) or (h, w).
        rival: the class b, by number or name; by default the runner-up.
        donors: see `Donors`.
        tolerance: how large the residual may be, as a share of the margin's change.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Raises:
        ConfigError, ShapeError: as `counterfactual`.
    """
    found = counterfactual(net, image, rival, donors=donors, threads=threads)
    contrast = Contrast(net, image, rival=rival, threads=threads)
    black = np.zeros_like(contrast.images)
    start = black if found is None else blend(contrast, found)
    return Evidence(integrated_gradients(contrast, start, tolerance=tolerance), found, start[0])


def blend(contrast: Contrast, found: Counterfactual) -> Array:
    """Return what all counterfactuals that were found have in common, the nearer the heavier.

    The net is sure that it is a b. No pixel changes further than in one of them; where the net is
    not sure even so, it is the closest one itself.

    Args:
        contrast: one picture, asked of the net that the counterfactual was found for.
        found: its counterfactual, with the others.

    Returns:
        (1, h, w, 1) in the net's type: where the path begins.
    """
    original = contrast.images[0]
    change = contrast.as_images(found.others) - original
    changed = np.abs(change) > _CHANGED
    more = changed.sum(axis=(1, 2, 3))
    weight = np.exp((more.min() - more) / NEARER)
    weight /= weight.sum()
    common = np.tensordot(weight, change, 1) * np.tensordot(weight, changed, 1)
    bounds = change.min(axis=0), change.max(axis=0)
    tried = [original + np.clip(strength * common, *bounds) for strength in _STRONGER]
    starts = np.stack([*tried, contrast.as_images(found.picture)[0]]).astype(contrast.net.dtype)
    sure = contrast.margins(starts, np.zeros(len(starts), int)) <= -SURE
    sure[-1] = True
    first = int(sure.argmax())
    return starts[first : first + 1]
