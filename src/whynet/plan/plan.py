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

from collections.abc import Collection, Generator, Sequence
from functools import partial
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
from whynet.plan.steps.tap import TapStep

LANE = 4
"""Images of a lane, where lanes pay: with `whynet.ops.conv.winograd`."""

_VECTOR = 16

Meeting = Generator[Array, Array, Any]
"""A pass that *yields* what its shard adds to a sum over the whole batch and is *sent* that sum."""


class Plan:
    """A net's passes over n examples.

    A plan is for one of three things. Fill ``x``, and

    - to *predict*, call `forward` and find ``y``;
    - to *train*, run `forward_shard`, fill ``dy`` and run `backward_shard` for the parameters'
      gradients;
    - to *explain*, call `forward`, fill ``dy`` with a score's slope by ``y``, call `backward`, and
      find ``features`` and ``gradients`` at the places asked for. The net is taken as at
      prediction: dropout is idle, batch normalisation goes by its running moments.

    Args:
        network: whose parameters are used, as they are when a pass begins.
        n: how many examples.
        training: whether dropout drops, batch normalisation looks at the batch, and
            `backward_shard` will be run.
        places: what is explained: 0 is the picture, i the output of the i-th layer. The last
            layer's output is no place: ``y`` and ``dy`` are there already.

    Attributes:
        x: (n, *input_shape), to be filled.
        y: (n, *output_shape), a view of the last step's output.
        dy: like y, to be filled: ∂C/∂y. Not for prediction.
        features: by place, what lay there in the last forward pass, (n, *shape).
        gradients: by place, what came back there in the last backward pass, likewise. Every pass
            makes these arrays anew, so they are the caller's to keep.
        memory: what it takes.
        lanes, tail: the chains of steps.
        steps: in order, those of the first lane standing for all lanes.
    """

    def __init__(
        self, network: Network, n: int, *, training: bool = False, places: Collection[int] = ()
    ) -> None:
        self.network, self.n, self.training = network, n, training
        self.places = tuple(sorted(set(places)))
        memory = partial(Memory, network.dtype, training=training, explaining=bool(places))
        paper = memory()
        self._draw(paper)
        self.memory = memory(scratch_bytes=paper.scratch_bytes)
        self._draw(self.memory)
        self.features: dict[int, Array] = {}
        self.gradients: dict[int, Array] = {}
        self._taps = [
            (step, chain.rows)
            for chain in (*self.lanes, self.tail)
            for step in chain.steps
            if isinstance(step, TapStep)
        ]
        self.steps = [*(self.lanes[0].steps if self.lanes else ()), *self.tail.steps]

    def _draw(self, memory: Memory) -> None:
        network, n = self.network, self.n
        given = Form(n, network.input_shape, "plain")
        size, split = _lanes(network, n)
        work = parts(network, size, self.places)
        if not split:
            self.lanes: list[Chain] = []
            self.tail = Chain(work, given, memory)
            self.x = self.tail.start(memory)
            self.tail.end(memory)
        else:
            self._draw_lanes(work, size, memory)
        last = self.tail.steps[-1]
        self.y = last.returns.as_plain(self.tail.y)
        if memory.way_back:
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
            lane = Chain(work[:split], given, memory, rows=rows, twins=twins)
            lane.start(memory, x=self.x[rows], out=features[rows])
            if dfeatures is not None:
                lane.end(memory, dy=dfeatures[rows])
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

    def backward(self) -> None:
        """Run back from ``dy`` to the places asked for."""
        self.gradients = self._blank()
        for tap, rows in self._taps:
            tap.gradients = self.gradients[tap.place][rows]
        none: Sequence[Grads] = [{}] * len(self.network.layers)
        for chain in (self.tail, *self.lanes):
            for _ in chain.backward(none):
                raise AssertionError("shards meet in training alone")

    def _blank(self) -> dict[int, Array]:
        """Return an array to be filled for each place."""
        network = self.network
        shapes = [network.input_shape, *(layer.output_shape for layer in network.layers)]
        return {place: np.empty((self.n, *shapes[place]), network.dtype) for place in self.places}

    def forward_shard(self, rng: np.random.Generator | None = None) -> Meeting:
        """Run forward; see `Meeting`. Returns the moments that batch normalisation was sent."""
        for step in self.steps:
            step.begin()
        self.features = self._blank()
        for tap, rows in self._taps:
            tap.features = self.features[tap.place][rows]
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


def comfortable(network: Network, n: int) -> int:
    """Return for how many examples to make a plan that must hold n: the next number that suits it.

    Where n varies, a few plans then serve all. Little is lost, since what a core's vectors hold at
    a time (16 numbers) takes as long when it is not full.
    """
    if n <= _VECTOR:
        return 1 << max(n - 1, 0).bit_length()
    _, split = _lanes(network, n)
    step = max(2 * LANE if split else _VECTOR, (1 << (n - 1).bit_length()) // 8)
    return -(-n // step) * step


class Chain:
    """Steps in a row, linked: each writes where the next one reads.

    Attributes:
        rows: which of the plan's examples it runs.
        steps: in order.
        y, dy: the last output and its gradient, in the last step's form.
    """

    def __init__(
        self,
        work: Sequence[Part],
        given: Form,
        memory: Memory,
        *,
        rows: slice = slice(None),
        twins: Sequence[Step] = (),
    ) -> None:
        self._given, self.rows = given, rows
        self._back: list[Step] = []
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
        """Link backward, if there is a way back, from ``dy`` or a place of its own.

        Returns:
            the array of the input's gradient, if anybody asks for it.
        """
        if not memory.way_back:
            return None
        before = None
        for step in self.steps:
            step.offer_back(before)
            before = step.dslot
        last = self.steps[-1]
        if dy is None:
            dy = last.dslot if last.dslot is not None else memory.keep(last.returns.array)
        self.dy = dx = dy
        for at in reversed(range(len(self.steps))):
            step = self.steps[at]
            if not step.goes_back:
                break
            out = self.steps[at - 1].dslot if at else None
            linked = step.link_back(dx, out, memory)
            self._back.append(step)
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
        for step in self._back:
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
