"""What a plan is made of, what it should cost, and what it costs: `whynet show --plan`.

**Estimated** times come from a model of three numbers, the same on every machine. A product takes
`NS_MULTIPLY_ADD` for each of its multiply-adds; other work takes `NS_NUMBER` for each number, as
often as it is passed over, and `NS_CALL` for each call into NumPy. Convolutions say themselves what
they expect of a forward pass; backward they do the same again for the filters' gradient, and once
more for the input's. The model knows neither caches nor how small matrices slow a product down. For
what takes most of the time it is right within a factor of two or so, on a core of today; where a
measured time is far from it, there is something to be found.

**Measured** times are taken inside whole passes, forward and backward, so that every step finds the
caches as its neighbours leave them. Of several passes each step's median is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import Any

import numpy as np

from whynet.nn import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    Network,
)
from whynet.ops.conv import PREPARED, Job
from whynet.ops.conv.prepared import NS_MULTIPLY_ADD
from whynet.plan.form import Order
from whynet.plan.plan import Meeting, Plan
from whynet.plan.steps.activation import ActivationStep, BiasStep
from whynet.plan.steps.convolution import ConvolutionStep
from whynet.plan.steps.dense import DenseStep
from whynet.plan.steps.depthwise import DepthwiseStep
from whynet.plan.steps.dropout import DropoutStep
from whynet.plan.steps.layer import LayerStep
from whynet.plan.steps.normalization import NormalizationStep
from whynet.plan.steps.pooling import AveragePoolingStep, GlobalAveragePoolingStep, MaxPoolingStep
from whynet.plan.steps.reshape import FlattenStep, ReorderStep
from whynet.plan.steps.step import Step

NS_NUMBER = 0.3
"""What passing over a number once takes: reading it, a simple operation, and writing the result."""

NS_CALL = 1500
"""What a call into NumPy takes besides, whatever it does: once for all examples of a lane."""

_CURVE = 10
"""As long as so many simple operations an exponential or hyperbolic tangent takes."""

_REPEATS = 3, 200
"""Fewest and most passes that are measured, after one that is not."""


# -- what is reported ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """Microseconds an image on one thread, there and back."""

    forward: float
    backward: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.forward + self.backward


@dataclass(frozen=True)
class StepReport:
    """One line of the table.

    Attributes:
        layer: whose work, or part of whose work, it is: the layer's place in the net.
        name: the layer's name.
        does: what, in plain words.
        algorithm: which, where there are several.
        forced: whether the net asks for this one.
        order: in which the output lies; see `whynet.plan.form.Form`.
        multiply_adds: an image, forward and backward, counted as if done directly.
        estimated, measured: the times.
    """

    layer: int
    name: str
    does: str
    algorithm: str
    forced: bool
    order: Order
    multiply_adds: tuple[int, int]
    estimated: Times
    measured: Times


@dataclass(frozen=True)
class PlanReport:
    """One plan.

    Attributes:
        examples: how many it is for.
        lanes: into how many parts they are cut up to the dense layers; 1 if they are not.
        lane_size: examples of a part (the last may be smaller).
        kept, common, scratch: bytes of each kind; see `whynet.plan.memory.Memory`.
        filters: bytes of filters as their algorithms want them, and of their gradients.
        steps: in running order.
    """

    examples: int
    lanes: int
    lane_size: int
    kept: int
    common: int
    scratch: int
    filters: int
    steps: tuple[StepReport, ...]

    @property
    def memory(self) -> int:
        """Bytes of kept, common and scratch memory: the plan's ``memory.total``."""
        return self.kept + self.common + self.scratch

    @property
    def estimated(self) -> Times:
        """All steps' estimates together."""
        return _sum(step.estimated for step in self.steps)

    @property
    def measured(self) -> Times:
        """All steps' measured times together; what lies between steps is not in it."""
        return _sum(step.measured for step in self.steps)

    @property
    def multiply_adds(self) -> int:
        """All steps' together, there and back."""
        return sum(sum(step.multiply_adds) for step in self.steps)

    @property
    def gigaflops(self) -> float:
        """Billions of operations a second that a direct computation would have had to do.

        Two for a multiply-add. Algorithms that need fewer may so surpass what the machine can do.
        """
        return 2e-3 * self.multiply_adds / self.measured.total


