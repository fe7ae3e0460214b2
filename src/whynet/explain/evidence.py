"""The evidence: what ink, there or missing, makes a picture an a and not a b.

The margin is shared out over the pixels along the straight path from what the picture would be as a
b. So only what would have to change counts, and a pixel that is black here and inked there is
evidence as much as one that is inked.

Where does the path begin? A 3 may be closed to an 8 a pixel further left or right, and the closest
counterfactual is but one way. So it begins at a blend of all that are near, the nearer the heavier:
where most of them agree is where the evidence lies. Those are read as the rival by the net alone,
for a second reader has no say in why the first one answers. On pairs of pictures that differ in one
stroke, blending raises how often the strongest pixel lies on that stroke; see
``benchmarks/explanations.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whynet.explain.attribution import Attribution, integrated_gradients
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual import Counterfactual, counterfactual, search
from whynet.explain.counterfactual.jury import Jury
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
    start = black if found is None else blend(contrast, found, donors)
    return Evidence(integrated_gradients(contrast, start, tolerance=tolerance), found, start[0])


def blend(contrast: Contrast, found: Counterfactual, donors: Donors) -> Array:
    """Return the mean of a counterfactual and of all that are near, the nearer the heavier.

    Args:
        contrast: one picture.
        found: its counterfactual.
        donors: see `Donors`.

    Returns:
        (1, h, w, 1) in the net's type: where the path begins.
    """
    pictures = np.concatenate([found.picture[None, ..., 0], _near(contrast, found, donors)])
    ink = pictures.astype(contrast.net.dtype) / 255
    changed = np.abs(ink - contrast.images[0, ..., 0]) > _CHANGED
    more = changed.sum(axis=(1, 2), dtype=np.float64)
    weight = np.exp((more.min() - more) / NEARER)
    mean: Array = np.tensordot(weight / weight.sum(), ink, 1).astype(contrast.net.dtype)
    return mean[None, ..., None]


def _near(contrast: Contrast, found: Counterfactual, donors: Donors) -> NDArray[np.uint8]:
    """Return what the search finds if the net alone is asked, (k, h, w)."""
    net = contrast.net
    assert isinstance(net, Sequential)  # or it would have no counterfactual
    ink = found.original[..., 0].astype(np.float32) / np.float32(255)
    pool = donors.images[donors.of(found.label, net), ..., 0].astype(np.float32) / np.float32(255)
    distances = np.sqrt(np.square(pool - ink).sum(axis=(1, 2)))
    start, _ = search._candidates(ink, pool, distances)
    jury = Jury(net, (), found.label, contrast.threads)
    start = start[jury.slack(search._grey(start)) >= 0]
    if not len(start):
        return np.empty((0, *ink.shape), np.uint8)
    return search.give_back(ink, start, jury)
