"""How every side times itself: the median over many batches, the first few left out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise

WARM_UP = 3
"""Batches at the start of a turn that don't count: caches fill, plans are made."""

LEAST = 4
"""Batches that are counted in a turn, however slow they are."""


def median_gap(ends: list[float]) -> float:
    """Return the median time of a batch, from the moments at which batches ended."""
    gaps = [after - before for before, after in pairwise(ends)]
    return statistics.median(gaps[min(WARM_UP, len(gaps) - 1) :])


def median_call(call: Callable[[], object], seconds: float, least: int = LEAST) -> float:
    """Call something again and again for a while; return the median time of a call."""
    ends = [time.perf_counter()]
    until = ends[0] + seconds
    while ends[-1] < until or len(ends) < least + WARM_UP:
        call()
        ends.append(time.perf_counter())
    return median_gap(ends)
