"""A plan: everything that a net's passes over n examples need, worked out beforehand.

The layers say *what* is computed (`whynet.nn`). How it is computed depends on shapes alone: which
algorithm, in which memory, over which views. So it is settled once, and a pass is then a list of
calls into NumPy on arrays that are there already. Between two passes a plan belongs to nobody;
during one, to a single worker.

**Lanes.** What one image takes should stay in a core's own cache from layer to layer, so maps of
many channels are worked through a few images at a time (a *lane*). The dense layers behind them
would rather see many at once, since each look at a large weight matrix costs as much for 8 images
as for 32. A plan therefore runs its lanes one after another up to the vector that the dense layers
see, these all together, and the lanes again on the way back.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np

from whynet.nn import BatchNormalization, Flatten, GlobalAveragePooling2D, Network
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.compile import Part, parts, steps
from whynet.plan.form import Form
from whynet.plan.memory import Memory
from whynet.plan.steps.normalization import MeetingStep
from whynet.plan.steps.step import Step

LANE = 4
"""Images of a lane, where lanes pay: with `whynet.ops.conv.winograd`."""

Meeting = Generator[Array, Array, Any]
"""A pass that *yields* what its shard adds to a sum over the whole batch and is *sent* that sum."""


class Plan:
    """A net's passes over n examples.

    Fill ``x``, call `forward`, find ``y``; fill ``dy`` and call `backward` for the gradients.

    Args:
        network: whose parameters are used, as they are when a pass begins.
        n: how many examples.
        training: whether dropout drops, batch normalisation looks at the batch, and `backward` will
            be called.

    Attributes:
        x: (n, *input_shape), to be filled.
        y: (n, *output_shape), a view of the last step's output.
        dy: like y, to be filled: ∂C/∂y. Only if training.
        memory: what it takes.
        lanes, tail: the chains of steps.
        steps: in order, those of the first lane standing for all lanes.
    """

    def __init__(self, network: Network, n: int, *, training: bool) -> None:
        self.network, self.n, self.training = network, n, training
        paper = Memory(network.dtype, training=training)
        self._draw(paper)
        self.memory = Memory(network.dtype, training=training, scratch_bytes=paper.scratch_bytes)
        self._draw(self.memory)
        self.steps = [*(self.lanes[0].steps if self.lanes else ()), *self.tail.steps]

    def _draw(self, memory: Memory) -> None:
        network, n = self.network, self.n
        given = Form(n, network.input_shape, "plain")
        size, split = _lanes(network, n)
        work = parts(network, size)
        if not split:
            self.lanes: list[Chain] = []
            self.tail = Chain(work, given, memory)
            self.x = self.tail.start(memory)
            self.tail.end(memory)
        else:
            self._draw_lanes(work, size, memory)
        last = self.tail.steps[-1]
        self.y = last.returns.as_plain(self.tail.y)
        if self.training:
            self.dy = last.returns.as_plain(self.tail.dy)

    def _draw_lanes(self, work: Sequence[Part], size: int, memory: Memory) -> None:
        """First the tail, which says where lanes leave their vectors; then each lane."""
        network, n = self.network, self.n
        split = 1 + min(at for at, part in enumerate(work) if isinstance(part.layer, _ENDS))
        vector = work[split - 1].layer.output_shape
        self.tail = Chain(work[split:], Form(n, vector, "plain"), memory)
        features = self.tail.start(memory)
        dfeatures = self.tail.end(memory)
        self.x = memory.keep((n, *network.input_shape))
        self.lanes = []
        memory.mark()
        for start in range(0, n, size):
            rows = slice(start, min(start + size, n))
            memory.next_lane()
            given = Form(rows.stop - rows.start, network.input_shape, "plain")
            twins = self.lanes[0].steps if self.lanes else ()
            lane = Chain(work[:split], given, memory, twins=twins)
            lane.start(memory, x=self.x[rows], out=features[rows])
            lane.end(memory, dy=None if dfeatures is None else dfeatures[rows])
            self.lanes.append(lane)

    def forward(self, rng: np.random.Generator | None = None) -> Array:
        """Run ``x`` through the net and return ``y``, without meeting other shards."""
        run = self.forward_shard(rng)
        try:
            total = next(run)
            while True:
                total = run.send(total)
        except StopIteration:
            return self.y

    def forward_shard(self, rng: np.random.Generator | None = None) -> Meeting:
        """Run forward; see `Meeting`. Returns the moments that batch normalisation was sent."""
        for step in self.steps:
            step.begin()
        met: list[Array] = []
        for lane in self.lanes:
            yield from lane.forward(rng, met)
        yield from self.tail.forward(rng, met)
        return met

    def backward_shard(self, gradients: Sequence[Grads]) -> Meeting:
        """Run backward from ``dy``; see `Meeting`.

        Args:
            gradients: for each layer, where its parameters' gradients go, by name.
        """
        yield from self.tail.backward(gradients)
        for lane in self.lanes:
            yield from lane.backward(gradients)
        for step in self.steps:
            step.finish(gradients[step.index])


class Chain:
    """Steps in a row, linked: each writes where the next one reads.

    Attributes:
        steps: in order.
        y, dy: the last output and its gradient, in the last step's form.
    """

    def __init__(
        self, work: Sequence[Part], given: Form, memory: Memory, *, twins: Sequence[Step] = ()
    ) -> None:
        self._given = given
        self.steps = steps(work, given, memory, twins=twins)

    def start(self, memory: Memory, *, x: Array | None = None, out: Array | None = None) -> Array:
        """Link forward, from ``x`` (or a place of its own) to ``out`` (likewise).

        Returns:
            the input's array.
        """
        after = out
        for step in reversed(self.steps):
            step.offer(after)
            after = step.slot
        first = self.steps[0]
        if x is None:
            x = first.slot if first.slot is not None else memory.keep(self._given.array)
        begin = x
        for at, step in enumerate(self.steps):
            behind = self.steps[at + 1].slot if at + 1 < len(self.steps) else out
            x = step.link(x, behind, memory)
        self.y = x
        return begin

    def end(self, memory: Memory, *, dy: Array | None = None) -> Array | None:
        """Link backward, if training, from ``dy`` or a place of its own.

        Returns:
            the array of the input's gradient, if anybody asks for it.
        """
        if not memory.training:
            return None
        before = None
        for step in self.steps:
            step.offer_back(before)
            before = step.dslot
        last = self.steps[-1]
        if dy is None:
            dy = last.dslot if last.dslot is not None else memory.keep(last.returns.array)
        self.dy = dx = dy
        self._taught: list[Step] = []
        for at in reversed(range(len(self.steps))):
            step = self.steps[at]
            if not (step.need_dx or step.layer.params):
                break
            out = self.steps[at - 1].dslot if at else None
            linked = step.link_back(dx, out, memory)
            self._taught.append(step)
            if not step.need_dx or linked is None:
                return None
            dx = linked
        return dx

    def forward(self, rng: np.random.Generator | None, met: list[Array]) -> Meeting:
        """Run forward; see `Meeting`. Adds the moments that it is sent to ``met``."""
        for step in self.steps:
            if step.meets and isinstance(step, MeetingStep):
                moments = yield step.moments()
                step.meet(moments)
                met.append(moments)
            step.forward(rng)

    def backward(self, gradients: Sequence[Grads]) -> Meeting:
        """Run backward; see `Meeting`."""
        for step in self._taught:
            if step.meets and isinstance(step, MeetingStep):
                sums = yield step.upstream_sums()
                step.meet_back(sums)
            step.backward(gradients[step.index])


_ENDS = Flatten | GlobalAveragePooling2D
"""Where pictures become vectors."""


def _lanes(network: Network, n: int) -> tuple[int, bool]:
    """How many images make a lane, and whether there are lanes at all.

    Lanes leave their vectors in the layers' own order, to which only "nc" leads.
    """
    ends = any(isinstance(layer, _ENDS) for layer in network.layers[:-1])
    meets = any(isinstance(layer, BatchNormalization) for layer in network.layers)
    if n <= LANE or meets or not ends:
        return n, False
    algorithms = [part.algorithm for part in parts(network, LANE) if part.algorithm]
    if algorithms[-1:] == ["winograd"]:
        return LANE, True
    return n, False