@dataclass(frozen=True)
class Report:
    """How a batch is trained on, and what that takes.

    Attributes:
        batch_size, shard_size: in examples.
        workers: how many can share the batch, on a machine with so many cores.
        normalizes: whether shards wait for each other, in batch normalisation, and so are all
            under way at once.
        training: the plan of a shard.
        last: the plan of the last shard, where that is shorter.
        prediction: the plan of as many examples, without a way back.
        parameters, optimizer: bytes of what is learnt, and of what the update rule remembers.
    """

    batch_size: int
    shard_size: int
    workers: int
    normalizes: bool
    training: PlanReport
    last: PlanReport | None
    prediction: PlanReport
    parameters: int
    optimizer: int

    @property
    def shards(self) -> int:
        """Into how many the batch is cut."""
        return -(-self.batch_size // self.shard_size)

    @property
    def plans(self) -> int:
        """How many plans of whole shards are there at once, besides the last shard's shorter one.

        A worker holds one; with batch normalisation, one for each shard that it has under way.
        """
        whole = self.shards - (self.last is not None)
        return whole if self.normalizes else min(self.workers, whole)

    @property
    def plans_memory(self) -> int:
        """Bytes of all of them, filters included."""
        held = self.plans * (self.training.memory + self.training.filters)
        return held if self.last is None else held + self.last.memory + self.last.filters

    @property
    def gradients(self) -> int:
        """Bytes of the gradient vectors, one a shard."""
        return self.shards * self.parameters

    @property
    def memory(self) -> int:
        """Bytes of all arrays that training takes, besides the data."""
        return self.plans_memory + self.gradients + self.parameters + self.optimizer


def report(
    network: Network,
    batch_size: int,
    shard_size: int,
    *,
    cores: int = 1,
    optimizer: int = 0,
    seconds: float = 1.2,
) -> Report:
    """Make the plans for a batch, and measure them.

    Args:
        network: whose plans. Its parameters stay as they are.
        batch_size: how many examples.
        shard_size: how many of them make a shard, at most.
        cores: how many workers the machine has room for.
        optimizer: bytes that the update rule remembers.
        seconds: how long to measure, about. Whoever calls holds the matrix library to one thread.
    """
    size = min(shard_size, batch_size)
    rest = batch_size % size
    last = _plan_report(network, rest, training=True, seconds=seconds / 4) if rest else None
    return Report(
        batch_size=batch_size,
        shard_size=size,
        workers=min(cores, -(-batch_size // size)),
        normalizes=any(isinstance(layer, BatchNormalization) for layer in network.layers),
        training=_plan_report(network, size, training=True, seconds=seconds / 2),
        last=last,
        prediction=_plan_report(network, size, training=False, seconds=seconds / 4),
        parameters=network.parameters.nbytes,
        optimizer=optimizer,
    )


def _plan_report(network: Network, n: int, *, training: bool, seconds: float) -> PlanReport:
    plan = Plan(network, n, training=training)
    place = {id(layer): index for index, layer in enumerate(network.layers)}
    steps = []
    for step, measured in zip(plan.steps, _measure(plan, seconds), strict=True):
        algorithm, forced = _algorithm(step)
        steps.append(
            StepReport(
                layer=place[id(step.layer)],
                name=step.layer.name,
                does=_words(step),
                algorithm=algorithm,
                forced=forced,
                order=step.returns.order,
                multiply_adds=_multiply_adds(step),
                estimated=_estimate(step),
                measured=measured,
            )
        )
    return PlanReport(
        examples=n,
        lanes=max(1, len(plan.lanes)),
        lane_size=plan.lanes[0].steps[0].given.n if plan.lanes else n,
        kept=plan.memory.kept,
        common=plan.memory.common_bytes,
        scratch=plan.memory.scratch_bytes,
        filters=sum(map(_filters, plan.steps)),
        steps=tuple(steps),
    )


def _sum(times: Iterator[Times]) -> Times:
    forward, backward = zip(*((one.forward, one.backward) for one in times), strict=True)
    return Times(sum(forward), sum(backward))


# -- in words -----------------------------------------------------------------------------------

_STEPS: dict[type[Step], str] = {
    BiasStep: "bias",
    ConvolutionStep: "convolution",
    DepthwiseStep: "depthwise",
    DenseStep: "dense",
    DropoutStep: "dropout",
    NormalizationStep: "normalisation",
    MaxPoolingStep: "max pooling",
    AveragePoolingStep: "mean pooling",
    GlobalAveragePoolingStep: "mean pooling",
    FlattenStep: "flatten",
    ReorderStep: "reorder",
}

_LAYERS: dict[type[Layer], str] = {
    Conv2D: "convolution",
    DepthwiseConv2D: "depthwise",
    Dense: "dense",
    BatchNormalization: "normalisation",
    MaxPooling2D: "max pooling",
    AveragePooling2D: "mean pooling",
    GlobalAveragePooling2D: "mean pooling",
}


def _words(step: Step) -> str:
    """Say what a step does. A layer that runs itself is named by its class, if that is ours."""
    if type(step) in _STEPS:
        return _STEPS[type(step)]
    named = _LAYERS.get(type(step.layer), "")
    if not named and type(step.layer).__module__.startswith("whynet."):
        named = str(getattr(step.layer, "function", ""))
    return named or "layer"


def _algorithm(step: Step) -> tuple[str, bool]:
    """Return the algorithm, if there is a choice, and whether the net asks for that very one."""
    asked = str(getattr(step.layer, "algorithm", ""))
    if isinstance(step, LayerStep) and type(step.layer) in (Conv2D, DepthwiseConv2D):
        return ("im2col" if asked == "auto" else asked), asked != "auto"
    return step.algorithm, bool(step.algorithm) and step.algorithm == asked


def _filters(step: Step) -> int:
    held = vars(getattr(step, "_filters", object)) if isinstance(step, ConvolutionStep) else {}
    return sum(array.nbytes for array in held.values() if isinstance(array, np.ndarray))


# -- estimates ----------------------------------------------------------------------------------

_PASSES: dict[type[Step], tuple[float, float]] = {
    BiasStep: (1, 1),
    ActivationStep: (1, 2),
    DropoutStep: (6, 1),
    NormalizationStep: (6, 7),
    MaxPoolingStep: (2, 3),
    AveragePoolingStep: (1, 1),
    GlobalAveragePoolingStep: (1, 1),
    FlattenStep: (0, 0),
    ReorderStep: (3, 3),
    DenseStep: (1, 1),
    LayerStep: (4, 4),
}
"""How often a step passes over the larger of its input and output, forward and backward."""


def _multiply_adds(step: Step) -> tuple[int, int]:
    """Count a direct computation's, for one image. A layer's are its main step's."""
    if isinstance(step, BiasStep | ReorderStep):
        return 0, 0
    forward = step.layer.multiply_adds
    return forward, forward * _ways_back(step)


def _ways_back(step: Step) -> int:
    """How many gradients are products like the forward pass: of the filters, and of the input."""
    learns = bool(step.layer.params) and not isinstance(step, ReorderStep)
    return (learns + step.need_dx) if step.training else 0


def _estimate(step: Step) -> Times:
    layer, ways = step.layer, _ways_back(step)
    if isinstance(step, ConvolutionStep):
        job = Job(
            windows=step.layer.windows,
            n=step.given.n,
            channels=step.given.channels,
            filters=step.layer.filters,
            dtype=step.dtype,
            gives="nc",
        )
        forward = PREPARED[step.algorithm].estimate(job)
        return Times(forward / 1e3, forward * ways / 1e3)
    there, back = _PASSES.get(type(step), (4, 4))
    if isinstance(step, DropoutStep | NormalizationStep) and not step.training:
        there = 0 if isinstance(step, DropoutStep) else 2
    products = _multiply_adds(step)
    numbers = max(prod(step.given.shape), prod(step.returns.shape))
    if isinstance(step, DepthwiseStep):  # multiplied and added as whole maps, not as matrices
        there, numbers = 2 * prod(step.layer.windows.size), prod(step.returns.shape)
        back, products = there * ways, (0, 0)
    call = NS_CALL / step.given.n
    each = numbers * NS_NUMBER + call
    forward = products[0] * NS_MULTIPLY_ADD + there * each + call
    if getattr(layer, "function", "") in ("sigmoid", "tanh"):
        forward += _CURVE * numbers * NS_NUMBER
    backward = products[1] * NS_MULTIPLY_ADD + back * each + call
    return Times(forward / 1e3, backward / 1e3 if ways else 0.0)


# -- measuring ----------------------------------------------------------------------------------


class _Stopwatch:
    """Times the steps of a plan from within: their methods stop the time that they take.

    So the plan runs as it always does, whatever its order. All lanes count for the same steps.

    Attributes:
        forward, backward: nanoseconds so far, step by step.
    """

    def __init__(self, plan: Plan) -> None:
        count = len(plan.steps)
        self.forward, self.backward = [0] * count, [0] * count
        tail = count - len(plan.tail.steps)
        chains = [*((lane, 0) for lane in plan.lanes), (plan.tail, tail)]
        for chain, first in chains:
            for at, step in enumerate(chain.steps, first):
                self._watch(step, ("begin", "moments", "meet", "forward"), self.forward, at)
                back = "upstream_sums", "meet_back", "backward", "finish"
                self._watch(step, back, self.backward, at)

    def _watch(self, step: Step, names: tuple[str, ...], spent: list[int], at: int) -> None:
        for name in names:
            if hasattr(step, name):
                setattr(step, name, _timed(getattr(step, name), spent, at))

    def restart(self) -> None:
        """Back to 0."""
        for spent in (self.forward, self.backward):
            spent[:] = [0] * len(spent)


def _timed(call: Callable[..., Any], spent: list[int], at: int) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        begin = perf_counter_ns()
        result = call(*arguments)
        spent[at] += perf_counter_ns() - begin
        return result

    return timed


def _measure(plan: Plan, seconds: float) -> list[Times]:
    """Run a plan on noise, which takes as long as pictures. It is of no other use afterwards."""
    watch, network = _Stopwatch(plan), plan.network
    rng = np.random.default_rng(0)
    x = rng.random(plan.x.shape, np.float32)
    dy = rng.standard_normal(plan.y.shape, np.float32) / plan.n
    gradients = network.by_layer(np.zeros_like(network.parameters))
    fewest, most = _REPEATS
    passes: list[tuple[list[int], list[int]]] = []
    end = perf_counter() + seconds
    while len(passes) <= fewest or (len(passes) <= most and perf_counter() < end):
        watch.restart()
        plan.x[...] = x  # each time, since steps may overwrite what they read
        with np.errstate(all="ignore"):  # of weights gone astray
            _run(plan.forward_shard(rng))
            if plan.training:
                plan.dy[...] = dy
                _run(plan.backward_shard(gradients))
        passes.append((list(watch.forward), list(watch.backward)))
    each = 1e-3 / plan.n
    forward, backward = (np.array(spent).T for spent in zip(*passes[1:], strict=True))
    return [
        Times(median(there) * each, median(back) * each)
        for there, back in zip(forward.tolist(), backward.tolist(), strict=True)
    ]


def _run(meeting: Meeting) -> None:
    """Run a pass to its end; a shard that is alone is sent its own sums."""
    try:
        total = next(meeting)
        while True:
            total = meeting.send(total)
    except StopIteration:
        return
