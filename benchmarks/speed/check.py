"""Do both sides compute the same thing? Asked before anything is timed; a "no" ends the benchmark.

Both begin with the same weights and see the same batches in the same order, without dropout (whose
random numbers are each library's own). Then each batch must cost the same on both sides, and the
answers must agree before the first step and after the last.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from speed.process import Side

STEPS, PICTURES = 20, 256

RATE = 0.03
"""Of the recipe's learning rate, which is made for a warm-up. Without one, the cost of `numpy-cnn`
first doubles, and that makes a hundred thousand times as much of any difference in rounding."""

LOSS = 1e-3
"""Relative, at every step. PyTorch's own two forms of Adam come 4e-5 apart in six steps."""

ANSWERS = 1e-4
"""Of the largest output, for equal weights."""

TRAINED = 1e-2
"""The same after `STEPS` steps, whose roundings have added up (Adam divides small by small)."""


class MismatchError(Exception):
    """The two sides do not compute the same thing."""


def same_training(ours: Side, theirs: Side, batch: int, *, probabilities: bool = False) -> str:
    """Compare two sides over `STEPS` steps of training; say how far apart they came.

    Args:
        ours: whynet.
        theirs: a peer that has opened the same job.
        batch: the job's batch size.
        probabilities: whether the peer answers with softmax's probabilities, not with logits.

    Raises:
        MismatchError: too far.
    """
    before = same_answers(ours, theirs, batch, probabilities=probabilities)
    losses = [np.asarray(side.call("losses", steps=STEPS, rate=RATE)) for side in (ours, theirs)]
    apart = float(np.max(np.abs(losses[0] - losses[1]) / np.abs(losses[1])))
    _hold(apart, LOSS, f"the costs of {STEPS} batches", theirs)
    after = same_answers(ours, theirs, batch, probabilities=probabilities, trained=True)
    return f"{before}; costs of {STEPS} steps within {apart:.1e}; then {after}"


def same_answers(
    ours: Side, theirs: Side, batch: int, *, probabilities: bool = False, trained: bool = False
) -> str:
    """Compare the outputs of two sides; arguments and errors as `same_training`."""
    # A single picture at a time is slow, and sixteen show as much.
    n = min(PICTURES, 16 * batch)
    asked = {"n": n, "batch": batch, "trained": trained}
    mine, other = (np.asarray(side.call("answers", **asked)) for side in (ours, theirs))
    if probabilities:
        mine = _softmax(mine)
    apart = float(np.abs(mine - other).max() / np.abs(other).max())
    _hold(apart, TRAINED if trained else ANSWERS, "the outputs", theirs)
    return f"outputs within {apart:.1e}"


def _hold(apart: float, most: float, what: str, theirs: Side) -> None:
    if not apart <= most:  # nor may it be NaN
        raise MismatchError(
            f"expected {what} to agree with {theirs.kind} within {most:g}, found {apart:.2e} apart"
        )


def _softmax(logits: NDArray[Any]) -> NDArray[Any]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[Any] = raised / raised.sum(axis=1, keepdims=True)
    return shares
