"""The evidence: what ink, there or missing, makes a picture an a and not a b.

The margin is shared out over the pixels along the path from the counterfactual, the closest picture
of the same handwriting that the net calls b. So only what would have to change counts, and a pixel
that is black here and inked there is evidence as much as one that is inked.
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


@dataclass(frozen=True, eq=False)
class Evidence:
    """What each pixel contributes to the margin, against the picture that the paths begin at.

    Attributes:
        attribution: the contributions, n = 1; they promise to add up.
        counterfactual: the closest picture that the net calls the rival; None if none was found.
        baseline: (h, w, c) in the net's type: where the path begins, the counterfactual; black if
            there is none.
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
    start = np.zeros_like(contrast.images) if found is None else contrast.as_images(found.picture)
    return Evidence(integrated_gradients(contrast, start, tolerance=tolerance), found, start[0])
