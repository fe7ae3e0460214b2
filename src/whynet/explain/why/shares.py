"""Through the layers: the same total, shared out over the units of every block of layers.

A layer that works on each unit or each channel by itself passes shares on as they are. Through an
activation, a batch normalisation or dropout, ∂m/∂y · dy = ∂m/∂x · dx by the chain rule, unit by
unit; pooling gathers the shares of a channel's places, and the channel's sum stays. So one place
speaks for a *block*: a layer that mixes channels, with all that follows up to the next such layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.explain.attribution import Attribution
from whynet.explain.contrast import Contrast
from whynet.explain.paths import integrate
from whynet.nn import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
)
from whynet.ops.arrays import Array

_UNIT_BY_UNIT = (Activation, BatchNormalization, Dropout)
_CHANNEL_BY_CHANNEL = (MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D)


@dataclass(frozen=True, eq=False)
class LayerShare:
    """What the units of one block of layers contribute to the margin's change.

    Attributes:
        layer: the block's last layer (before it is flattened), whose units these are.
        block: the names of all layers it speaks for; the first is the one that weighs.
        attribution: its `layer_conductance`, n = 1, with the promise to add up.
    """

    layer: str
    block: tuple[str, ...]
    attribution: Attribution = field(repr=False)

    @property
    def values(self) -> Array:
        """Each unit's contribution: (rows, columns, feature maps), or (units,)."""
        values: Array = self.attribution.values[0]
        return values

    @property
    def by_map(self) -> NDArray[np.float64]:
        """Each feature map's (or unit's) contribution, (maps,)."""
        sums: NDArray[np.float64] = self.values.reshape(-1, self.values.shape[-1]).sum(
            axis=0, dtype=np.float64
        )
        return sums

    @property
    def total(self) -> float:
        """What all contributions add up to."""
        return float(self.attribution.total[0])

    @property
    def residual(self) -> float:
        """By how much the total misses the margin's change."""
        assert self.attribution.residual is not None
        return float(self.attribution.residual[0])

    def strongest(self, count: int) -> list[int]:
        """Return the maps that contribute most for the answer, by number, the first first."""
        order = np.argsort(-self.by_map, kind="stable")[:count]
        return [int(unit) for unit in order if self.by_map[unit] > 0]

    def to_dict(self, count: int = 5) -> dict[str, Any]:
        """Return the sums, and the strongest maps and the most opposed one, in plain values."""
        sums = self.by_map
        order = np.argsort(-np.abs(sums), kind="stable")[:count]
        change = self.attribution.expected
        assert change is not None
        whole = float(change[0])
        return {
            "layer": self.layer,
            "stands_for": list(self.block),
            "shape": list(self.values.shape),
            "sum": self.total,
            "residual": self.residual,
            "units": [
                {
                    "unit": int(unit),
                    "contribution": float(sums[unit]),
                    "share": float(sums[unit] / whole) if whole else 0.0,
                }
                for unit in order
            ],
        }


def blocks(layers: Sequence[Layer]) -> list[tuple[int, tuple[str, ...]]]:
    """Cut layers into blocks; see this module.

    Returns:
        for each, the place that speaks for it (see `Contrast.place`), and its layers' names.
    """
    found: list[tuple[int, tuple[str, ...]]] = []
    for at, layer in enumerate(layers):
        own = isinstance(layer, _UNIT_BY_UNIT + _CHANNEL_BY_CHANNEL)
        if found and own:
            found[-1] = at + 1, (*found[-1][1], layer.name)
        elif isinstance(layer, Flatten):
            if found:  # the place before it still has rows and columns
                found[-1] = found[-1][0], (*found[-1][1], layer.name)
        else:
            found.append((at + 1, (layer.name,)))
    return found


def through_layers(
    contrast: Contrast, baseline: Array, *, tolerance: float
) -> tuple[Attribution, tuple[LayerShare, ...]]:
    """Share one picture's margin out over its pixels and over every block, on one path.

    Args:
        contrast: one picture.
        baseline: (1, h, w, c), where the path begins.
        tolerance: how large a residual may be at each place, as a share of the margin's change.

    Returns:
        the integrated gradients, and the blocks' shares from the picture to the logits.
    """
    cut = blocks(contrast.layers)
    places = [0, *(place for place, _ in cut)]
    found = integrate(contrast, baseline, places, tolerance=tolerance)
    margin = contrast.margins()

    def attribution(method: str, place: int) -> Attribution:
        return Attribution(
            method=method,
            values=found.contributions[place].astype(contrast.net.dtype),
            margin=margin,
            expected=found.changes,
            promises_completeness=True,
            evaluations=found.evaluations,
        )

    shares = tuple(
        LayerShare(contrast.layers[place - 1].name, names, attribution("layer_conductance", place))
        for place, names in cut
    )
    return attribution("integrated_gradients", 0), shares
