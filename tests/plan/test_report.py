"""What `whynet.plan.report` says of plans: complete, consistent, and true."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

from whynet import Conv2D, Dense, Flatten, MaxPooling2D, ReLU, Sequential, Sigmoid
from whynet.nn import BatchNormalization, Layer
from whynet.plan import Plan
from whynet.plan.report import PlanReport, Report, report
from whynet.presets import load_preset, preset_names
from whynet.train.shards import shard_size


def of(net: Sequential, batch_size: int, **options) -> Report:
    return report(net, batch_size, shard_size(net, batch_size), seconds=0, **options)


def plans(found: Report) -> list[PlanReport]:
    return [plan for plan in (found.training, found.last, found.prediction) if plan is not None]


@pytest.fixture(scope="module", params=preset_names())
def preset(request) -> tuple[Sequential, Report]:
    net = load_preset(request.param).build()
    return net, report(net, shard_size(net) + 3, shard_size(net), seconds=0, cores=2)


def test_every_layer_has_its_steps(preset) -> None:
    net, found = preset
    for plan in plans(found):
        assert {step.name for step in plan.steps} == {layer.name for layer in net.layers}
        for step in plan.steps:
            assert net.layers[step.layer].name == step.name
            assert step.does != "layer"
            assert step.order in ("plain", "nc", "cn")
            assert bool(step.algorithm) == (step.does == "convolution")
            assert not step.forced


def test_totals_add_up(preset) -> None:
    net, found = preset
    for plan in plans(found):
        for times in ("estimated", "measured"):
            parts = [getattr(step, times) for step in plan.steps]
            total = getattr(plan, times)
            assert total.forward == pytest.approx(sum(part.forward for part in parts))
            assert total.backward == pytest.approx(sum(part.backward for part in parts))
            assert total.total == total.forward + total.backward
        # Forward, and the filters' gradient; the input's everywhere but in the lowest layer.
        assert sum(step.multiply_adds[0] for step in plan.steps) == net.multiply_adds
        assert plan.gigaflops == pytest.approx(2e-3 * plan.multiply_adds / plan.measured.total)
    assert found.prediction.multiply_adds == net.multiply_adds
    lowest = next(layer for layer in net.layers if layer.params)
    assert found.training.multiply_adds == 3 * net.multiply_adds - lowest.multiply_adds
    assert found.memory == (
        found.plans_memory + found.gradients + found.parameters + found.optimizer
    )
    assert (found.shards, found.last.examples) == (2, 3)
    assert found.gradients == 2 * net.parameters.nbytes


def test_times_are_measured(preset) -> None:
    _, found = preset
    for plan in plans(found):
        assert all(step.measured.forward > 0 for step in plan.steps)
        assert all(step.estimated.forward >= 0 for step in plan.steps)
        learns = [step for step in plan.steps if step.multiply_adds[0]]
        back = [step.measured.backward for step in learns]
        assert all(back) if plan is not found.prediction else not any(back)
        for step in plan.steps:
            assert (step.estimated.backward > 0) <= (step.measured.backward > 0)


def test_memory_is_the_plans_own(preset) -> None:
    net, found = preset
    for plan, training in ((found.training, True), (found.last, True), (found.prediction, False)):
        assert plan.memory == Plan(net, plan.examples, training=training).memory.total


def test_memory_is_all_there_is(preset) -> None:
    """What the report does not count (views, and lines of numbers for channels) is little."""
    net, found = preset
    tracemalloc.start()
    plan = Plan(net, found.training.examples, training=True)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert plan.n == found.training.examples
    predicted = found.training.memory + found.training.filters
    assert predicted == pytest.approx(taken, rel=0.05, abs=200_000)


@pytest.mark.parametrize("name", ["mlp", "lenet", "small"])
def test_memory_grows_with_the_batch(name: str) -> None:
    net = load_preset(name).build()
    found = [of(net, batch_size, cores=4) for batch_size in (1, 8, 16, 32, 64, 128)]
    for memory in ([one.memory for one in found], [one.training.memory for one in found]):
        assert memory == sorted(memory)


def test_with_batch_normalization_all_shards_are_under_way() -> None:
    alone = Sequential([Conv2D(4), ReLU(), Flatten(), Dense(10)])
    meets = Sequential([Conv2D(4), BatchNormalization(), ReLU(), Flatten(), Dense(10)])
    size = shard_size(alone)
    for net, whole in ((alone, 2), (meets, 5)):
        found = report(net, 5 * size + 1, size, cores=2, seconds=0)
        assert (found.shards, found.workers, found.plans) == (6, 2, whole)
    assert of(alone, 5).workers == of(alone, 5).plans == 1


@pytest.mark.parametrize("algorithm", ["winograd", "partial_im2col", "im2col", "reference"])
def test_forced_algorithms_are_told(algorithm: str) -> None:
    layers = [Conv2D(2, algorithm=algorithm), ReLU(), MaxPooling2D(), Flatten(), Dense(10)]
    found = of(Sequential(layers, (8, 8, 1)), 4)
    told = [step for step in found.training.steps if step.does == "convolution"]
    assert [(step.algorithm, step.forced) for step in told] == [(algorithm, True)]


def test_lanes_are_told() -> None:
    net = load_preset("numpy-cnn").build()
    plan = Plan(net, 20, training=True)
    found = report(net, 20, 32, seconds=0).training
    assert (found.lanes, found.lane_size) == (len(plan.lanes), plan.lanes[0].steps[0].given.n)
    assert found.lanes > 1
    assert len(found.steps) == len(plan.steps)


@dataclass(eq=False)
class Twice(Layer):
    """A layer of somebody's own."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.input_shape = self.output_shape = input_shape
        return input_shape

    def forward(self, x, *, training=False, rng=None, scratch=None):
        return 2 * x, None

    def backward(self, dy, cache, *, need_dx=True):
        return 2 * dy, {}


def test_layers_of_ones_own_are_layers() -> None:
    net = Sequential([Flatten(), Dense(5), Twice(), Sigmoid(), Dense(10)])
    (step,) = [step for step in of(net, 8).training.steps if step.name == "twice_1"]
    assert (step.does, step.algorithm) == ("layer", "")
    assert step.measured.forward > 0
    assert step.measured.backward > 0


def test_reporting_changes_nothing() -> None:
    net = Sequential([Conv2D(4), BatchNormalization(), ReLU(), Flatten(), Dense(10)])
    before = net.parameters.copy(), net.state.copy()
    of(net, 40)
    assert np.array_equal(before[0], net.parameters)
    assert np.array_equal(before[1], net.state)
