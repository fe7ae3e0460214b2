"""The evidence: what ink, there or missing, makes a picture an a and not a b.

The margin is shared out over the pixels along the straight path from what the picture would be as a
b. So only what would have to change counts, and a pixel that is black here and inked there is
evidence as much as one that is inked.

Where does the path begin? A 3 may be closed to an 8 a pixel further left or right, and the closest
counterfactual is but one way. So it begins at a blend of all that are near, the nearer the heavier:
what most of them change is what sets the two classes apart. A second reader has no say in why the
first one answers, so what only the others insisted on is left out. On pairs of pictures that differ
in one stroke, the strongest pixel lies on that stroke more often so; ``benchmarks/explanations.py``
measures it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whynet.explain.attribution import Attribution, integrated_gradients
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual import Counterfactual, counterfactual
from whynet.explain.counterfactual.jury import Jury
from whynet.explain.counterfactual.search import give_back
from whynet.explain.donors import Donors
from whynet.explain.paths import TOLERANCE
from whynet.ops.arrays import Array
from whynet.sequential import Sequential

NEARER = 8
"""Pixels: who changes so many more than the nearest weighs 1/e of it in the blend."""

_CHANGED = 0.1  # of full ink: fainter changes don't count as changed pixels


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
    ``tolerance``. It is `integrated_gradients` from a `blend` of counterfactuals.

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
    """Return the mean of all counterfactuals that were found, the nearer the heavier.

    Regions that only other readers insisted on are given back to the picture first.

    Args:
        contrast: one picture, asked of the net that the counterfactual was found for.
        found: its counterfactual, with the others.

    Returns:
        (1, h, w, 1) in the net's type: where the path begins.
    """
    net = contrast.net
    assert isinstance(net, Sequential)  # or it would have no counterfactual
    full = np.float32(255)
    original = found.original[..., 0].astype(np.float32) / full
    there = found.others[..., 0].astype(np.float32) / full
    ink = give_back(original, there, Jury(net, (), found.label, contrast.threads)) / full
    more = (np.abs(ink - original) > _CHANGED).sum(axis=(1, 2))
    weight = np.exp((more.min() - more) / NEARER)
    mean = np.tensordot(weight / weight.sum(), ink, 1)
    return mean.astype(net.dtype)[None, ..., None]
