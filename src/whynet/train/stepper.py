"""One update: a team finds the gradient of a batch, then takes the optimizer's step.

Each member runs the shards that are its own, forward and backward. When all have met, each adds up
its part of the gradient over all shards and updates that part of the parameters. Nothing depends
on how many members there are: neither what is added to what, nor in which order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whynet.nn import BatchNormalization, Cost, Network
from whynet.ops.arrays import Array
from whynet.optim.optimizer import Memory, Optimizer, part_of, parts
from whynet.plan.plan import Meeting
from whynet.randomness import keyed_generator
from whynet.train.shards import Plans, cut, tree_sum
from whynet.train.team import Meet, Team

Fetch = Callable[[NDArray[np.int64], int, Array], Array]
"""Gets examples by their numbers, as they look in an epoch: fills the inputs, returns targets."""

_NOISE = 2  # what a random key is for, so that no two uses share one


class Outcome(NamedTuple):
    """What an update found.

    Attributes:
        cost: summed over the examples, with L2's share.
        correct: how many examples were answered rightly.
        made: whether there was an update: not if the cost was infinite or NaN.
    """

    cost: float
    correct: int
    made: bool


class _Part(NamedTuple):
    """A part of the parameters, with its gradients by shard and all that goes with it."""

    parameters: Array
    gradients: list[Array]
    memory: Memory
    decayed: Array


class Stepper:
    """Makes updates with a team.

    Args:
        network: what to update.
        cost: what to make small.
        optimizer: how to step.
        memory: what the optimizer remembers.
        fetch: where examples come from.
        batch_size: the most examples of an update.
        team: who does the work; has not begun yet.
        seed: of dropout's noise.
        l2: λ of L2 regularisation.

    Attributes:
        memory: what the optimizer remembers, where all members see it.
    """

    def __init__(
        self,
        network: Network,
        cost: Cost,
        optimizer: Optimizer,
        memory: Memory,
        fetch: Fetch,
        batch_size: int,
        team: Team,
        *,
        seed: int = 0,
        l2: float = 0.0,
    ) -> None:
        self._network, self._cost, self._optimizer = network, cost, optimizer
        self._fetch, self._team, self._seed, self._l2 = fetch, team, seed, l2
        self._random = network.random
        self._plans = Plans(network, batch_size)
        self._size = self._plans.size
        count = len(cut(batch_size, self._size))
        # What members tell each other.
        dtype, size = network.dtype, network.parameters.size
        self._order = team.array((5,), np.float64)
        self._chosen = team.array((batch_size,), np.int64)
        self._results = team.array((count, 2), np.float64)
        channels = [x.input_shape[-1] for x in network.layers if isinstance(x, BatchNormalization)]
        self._meetings = 2 * len(channels)  # each there and back
        self._sums = team.array((2, count, 3 * max(channels, default=0)), np.float64)
        self._vectors = [team.array((size,), dtype) for _ in range(count)]
        self._views = [network.by_layer(vector) for vector in self._vectors]
        # Where all see everything anyway, the net's own parameters are used.
        self._parameters = team.common(network.parameters)
        self.memory = {name: team.common(array) for name, array in memory.items()}
        decayed = network.decayed
        self._parts = [
            _Part(
                self._parameters[part],
                [vector[part] for vector in self._vectors],
                part_of(self.memory, part, size),
                decayed[part],
            )
            for part in parts(size)
        ]
        self._met: list[Array] = []
        team.begin(self._work)

    @property
    def gradient(self) -> Array:
        """The gradient of the last update's average cost, with L2's share, (parameters,)."""
        return self._vectors[0]

    def update(self, chosen: NDArray[np.int64], *, epoch: int, step: int, lr: float) -> Outcome:
        """Make one update from the examples of these numbers.

        Args:
            chosen: (n,).
            epoch: under way.
            step: the number of this update among all of the run.
            lr: the learning rate.
        """
        network, n = self._network, len(chosen)
        self._chosen[:n] = chosen
        if self._parameters is not network.parameters:
            np.copyto(self._parameters, network.parameters)  # someone may have changed them
        order = n, epoch, step, lr, self._penalty(n)
        for place, number in enumerate(order):  # faster than all at once
            self._order[place] = number
        self._optimizer.begin(self.memory)
        self._team.run()
        cost, correct = self._found(n)
        if not math.isfinite(cost):
            return Outcome(cost, correct, made=False)
        if self._parameters is not network.parameters:
            np.copyto(network.parameters, self._parameters)
        if self._met:
            network.remember(self._met)
        return Outcome(cost, correct, made=True)

    def _penalty(self, n: int) -> float:
        if not self._l2:
            return 0.0
        weights = self._parameters * self._network.decayed
        with np.errstate(over="ignore", invalid="ignore"):
            return n * self._l2 / 2 * float(weights @ weights)

    def _found(self, n: int) -> tuple[float, int]:
        costs, correct = zip(*self._results[: -(-n // self._size)].tolist(), strict=True)
        return sum(costs) + float(self._order[4]), int(sum(correct))

    # -- what each member does --------------------------------------------------------------

    def _work(self, member: int, meet: Meet) -> None:
        if member and self._team.apart and self._network.parameters is not self._parameters:
            self._network.move(self._parameters)  # this process's copy of the net
        numbers = self._order.tolist()
        n, epoch, step = map(int, numbers[:3])
        shards = cut(n, self._size)
        # A rate too high ends in infinities; the loop sees the cost and stops.
        with np.errstate(over="ignore", invalid="ignore"):
            runs = {
                index: self._run(index, n, self._chosen[shards[index]], epoch, step)
                for index in range(member, len(shards), self._team.members)
            }
            self._run_together(runs, len(shards), meet)
            meet()
            if math.isfinite(self._found(n)[0]):
                self._step(member, len(shards), numbers[3])

    def _run_together(self, runs: dict[int, Meeting], count: int, meet: Meet) -> None:
        """Run shards to their ends; wherever they yield, meet and send them the sum over all."""
        sent: Array | None = None
        for turn in range(self._meetings):
            # Two tables in turn: the next one is written while others still read the last.
            sums = self._sums[turn % 2]
            for index, run in runs.items():
                came = run.send(sent)  # type: ignore[arg-type]
                sums[index, : came.size] = came.reshape(-1)
                shape = came.shape
            meet()
            if runs:
                size = math.prod(shape)
                sent = tree_sum(list(sums[:count, :size].copy())).reshape(shape)
        for index, run in runs.items():
            try:
                run.send(sent)  # type: ignore[arg-type]
            except StopIteration as finished:
                if index == 0:
                    self._met = finished.value

    def _run(self, index: int, n: int, chosen: NDArray[np.int64], epoch: int, step: int) -> Meeting:
        """Run one shard of a batch of n forward and backward; yields where shards meet."""
        plan = self._plans.borrow(len(chosen))
        rng = keyed_generator(self._seed, _NOISE, step, index) if self._random else None
        targets = self._fetch(chosen, epoch, plan.x)
        met = yield from plan.forward_shard(rng)
        costs, dy = self._cost.compute(plan.y, targets)
        # The one division, of the average: here it is of a few numbers, later of all parameters.
        np.multiply(dy, dy.dtype.type(1 / n), out=plan.dy)
        correct = np.count_nonzero(plan.y.argmax(axis=1) == targets.argmax(axis=1))
        yield from plan.backward_shard(self._views[index])
        self._plans.give_back(plan)
        self._results[index] = costs.sum(dtype=np.float64), correct
        return met

    def _step(self, member: int, count: int, lr: float) -> None:
        """Add up this member's parts of the gradient, and update those parts."""
        for part in self._parts[member :: self._team.members]:
            gradient = tree_sum(part.gradients[:count])
            if self._l2:
                gradient += gradient.dtype.type(self._l2) * part.parameters * part.decayed
            self._optimizer.update(
                part.parameters, gradient, part.memory, lr=lr, decayed=part.decayed
            )
