"""Where the evidence's path begins, with donors or without."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual import counterfactual
from whynet.explain.donors import Donors
from whynet.explain.evidence import blend
from whynet.ops.arrays import Array
from whynet.sequential import Sequential


def baseline(contrast: Contrast, image: NDArray[Any], donors: Donors | None = None) -> Array:
    """Return where the evidence's path to a picture begins, as `whynet.explain.why` chooses it.

    A `blend` of counterfactuals; bare paper where there are no donors of the rival, or none that
    the net reads as the rival.

    Args:
        contrast: one picture.
        image: the same, as it was given: counterfactuals are made of whole grey levels.
        donors: real pictures of every class; by default those that the model carries.

    Returns:
        (1, h, w, c) in the net's type.

    Raises:
        ConfigError, ShapeError: as `counterfactual`, where there are donors.
    """
    net = contrast.net
    if donors is None and isinstance(net, Sequential):
        donors = Donors.attached(net)
    found, rival = None, int(contrast.rival[0])
    if donors is not None and rival in donors.labels:
        assert isinstance(net, Sequential)  # or it would have no donors
        picture = np.asarray(image).reshape(net.input_shape)
        found = counterfactual(net, picture, rival, donors=donors, threads=contrast.threads)
    return np.zeros_like(contrast.images) if found is None else blend(contrast, found)
