"""One batch, cut into shards that run side by side, and put together the same way every time.

Three things make a run repeat bit for bit on any number of threads:

- where a batch is cut depends on the net and the batch alone, never on the machine;
- each shard's random numbers are keyed by the run's seed, the step and the shard;
- the shards' gradients are added up in one fixed tree, whoever finished first, and divided once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from whynet.nn import Cost, Network
from whynet.nn.network import Meeting
from whynet.ops.arrays import Array, Integers
from whynet.randomness import keyed_generator
from whynet.train.workers import Workers

WORTHWHILE = 16_000_000
"""Multiply-adds below which a shard is not worth handing to a thread (about 1 ms)."""

Load = Callable[[slice], tuple[Array, Array]]
"""Fetches part of a batch: positions in the batch in, inputs and targets out."""


def shard_size(network: Network) -> int:
    """How many examples make a shard: a power of two, at least 8."""
    size = 8
    while size * network.multiply_adds < WORTHWHILE and size < 1024:
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


@dataclass
class BatchResult:
    """What a step learned from one batch.

    Attributes:
        gradient: of the average cost, (parameters,). Overwritten by the next batch.
        cost: summed over the examples.
        correct: how many examples were answered rightly.
        met: the moments that each batch normalisation met, for `Network.remember`.
    """

    gradient: Array
    cost: float
    correct: int
    met: list[Array]


class Gradients:
    """Computes the gradient of a batch with a team of workers.

    Args:
        network: whose parameters stay as they are.
        cost: what to differentiate.
        workers: who does it.
    """

    def __init__(self, network: Network, cost: Cost, workers: Workers) -> None:
        self._network, self._cost, self._workers = network, cost, workers
        self._size = shard_size(network)
        self._vectors: list[Array] = []

    def of_batch(self, n: int, load: Load, key: tuple[int, ...]) -> BatchResult:
        """Return the gradient of the average cost over a batch of n examples.

        Args:
            n: the batch's size.
            load: fetches any part of it; called once for each shard, on its worker.
            key: whole numbers that name this step among all steps of all runs.
        """
        shards = cut(n, self._size)
        while len(self._vectors) < len(shards):
            self._vectors.append(np.empty_like(self._network.parameters))
        runs: list[Meeting | None] = [None] * len(shards)
        sent: Array | None = None

        def advance(index: int) -> Any:
            """Take a shard to the next place where shards meet, or to its end."""
            run = runs[index]
            try:
                # A rate too high ends in infinities; the loop sees the cost and stops.
                with np.errstate(over="ignore", invalid="ignore"):
                    if run is None:
                        run = runs[index] = self._run(index, shards[index], load, key)
                        return next(run)
                    return run.send(sent)  # type: ignore[arg-type]
            except StopIteration as finished:
                runs[index] = None
                return finished.value

        while True:
            came = self._workers.map(advance, len(shards))
            if runs[0] is None:
                break
            sent = tree_sum(came)
        costs, correct, met = zip(*came, strict=True)
        gradient = tree_sum(self._vectors[: len(shards)])
        gradient /= n
        return BatchResult(gradient, float(sum(costs)), int(sum(correct)), met[0])

    def _run(self, index: int, shard: slice, load: Load, key: tuple[int, ...]) -> Meeting:
        """Run one shard forward and backward; yields where shards meet."""
        network = self._network
        rng = keyed_generator(*key, index) if network.random else None
        x, targets = load(shard)
        y, caches, met = yield from network.forward_shard(
            x, training=True, rng=rng, scratch=self._workers.scratch
        )
        costs, dy = self._cost.compute(y, targets)
        correct = np.count_nonzero(y.argmax(axis=1) == targets.argmax(axis=1))
        yield from network.backward_shard(dy, caches, self._vectors[index])
        return costs.sum(dtype=np.float64), correct, met


def outputs(network: Network, n: int, load: Callable[[slice], Array], workers: Workers) -> Array:
    """Return the net's outputs for n examples, (n, *output_shape), as used for prediction."""
    size = max(shard_size(network), 32)
    shards = cut(n, size)
    y = np.empty((n, *network.output_shape), network.dtype)

    def run(index: int) -> None:
        x = load(shards[index])
        with np.errstate(over="ignore", invalid="ignore"):  # as while training
            y[shards[index]], _ = network.forward(x, scratch=workers.scratch)

    workers.map(run, len(shards))
    return y


def as_input(images: Array | Integers, dtype: np.dtype[Any]) -> Array:
    """Turn pictures into what a net takes: bytes are grey levels and become 0 to 1.

    Floating-point arrays are taken as they are.
    """
    if images.dtype == np.uint8:
        levels: Array = images / dtype.type(255)
        return levels
    return np.ascontiguousarray(images, dtype)
