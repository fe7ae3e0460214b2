"""Cost functions: how wrong the outputs are, and which way to turn them.

Each takes the net's outputs and the targets, both (n, classes), and returns

    costs      (n,) the cost of every example
    gradient   (n, classes) the derivative of *that example's* cost by its outputs

Neither is divided by n: a batch may be cut into parts, and only the trainer knows its size.
"""

from __future__ import annotations

import numpy as np

from whynet.ops.activations import sigmoid
from whynet.ops.arrays import Array, Integers


def one_hot(
    labels: Integers, classes: int, dtype: np.dtype[np.floating] | type = np.float32
) -> Array:
    """Turn labels (n,) into rows with a 1 at the label and 0 elsewhere, (n, classes)."""
    rows = np.zeros((len(labels), classes), dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def softmax_cross_entropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Return −Σ t · log softmax(z), and its gradient softmax(z) · Σt − t.

    The logarithm is taken before anything can round to 0, so no logit is too large:
    log softmax(z) = z − max z − log Σ e^(z − max z).
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)
    costs = (targets * (np.log(totals) - shifted)).sum(axis=1)
    # Σt is 1 for labels and soft labels alike, but a target may also be weighted.
    gradient = exponentials * (targets.sum(axis=1, keepdims=True) / totals)
    gradient -= targets
    return costs, gradient


def sigmoid_cross_entropy(logits: Array, targets: Array) -> tuple[Array, Array]:
    """Return −Σ [t log σ(z) + (1 − t) log(1 − σ(z))], and its gradient σ(z) − t.

    Computed as max(z, 0) − z·t + log(1 + e^−|z|), which never overflows. Each output is a
    yes-or-no question of its own (Nielsen, chapter 3, equation 63).
    """
    costs = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return costs.sum(axis=1), sigmoid(logits) - targets


def quadratic(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Return ½ ‖y − a‖², and its gradient a − y (Nielsen, chapter 1, equation 6)."""
    difference = outputs - targets
    return (difference * difference).sum(axis=1) / 2, difference
