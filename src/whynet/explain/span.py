"""Consecutive layers of a net, run by plans: how every explanation runs a net."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import numpy as np

from whynet.errors import ConfigError
from whynet.nn import Network
from whynet.ops.arrays import Array
from whynet.plan import Plan
from whynet.train.shards import cut
from whynet.train.workers import Workers

T = TypeVar("T")

IDLE_BYTES = 256 * 2**20
"""Memory of the plans that a span keeps while nobody uses them."""

_AHEAD = 8  # blocks for each thread before their results are handed on


class Span(Network):
    """The layers of a net from one place to another, seen as a net of their own.

    They are the net's own layers: nothing is copied, and no name or parameter is assigned. Any
    number of threads may run a span at once.

    Args:
        net: whose layers.
        start: the place where the inputs lie: 0 is the picture, i the output of the i-th layer.
        stop: the place of the outputs, above ``start``.
    """

    def __init__(self, net: Network, start: int, stop: int) -> None:
        self.layers = net.layers[start:stop]
        self.input_shape = self.layers[0].input_shape
        self.output_shape = self.layers[-1].output_shape
        self.parameters, self.state = net.parameters, net.state  # for their type
        self._idle: list[Plan] = []
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, n: int, places: Collection[int] = ()) -> Iterator[Plan]:
        """Lend a plan that nobody else is using, until the ``with`` block ends.

        Args:
            n: for how many examples.
            places: what it explains, below the outputs; see `Plan`. None, and it predicts.
        """
        plan = self._borrow(n, tuple(sorted(set(places))))
        yield plan
        self._give_back(plan)  # unless it failed on the way: then nobody knows what is in it

    def _borrow(self, n: int, places: tuple[int, ...]) -> Plan:
        with self._lock:
            for at, plan in enumerate(self._idle):
                if (plan.n, plan.places) == (n, places):
                    return self._idle.pop(at)
        return Plan(self, n, places=places)

    def _give_back(self, plan: Plan) -> None:
        """Keep a plan for the next. What was used longest ago goes first."""
        with self._lock:
            self._idle.append(plan)
            taken = sum(each.memory.total for each in self._idle)
            while taken > IDLE_BYTES and len(self._idle) > 1:
                taken -= self._idle.pop(0).memory.total

    @contextmanager
    def outputs(self, n: int, fill: Callable[[Array], None]) -> Iterator[Array]:
        """Lend the outputs for n inputs, (n, *output_shape), until the ``with`` block ends.

        Args:
            n: how many.
            fill: writes them, (n, *input_shape).

        Raises:
            ConfigError: an output is not finite.
        """
        with self.lent(n) as plan:
            fill(plan.x)
            with np.errstate(over="ignore", invalid="ignore"):  # looked for below
                y = plan.forward()
            if not np.isfinite(y).all():
                raise ConfigError(
                    f"{self.layers[-1].name}: expected finite outputs, got NaN or infinity: "
                    "the weights are too large, or not finite themselves"
                )
            yield y


def in_blocks(
    task: Callable[[slice], T], n: int, size: int, threads: int | None = None
) -> Iterator[T]:
    """Run ``task`` for consecutive blocks of n examples over threads; results in that order.

    Only a few blocks' results are held at a time, so that folding them into one takes the same
    memory for any n. Where blocks begin depends on ``size`` and n alone, so that results are the
    same on any number of threads.
    """
    blocks = cut(n, size)
    with Workers(threads) as workers:
        ahead = _AHEAD * workers.threads
        for first in range(0, len(blocks), ahead):
            some = blocks[first : first + ahead]
            yield from workers.map(partial(_run, task, some), len(some))


def _run(task: Callable[[slice], T], blocks: Sequence[slice], index: int) -> T:
    return task(blocks[index])
