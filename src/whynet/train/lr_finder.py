"""The learning-rate finder: raise the rate from far too low to far too high, and watch the cost.

The learning-rate range test of Smith 2017, "Cyclical learning rates for training neural networks",
section 3.3, in the exponential form that fastai made usual. At low rates the cost stays where it
is, then it falls, has a floor, and in the end rises or becomes NaN. A good rate lies on the slope.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, DivergedError
from whynet.nn import Network
from whynet.options import number, whole
from whynet.train.loop import Callback, Pictures, Training
from whynet.train.recipe import Recipe

_WINDOW = 1 / 20
"""The share of all steps that the running mean remembers."""

_FAR = 4.0
"""The cost has left the floor for good when it is so many times its best."""

_NOISE = 3.0
"""A fall of so many standard deviations of the smoothed cost is no accident."""

_SLIGHT = 0.01
"""And a fall by a smaller share of the cost is none to train by."""

_FEWEST_STEPS, _FEWEST_EXAMPLES = 200, 10_000


@dataclass(frozen=True)
class RangeTest:
    """What a learning-rate range test met.

    Attributes:
        rates: the learning rate of each update that was made.
        costs: each update's batch, measured before the update (with L2, if the recipe has it).
        smoothed: their running mean, m ← β m + (1 − β) cost, divided by 1 − βᵗ for having begun
            at 0, as in Adam. β is such that it remembers about a twentieth of all steps.
        steepest: the rate where the smoothed cost fell fastest, per factor of the rate.
        suggested: the geometric mean of `steepest` and of the rate where the smoothed cost was
            lowest. The first alone is timid and the second is on the edge; see docs/training.md
            for what trainings at the suggested rate came to. Both are None if the cost fell by no
            more than it swings anyway, or by less than a hundredth: the net is trained already, or
            cannot learn.
        diverged_at: the rate after which the cost was NaN, or the smoothed cost above 4 times its
            best; None if the test came to its highest rate.
    """

    rates: tuple[float, ...]
    costs: tuple[float, ...]
    smoothed: tuple[float, ...]
    steepest: float | None
    suggested: float | None
    diverged_at: float | None


def usual_steps(batch_size: int | None) -> int:
    """Return how many updates make a test: 200, or more if those would see few examples.

    Args:
        batch_size: examples an update; None for all at once.
    """
    return max(_FEWEST_STEPS, math.ceil(_FEWEST_EXAMPLES / (batch_size or _FEWEST_EXAMPLES)))


def find_lr(
    network: Network,
    recipe: Recipe,
    images: Pictures,
    labels: NDArray[Any],
    *,
    lowest: float | None = None,
    highest: float | None = None,
    steps: int | None = None,
    callbacks: Sequence[Callback] = (),
    threads: int | None = None,
) -> RangeTest:
    """Train from the net's present weights at ever higher rates, then give the weights back.

    The net's weights and running means end on the bits that they began with, whatever happens; the
    test's optimizer begins with no memory, and nobody else's is touched. The same arguments give
    the same result, bit for bit, on any number of threads.

    Args:
        network: what to find a rate for.
        recipe: how it will be trained. Its rate, schedule and epochs play no part.
        images: (n, *input_shape).
        labels: (n,) whole numbers, or rows (n, classes).
        lowest: the first rate; None takes a tenth of the lowest that the optimizer is used with.
        highest: the last rate; None takes a hundred times the highest.
        steps: updates from one to the other, over as many passes as they take; None takes those
            that see 10,000 examples, but at least 200.
        callbacks: what watches the test; a test that they stop is judged by what it met.
        threads: how many to use; None takes all cores.

    Raises:
        ConfigError, ShapeError: something does not fit.
        DivergedError: the cost was NaN before the first update.
        KeyboardInterrupt: someone pressed Ctrl-C.
    """
    if isinstance(callbacks, Callback):
        raise ConfigError("expected callbacks as a list, got one callback alone")
    usual = recipe.optimizer.usual_lr
    low = usual[0] / 10 if lowest is None else number(lowest, "lowest", above=0)
    high = max(usual[1], low) * 100 if highest is None else number(highest, "highest", above=low)
    steps = usual_steps(recipe.batch_size) if steps is None else whole(steps, "steps", least=20)
    curve = _Curve(steps)
    run = _Run(
        network,
        replace(recipe, epochs=steps),  # enough: an epoch is at least one step
        images,
        labels,
        callbacks=[curve, *callbacks],
        threads=threads,
    )
    run.rates = np.geomspace(low, high, steps)
    weights, state = network.parameters.copy(), network.state.copy()
    try:
        with suppress(DivergedError):
            run.run()
    finally:
        network.parameters[...], network.state[...] = weights, state
    if run.asked == "interrupted":
        raise KeyboardInterrupt
    if not curve.costs:
        raise DivergedError("the cost is infinite or NaN before the first update: look at the data")
    rates = run.rates[: len(curve.costs)]
    steepest, suggested = _judged(rates, curve)
    return RangeTest(
        rates=tuple(rates.tolist()),
        costs=tuple(curve.costs),
        smoothed=tuple(curve.smoothed),
        steepest=steepest,
        suggested=suggested,
        # NaN ends a run that nobody asked to stop.
        diverged_at=float(rates[-1]) if curve.far or run.stopped != run.asked else None,
    )


class _Run(Training):
    """Training with a rate of its own for every step, whatever the recipe says.

    Not a schedule, because every schedule can be named in a recipe, and this is none to train by.

    Attributes:
        rates: (steps,).
        asked: the first reason that anyone gave to stop.
    """

    rates: NDArray[np.float64]
    asked: str = ""

    @property
    def lr(self) -> float:
        """The learning rate of the next update; after the last one, still its own."""
        step = self.state.epoch * self.batches + self.state.batch
        return float(self.rates[min(step, len(self.rates) - 1)])

    def stop(self, reason: str) -> None:
        """See `Training.stop`."""
        super().stop(reason)
        self.asked = self.asked or reason


class _Curve(Callback):
    """Records and smooths the cost, and stops the test when there is no more to see."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self.window = max(1, round(steps * _WINDOW))
        self.costs: list[float] = []
        self.smoothed: list[float] = []
        self.far = False
        self._mean, self._best = 0.0, math.inf
        self._before = (0.0, 0)

    def on_batch_end(self, run: Training) -> None:
        """Add a point to the curve."""
        total, seen = self._before
        cost = (run.state.cost - total) / (run.state.seen - seen)
        self._before = run.state.cost, run.state.seen
        self.costs.append(cost)
        beta = 1 - 1 / self.window
        self._mean = beta * self._mean + (1 - beta) * cost
        self.smoothed.append(self._mean / (1 - beta ** len(self.costs)))
        if len(self.costs) >= self.window:  # before, the mean is of too few to be the best
            self._best = min(self._best, self.smoothed[-1])
        self.far = self.smoothed[-1] > _FAR * self._best
        if self.far or len(self.costs) == self._steps:
            run.stop("the test is over")

    def on_epoch_end(self, run: Training) -> None:
        """Begin new sums, as the run does."""
        self._before = (0.0, 0)


def _judged(rates: NDArray[np.float64], curve: _Curve) -> tuple[float | None, float | None]:
    """Return the rate of the steepest fall and the suggested one; None twice if nothing fell."""
    window, smoothed = curve.window, np.array(curve.smoothed)
    first, reach = window - 1, max(1, window // 2)
    # Like the eye, look at the slope over a stretch: from point to point it is mostly noise.
    middles = np.arange(first + reach, len(smoothed) - reach)
    if not len(middles):
        return None, None
    floor = first + int(smoothed[first:].argmin())
    beta = 1 - 1 / window
    spread = float(np.std(curve.costs[: max(window, 5)])) * math.sqrt((1 - beta) / (1 + beta))
    fall = smoothed[first] - smoothed[floor]
    if fall < max(_NOISE * spread, _SLIGHT * smoothed[first]):
        return None, None
    middles = middles[: max(1, int(np.searchsorted(middles, floor)))]
    slopes = smoothed[middles + reach] - smoothed[middles - reach]
    steepest = float(rates[middles[slopes.argmin()]])
    return steepest, math.sqrt(steepest * float(rates[floor]))
