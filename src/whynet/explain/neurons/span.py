"""Consecutive layers of a net, run by plans: how every look at units runs the net."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import numpy as np

from whynet.errors import ConfigError
from whynet.nn import Network
from whynet.ops.arrays import Array
from whynet.train.shards import Plans, cut
from whynet.train.workers import Workers

T = TypeVar("T")

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
        self._plans = Plans(self)

    @contextmanager
    def outputs(self, n: int, fill: Callable[[Array], None]) -> Iterator[Array]:
        """Lend the outputs for n inputs, (n, *output_shape), until the ``with`` block ends.

        Args:
            n: how many.
            fill: writes them, (n, *input_shape).

        Raises:
            ConfigError: an output is not finite.
        """
        plan = self._plans.borrow(n)
        fill(plan.x)
        with np.errstate(over="ignore", invalid="ignore"):  # looked for below
            y = plan.forward()
        if not np.isfinite(y).all():
            raise ConfigError(
                f"{self.layers[-1].name}: expected finite outputs, got NaN or infinity: "
                "the weights are too large, or not finite themselves"
            )
        yield y
        self._plans.give_back(plan)


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
