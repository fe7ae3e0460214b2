"""How much is measured: enough for a result, or a glance."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts of everything.

    Attributes:
        learnt: pictures of digits that nets are trained on; None for all.
        drawn: the same, of the writer's digits.
        epochs: of every training, at most.
        pairs: of every kind, for most methods.
        slow_pairs: for those that look at each picture many hundred times.
        slowest_pairs: for those that fit a model to each picture.
        images: for completeness and integrated gradients' times.
        agreed: for the agreement with Captum.
        counterfactuals: pictures of which two rivals are asked each.
        few: pictures for sanity, stability and methods that serve as comparison.
        turns: alternating, for times.
    """

    learnt: int | None = None
    drawn: int = 20_000
    epochs: int = 3
    pairs: int = 500
    slow_pairs: int = 50
    slowest_pairs: int = 10
    images: int = 1000
    agreed: int = 100
    counterfactuals: int = 1000
    few: int = 60
    turns: int = 3


FULL = Sizes()
QUICK = Sizes(
    learnt=3000,
    drawn=4000,
    epochs=2,
    pairs=4,
    slow_pairs=1,
    slowest_pairs=1,
    images=10,
    agreed=3,
    counterfactuals=6,
    few=4,
    turns=1,
)
