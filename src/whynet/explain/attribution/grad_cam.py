"""Grad-CAM: which places of a layer's feature maps speak for the class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import Contrast
from whynet.nn import Conv2D, DepthwiseConv2D
from whynet.ops.arrays import Array
from whynet.options import switch


def grad_cam(
    contrast: Contrast,
    layer: str | int | None = None,
    *,
    positive: bool = True,
    upsample: bool = True,
) -> Attribution:
    """Return Σ over channels of (mean gradient of the map) · map (Selvaraju et al. 2017).

    Values (n, h, w), enlarged bilinearly to the picture's size, or (n, rows, columns) as the layer
    has it. No sum is promised.

    Args:
        contrast: what is asked.
        layer: one that makes feature maps; by default the last convolution.
        positive: whether negative places become 0, as in the paper.
        upsample: whether to enlarge.

    Raises:
        ConfigError: no such layer, or one that makes no feature maps.
    """
    switch(positive, "positive")
    switch(upsample, "upsample")
    place = contrast.place(_last_convolution(contrast) if layer is None else layer)
    if len(contrast.shape(place)) != 3:
        raise ConfigError(
            f"expected a layer that makes feature maps (rows, columns, channels), got "
            f"{contrast.layers[place - 1].name!r} of shape {contrast.shape(place)}"
        )

    def run(part: slice) -> Array:
        of = np.arange(part.start, part.stop)
        found = contrast.run(contrast.images[part], of, (place,))
        weights = found.gradients[place].mean(axis=(1, 2))
        maps: Array = np.einsum("nhwc,nc->nhw", found.features[place], weights)
        return maps

    values = np.concatenate(contrast.share_out(run, contrast.block))
    if positive:
        values = np.maximum(values, 0)
    if upsample:
        height, width = contrast.net.input_shape[:2]
        values = _bilinear(values, height, width)
    return Attribution(
        method="grad_cam",
        values=values,
        margin=contrast.margins(),
        evaluations=np.ones(len(contrast), np.int64),
    )


def _last_convolution(contrast: Contrast) -> int:
    for at, layer in reversed(list(enumerate(contrast.layers))):
        if isinstance(layer, Conv2D | DepthwiseConv2D):
            return at
    raise ConfigError("expected a net with a convolution, or a layer that makes feature maps")


def _bilinear(maps: Array, height: int, width: int) -> Array:
    """Enlarge maps (n, rows, columns) to (n, height, width), cells' centres on cells' centres."""
    down, right = _blend(maps.shape[1], height), _blend(maps.shape[2], width)
    return (down.astype(maps.dtype) @ maps @ right.T.astype(maps.dtype)).astype(maps.dtype)


def _blend(old: int, new: int) -> NDArray[np.float64]:
    """Return how much of each old cell a new one takes, (new, old); rows add up to 1."""
    at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    low = np.minimum(at.astype(np.int64), max(old - 2, 0))
    share = at - low
    blend = np.zeros((new, old))
    blend[np.arange(new), low] += 1 - share
    blend[np.arange(new), np.minimum(low + 1, old - 1)] += share
    return blend
