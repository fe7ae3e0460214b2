"""Costs: what training makes small. Each knows its formula, and what the outputs then mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.ops import costs
from whynet.ops.activations import sigmoid, softmax
from whynet.ops.arrays import Array
from whynet.options import choice


@dataclass(frozen=True)
class Cost:
    """A cost function on the net's outputs.

    Attributes:
        name: as options and model files call it.
        compute: ``(outputs, targets) -> costs (n,), gradient (n, classes)``; neither is divided
            by n. See `whynet.ops.costs`.
        on_logits: whether the outputs are logits, so that the net ends without an activation.
        probabilities: turns outputs into numbers that add up to 1, (n, classes).
    """

    name: str
    compute: Callable[[Array, Array], tuple[Array, Array]]
    on_logits: bool
    probabilities: Callable[[Array], Array]


def normalized(scores: Array) -> Array:
    """Divide each row of scores by its sum; negative scores count as 0, an empty row as level."""
    positive = np.maximum(scores, 0)
    totals = positive.sum(axis=1, keepdims=True)
    level = np.full_like(positive, 1 / positive.shape[1])
    np.divide(positive, totals, out=level, where=totals > 0)
    return level


COSTS: dict[str, Cost] = {
    cost.name: cost
    for cost in (
        Cost("softmax_cross_entropy", costs.softmax_cross_entropy, True, softmax),
        Cost(
            "sigmoid_cross_entropy",
            costs.sigmoid_cross_entropy,
            True,
            lambda logits: normalized(sigmoid(logits)),
        ),
        # Nielsen's 1/2n Σ‖y − a‖²: the 1/n is the batch's average, taken once for every cost.
        Cost("quadratic", costs.quadratic, False, normalized),
    )
}
"""Every cost by its name."""


def get_cost(cost: str | Cost) -> Cost:
    """Return the cost of this name (a `Cost` is returned as it is).

    Raises:
        ConfigError: there is none of this name.
    """
    if isinstance(cost, Cost):
        return cost
    return COSTS[choice(cost, "a cost", COSTS)]


def as_targets(
    labels: NDArray[Any], classes: int, dtype: np.dtype[np.floating] | type = np.float32
) -> Array:
    """Return targets (n, classes) from integer labels (n,) or from rows, one-hot or soft.

    Raises:
        ShapeError: neither shape fits.
        ConfigError: a label is not a whole number from 0 to classes − 1, or a target not finite.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == classes:
        targets: Array = labels.astype(dtype)
        if not np.isfinite(targets).all():
            raise ConfigError("expected finite targets, got NaN or infinity")
        return targets
    if labels.ndim != 1:
        raise ShapeError(
            f"expected labels (n,) or targets (n, {classes}), got shape {labels.shape}"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise ConfigError(
            f"expected integer labels, got {labels.dtype}: one-hot rows may be floats"
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ConfigError(
            f"expected labels from 0 to {classes - 1}, got {labels.min()} to {labels.max()}"
        )
    return costs.one_hot(labels, classes, dtype)
