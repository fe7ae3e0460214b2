"""Learning-rate schedules: what the rate is multiplied by, as training goes on.

A schedule is a pure function of how far training has come, so a resumed run needs no memory of it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from whynet.options import make, number_fields, whole_fields


class Moment(NamedTuple):
    """How far training has come.

    Attributes:
        step: updates made so far.
        steps: updates in the whole run.
        epoch: whole passes over the data so far.
        watched: what each finished epoch cost, on validation data where there is any.
    """

    step: int
    steps: int
    epoch: int
    watched: tuple[float, ...] = ()


SCHEDULES: dict[str, type[Schedule]] = {}
"""Every schedule class by its name, as options and model files call it."""


@dataclass(frozen=True)
class Schedule(ABC):
    """A rule for the learning rate over time."""

    def __init_subclass__(cls, name: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        SCHEDULES[name] = cls

    @abstractmethod
    def factor(self, moment: Moment) -> float:
        """Return what to multiply the optimizer's ``lr`` by for the step about to be made."""

    def config(self) -> dict[str, Any]:
        """Describe the rule in plain values: its ``type`` and every option."""
        name = next(name for name, cls in SCHEDULES.items() if cls is type(self))
        return {"type": name, **asdict(self)}


@dataclass(frozen=True)
class Constant(Schedule, name="constant"):
    """One rate throughout."""

    def factor(self, moment: Moment) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class StepDecay(Schedule, name="step"):
    """Multiply the rate by ``gamma`` after every ``every`` epochs."""

    every: int = 10
    gamma: float = 0.1

    def __post_init__(self) -> None:
        whole_fields(self, "every", least=1)
        number_fields(self, "gamma", above=0, most=1)

    def factor(self, moment: Moment) -> float:
        """Return gamma to the power of the periods that have passed."""
        return float(self.gamma ** (moment.epoch // self.every))


def _cosine(start: float, end: float, progress: float) -> float:
    """Go from start to end along half a wave of the cosine, progress from 0 to 1."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


@dataclass(frozen=True)
class Cosine(Schedule, name="cosine"):
    """From the full rate to ``final`` of it along half a cosine (Loshchilov & Hutter 2017)."""

    final: float = 0.0

    def __post_init__(self) -> None:
        number_fields(self, "final", least=0, most=1)

    def factor(self, moment: Moment) -> float:
        """Return the wave's height at this step."""
        return _cosine(1.0, self.final, moment.step / max(moment.steps, 1))


@dataclass(frozen=True)
class OneCycle(Schedule, name="one_cycle"):
    """Warm up from a low rate to the full one, then fall far below (Smith & Topin 2018).

    Attributes:
        warm_up: the share of all steps that the rate rises for.
        start: the first rate, as a share of the full one.
        final: the last.
    """

    warm_up: float = 0.3
    start: float = 0.04
    final: float = 1e-4

    def __post_init__(self) -> None:
        number_fields(self, "warm_up", above=0, below=1)
        number_fields(self, "start", above=0, most=1)
        number_fields(self, "final", least=0, most=1)

    def factor(self, moment: Moment) -> float:
        """Return the height of the cycle at this step; both sides are half cosines."""
        progress = moment.step / max(moment.steps, 1)
        if progress < self.warm_up:
            return _cosine(self.start, 1.0, progress / self.warm_up)
        return _cosine(1.0, self.final, (progress - self.warm_up) / (1 - self.warm_up))


@dataclass(frozen=True)
class ReduceOnPlateau(Schedule, name="plateau"):
    """Multiply the rate by ``gamma`` whenever the cost has not fallen for ``patience`` epochs.

    Attributes:
        gamma: between 0 and 1.
        patience: epochs to wait for an improvement.
        threshold: the share by which the cost must fall to count as one.
    """

    gamma: float = 0.3
    patience: int = 3
    threshold: float = 1e-4

    def __post_init__(self) -> None:
        number_fields(self, "gamma", above=0, below=1)
        whole_fields(self, "patience", least=1)
        number_fields(self, "threshold", least=0, below=1)

    def factor(self, moment: Moment) -> float:
        """Replay the costs so far and count the reductions that they called for."""
        best, waited, factor = math.inf, 0, 1.0
        for cost in moment.watched:
            if cost < best * (1 - self.threshold):
                best, waited = cost, 0
                continue
            waited += 1
            if waited >= self.patience:
                factor, waited = factor * self.gamma, 0
        return factor


def make_schedule(name: str, **options: Any) -> Schedule:
    """Make a schedule by its name: "constant", "step", "cosine", "one_cycle" or "plateau".

    Raises:
        ConfigError: no such schedule, or an option that it does not take.
    """
    return make("a schedule", SCHEDULES, name, options)
