"""Where a batch is cut, and how the pieces are put together: the same way every time.

Three things make a run repeat bit for bit on any number of workers, threads or processes:

- where a batch is cut depends on the net and the batch alone, never on the machine;
- each shard's random numbers are keyed by the run's seed, the step and the shard;
- the shards' gradients are added up in one fixed tree, whoever finished first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.nn import Network
from whynet.ops.arrays import Array, Integers
from whynet.plan import Plan
from whynet.train.workers import Workers

WORTHWHILE = 8_000_000
"""Multiply-adds below which a shard is not worth handing to a worker (about 0.3 ms)."""

SMALLEST, LARGEST = 32, 1024
"""Examples of a shard: enough for matrix products to be efficient, and not all of a batch."""

_SHARE = 4
"""Shards that a batch is cut into at least before they grow beyond what makes them worthwhile."""


def shard_size(network: Network, batch_size: int | None = None) -> int:
    """How many examples make a shard: a power of two.

    Each shard costs one more gradient to add up and one more look at all weights, but a batch can
    keep no more workers busy than it has shards.

    Args:
        network: what is computed.
        batch_size: of an update; None for prediction, where there are always more examples.
    """
    size = SMALLEST
    while size * network.multiply_adds < WORTHWHILE and size < LARGEST:
        size *= 2
    if size == SMALLEST and (batch_size is None or batch_size >= _SHARE * 2 * size):
        size *= 2
    return size


def cut(n: int, size: int) -> list[slice]:
    """Cut n examples into shards of ``size``, the last one shorter."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def tree_sum(parts: list[Array]) -> Array:
    """Add arrays up in pairs, pairs of pairs and so on; overwrites ``parts``, returns the first.

    The order depends on how many there are and on nothing else.
    """
    gap = 1
    while gap < len(parts):
        for index in range(0, len(parts) - gap, 2 * gap):
            parts[index] += parts[index + gap]
        gap *= 2
    return parts[0]


class Plans:
    """The plans of one net, lent to whoever runs a shard and taken back for the next.

    Args:
        network: whose plans.
        batch_size: of training; None for prediction.

    Attributes:
        size: how many examples make a shard.
    """

    def __init__(self, network: Network, batch_size: int | None = None) -> None:
        self._network, self._training = network, batch_size is not None
        self.size = shard_size(network, batch_size)
        self._idle: dict[int, list[Plan]] = {}

    def borrow(self, n: int) -> Plan:
        """Return a plan for n examples that nobody else is using."""
        try:
            return self._idle.setdefault(n, []).pop()  # atomic, so no two threads get one plan
        except IndexError:
            return Plan(self._network, n, training=self._training)

    def give_back(self, plan: Plan) -> None:
        """Let others have a plan."""
        self._idle[plan.n].append(plan)


def outputs(
    plans: Plans, network: Network, n: int, load: Callable[[slice, Array], None], workers: Workers
) -> Array:
    """Return the net's outputs for n examples, (n, *output_shape), as used for prediction.

    Args:
        plans: for prediction.
        network: whose outputs.
        n: how many.
        load: fetches any part of the examples: positions in, fills the inputs.
        workers: who does it.
    """
    shards = cut(n, plans.size)
    y = np.empty((n, *network.output_shape), network.dtype)

    def run(index: int) -> None:
        shard = shards[index]
        plan = plans.borrow(shard.stop - shard.start)
        load(shard, plan.x)
        with np.errstate(over="ignore", invalid="ignore"):  # as while training
            np.copyto(y[shard], plan.forward())
        plans.give_back(plan)

    workers.map(run, len(shards))
    return y


def as_input(images: Array | Integers, dtype: np.dtype[Any]) -> Array:
    """Turn pictures into what a net takes: bytes are grey levels and become 0 to 1.

    Floating-point arrays are taken as they are.
    """
    x = np.empty(images.shape, dtype)
    put_input(images, x)
    return x


def put_input(
    images: Array | Integers, x: Array, chosen: slice | NDArray[np.int64] = slice(None)
) -> None:
    """Write chosen pictures into x as a net takes them; see `as_input`."""
    if images.dtype == np.uint8:
        np.divide(images[chosen], x.dtype.type(255), out=x)
    elif isinstance(chosen, slice) or images.dtype != x.dtype:
        np.copyto(x, images[chosen])
    else:
        images.take(chosen, axis=0, out=x, mode="clip")  # other modes check and copy first
