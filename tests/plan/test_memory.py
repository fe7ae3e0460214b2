"""What plans take, and that passes take nothing more."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from helpers.plans import alone, draw, preset_net
from whynet.plan import Plan
from whynet.plan.steps.convolution import ConvolutionStep


def traced(work: Callable[[], object], *, warm: bool = False) -> tuple[int, int, object]:
    """Run something: bytes that stay, most bytes in between, and what it returned.

    With ``warm``, once before: what takes the place of something then counts for nothing.
    """
    tracemalloc.start()
    try:
        if warm:
            work()
            tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = work()
        after, peak = tracemalloc.get_traced_memory()
        return after - before, peak - before, result
    finally:
        tracemalloc.stop()


def filters_bytes(plan: Plan) -> int:
    """What convolutions keep of their filters, in forms of their own."""
    held = [vars(step._filters) for step in plan.steps if isinstance(step, ConvolutionStep)]
    return sum(a.nbytes for one in held for a in one.values() if isinstance(a, np.ndarray))


@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@pytest.mark.parametrize("name", ["mlp", "lenet", "numpy-cnn", "tiny", "small"])
def test_a_plan_says_what_it_takes(name, training):
    """To 5 %, beside the filters in the algorithms' own forms and the objects themselves."""
    net = preset_net(name, dtype=np.float32, dropout=True)
    taken, _, plan = traced(lambda: Plan(net, 32, training=training))
    total = plan.memory.total
    assert total <= taken <= 1.05 * total + filters_bytes(plan) + 120_000


@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
def test_drawing_up_on_paper_takes_no_memory(training):
    """No more than the plan that comes of it: sizes are worked out with stand-ins."""
    net = preset_net("lenet", dtype=np.float32)
    taken, most, _ = traced(lambda: Plan(net, 64, training=training))
    assert most <= 1.02 * taken


@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@pytest.mark.parametrize(
    ("name", "bound"),
    [("mlp", 40_000), ("lenet", 80_000), ("tiny", 90_000), ("numpy-cnn", 160_000)],
)
def test_passes_ask_for_no_memory(name, bound, training):
    """However many examples: NumPy's own buffers for casts (8,192 numbers each) are the most.

    In numpy-cnn it is the largest filter, turned over when a pass begins (147 kB). Dropout is
    off here: it does ask, for its bits.
    """
    net, rng = preset_net(name, dtype=np.float32), np.random.default_rng(0)
    gradients = net.by_layer(np.empty_like(net.parameters))

    for n in (8, 64):
        plan = Plan(net, n, training=training)
        plan.x[...], dy = draw(net, n, rng)

        def once(plan=plan, dy=dy) -> None:
            alone(plan.forward_shard())
            if training:
                plan.dy[...] = dy
                alone(plan.backward_shard(gradients))

        stays, most, _ = traced(once, warm=True)
        assert most < bound
        assert stays < 2_000


@pytest.mark.parametrize("name", ["mlp", "lenet", "tiny"])
def test_explaining_asks_for_what_it_hands_out(name):
    net, rng = preset_net(name, dtype=np.float32), np.random.default_rng(0)
    plan = Plan(net, 64, places=(0, 2))
    plan.x[...], dy = draw(net, 64, rng)

    def once() -> None:
        plan.forward()
        plan.dy[...] = dy
        plan.backward()

    stays, most, _ = traced(once, warm=True)
    handed = sum(array.nbytes for array in (*plan.features.values(), *plan.gradients.values()))
    assert most < handed + 90_000
    assert stays < 2_000


def test_dropout_asks_for_bits_alone():
    """Two bytes a unit, of which one more says yes or no; and what casting takes."""
    net, rng = preset_net("mlp", dtype=np.float32, dropout=True), np.random.default_rng(0)
    plan = Plan(net, 64, training=True)
    plan.x[...], _ = draw(net, 64, rng)
    _, most, _ = traced(lambda: alone(plan.forward_shard(rng)), warm=True)
    assert most < 3 * 64 * 256 + 80_000


@pytest.mark.parametrize("name", ["lenet", "numpy-cnn", "tiny"])
def test_memory_does_not_grow(name):
    net, rng = preset_net(name, dtype=np.float32, dropout=True), np.random.default_rng(0)
    plan = Plan(net, 4, training=True)
    plan.x[...], _ = draw(net, 4, rng)
    gradients = net.by_layer(np.empty_like(net.parameters))

    def many(times: int) -> None:
        for _ in range(times):
            alone(plan.forward_shard(rng))
            alone(plan.backward_shard(gradients))

    stays, _, _ = traced(lambda: many(20), warm=True)
    assert stays < 2_000
