"""How good a net is, in the numbers that the field uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array, Integers

BINS = 15
"""Of the calibration error, as in Guo et al. 2017."""


@dataclass(frozen=True)
class Evaluation:
    """A net's marks on one data set.

    Attributes:
        accuracy: the fraction answered rightly.
        loss: the average cost.
        n: how many examples.
        ece: expected calibration error, a fraction: how far confidence and accuracy differ,
            averaged over 15 equal bins of confidence, weighted by examples (Guo et al. 2017).
        confusion: (classes, classes) int64; row is the truth, column the answer.
        classes: their names.
        probabilities: (n, classes).
        labels: (n,).
    """

    accuracy: float
    loss: float
    n: int
    ece: float
    confusion: NDArray[np.int64]
    classes: tuple[str, ...]
    probabilities: Array
    labels: Integers

    @classmethod
    def of(
        cls, probabilities: Array, costs: Array, labels: Integers, classes: tuple[str, ...]
    ) -> Evaluation:
        """Mark answers: probabilities (n, classes), costs (n,), true labels (n,)."""
        predicted = probabilities.argmax(axis=1)
        count = probabilities.shape[1]
        labels = labels.astype(np.int64)  # in uint8, places in the matrix would wrap around
        confusion = np.bincount(labels * count + predicted, minlength=count * count)
        right = predicted == labels
        return cls(
            accuracy=float(right.mean()),
            loss=float(costs.mean(dtype=np.float64)),
            n=len(labels),
            ece=calibration_error(probabilities.max(axis=1), right),
            confusion=confusion.reshape(count, count),
            classes=classes,
            probabilities=probabilities,
            labels=labels,
        )

    def per_class(self) -> list[dict[str, Any]]:
        """For each class: label, n, precision, recall, F1 (0 where there was nothing to count)."""
        hits = self.confusion.diagonal().astype(float)
        asked, given = self.confusion.sum(axis=0), self.confusion.sum(axis=1)
        precision = np.divide(hits, asked, out=np.zeros_like(hits), where=asked > 0)
        recall = np.divide(hits, given, out=np.zeros_like(hits), where=given > 0)
        both = precision + recall
        f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(hits), where=both > 0)
        return [
            {
                "label": name,
                "n": int(given[index]),
                "precision": float(precision[index]),
                "recall": float(recall[index]),
                "f1": float(f1[index]),
            }
            for index, name in enumerate(self.classes)
        ]

    def worst(self, count: int) -> NDArray[np.intp]:
        """Return the positions of the wrong answers, the surest first, at most ``count``."""
        predicted = self.probabilities.argmax(axis=1)
        wrong = np.flatnonzero(predicted != self.labels)
        surest = np.argsort(-self.probabilities[wrong].max(axis=1), kind="stable")
        return wrong[surest[:count]]

    def to_dict(self) -> dict[str, Any]:
        """Return accuracy, loss, n, ece, per_class and confusion in plain values."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "n": self.n,
            "ece": self.ece,
            "per_class": self.per_class(),
            "confusion": self.confusion.tolist(),
        }


def calibration_error(confidence: Array, right: NDArray[np.bool_]) -> float:
    """Return Σ over bins of (bin's share of examples) · |accuracy − mean confidence| in the bin."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    hits = np.bincount(place, weights=right, minlength=BINS)
    sure = np.bincount(place, weights=confidence, minlength=BINS)
    return float(np.abs(hits - sure).sum() / len(right))
