"""One line of the result, and how it is made from alternating turns."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Row:
    """A work beside one peer.

    Attributes:
        work, peer: their names.
        setting: how the peer ran.
        ours, theirs: medians over the turns, in ``unit``.
        ratio: how many times better ours is: above 1 we are ahead.
        spread: the interquartile range of the ratios of single pairs of turns.
        least, aim: the ratio that is asked for, and the one hoped for.
        disturbed: whether others used the machine meanwhile, so that the row is no result.
    """

    work: str
    peer: str
    setting: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    spread: float
    least: float
    aim: float
    disturbed: bool = False

    @property
    def reached(self) -> str:
        """Which of the two targets the ratio reaches."""
        if self.disturbed:
            return "disturbed"
        if self.ratio >= self.aim:
            return "aim"
        return "at least" if self.ratio >= self.least else "no"

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON takes it."""
        return asdict(self) | {"reached": self.reached}


def alternate(turns: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Let everyone take a turn, again and again, so that a slow minute is everyone's."""
    measured: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            measured[name].append(turn())
    return measured


def spread(ratios: list[float]) -> float:
    """Return the interquartile range."""
    low, high = np.percentile(ratios, [25, 75])
    return float(high - low)


def compared(
    work: str,
    peer: str,
    ours: list[float],
    theirs: list[float],
    *,
    targets: tuple[float, float],
    unit: str,
    setting: str = "",
    show: Callable[[float], float] = float,
) -> Row:
    """Make a row of what less is better of: times, or bytes.

    Args:
        work: its name.
        peer: its name.
        ours: one measurement a round.
        theirs: the same of the peer, in the same order.
        targets: at least, and aim.
        unit: of what is shown.
        setting: how the peer ran.
        show: turns a measurement into what is shown, such as pictures a second.
    """
    mine, other = statistics.median(ours), statistics.median(theirs)
    return Row(
        work=work,
        peer=peer,
        setting=setting,
        ours=show(mine),
        theirs=show(other),
        unit=unit,
        ratio=other / mine,
        spread=spread([b / a for a, b in zip(ours, theirs, strict=True)]),
        least=targets[0],
        aim=targets[1],
    )
