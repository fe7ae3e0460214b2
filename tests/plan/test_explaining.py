"""Plans that explain: features and gradients at any place, as the layers' own passes have them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from helpers.gradients import apart, assert_gradients
from helpers.layers import every_differentiable
from helpers.plans import assert_close, doubtful, draw, networks, preset_net, stir
from whynet.nn import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Network,
    ReLU,
    Tanh,
)
from whynet.ops.arrays import Array
from whynet.plan import Plan, comfortable
from whynet.plan.steps.pooling import MaxPoolingStep
from whynet.plan.steps.tap import TapStep
from whynet.presets import preset_names

ByPlace = dict[int, Array]

patient = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def explain(plan: Plan, x: Array, dy: Array) -> tuple[Array, ByPlace, ByPlace]:
    """Run a plan there and back."""
    plan.x[...] = x
    y = plan.forward().copy()
    plan.dy[...] = dy
    plan.backward()
    return y, plan.features, plan.gradients


def by_the_layers(net: Network, x: Array, dy: Array) -> tuple[Array, ByPlace, ByPlace]:
    """The same by the layers' own passes, at every place."""
    features, gradients, caches = {0: x}, {len(net.layers): dy}, []
    for at, layer in enumerate(net.layers, start=1):
        features[at], cache = layer.forward(features[at - 1])
        caches.append(cache)
    for at in reversed(range(len(net.layers))):
        gradients[at], _ = net.layers[at].backward(gradients[at + 1], caches[at], need_grads=False)
    return features[len(net.layers)], features, gradients


def check(
    net: Network,
    n: int,
    places: Collection[int],
    *,
    tolerance: float = 1e-10,
    doubts: float = 0,
) -> Plan:
    """Explain twice, with other data and parameters, so that stale buffers show.

    With ``doubts``, Hypothesis drops examples that numbers closer than that decide.
    """
    rng = np.random.default_rng(n)
    plan = Plan(net, n, places=places)
    for _ in range(2):
        stir(net, rng)
        x, dy = draw(net, n, rng)
        if doubts:
            assume(not doubtful(net, x, training=False, margin=doubts))
        found, right = explain(plan, x, dy), by_the_layers(net, x, dy)
        assert_close(found[0], right[0], tolerance)
        for mine, known in zip(found[1:], right[1:], strict=True):
            assert mine.keys() == set(places)
            for place in places:
                assert_close(mine[place], known[place], tolerance)
    return plan


def inside(net: Network) -> range:
    return range(len(net.layers))


PRESETS = [name for name in preset_names() if name != "perceptron"]


@pytest.mark.parametrize("n", [1, 5, 19])
@pytest.mark.parametrize("name", PRESETS)
def test_presets_at_all_places(name, n):
    check(preset_net(name, dropout=True), n, inside(preset_net(name)))


@pytest.mark.parametrize("name", ["mlp", "lenet", "small"])
def test_presets_at_each_place(name):
    """Alone, so that nothing else keeps steps from moving or memory from being shared."""
    net = preset_net(name)
    for place in inside(net):
        check(net, 9, [place])


def winograd_net(dtype: type = np.float64) -> Network:
    """Lanes, dropout on maps and on vectors, pooling, and a map that tiles do not fit."""
    layers = [
        Conv2D(2, 3, padding="same"),
        ReLU(),
        Conv2D(3, 3, algorithm="winograd"),
        MaxPooling2D(2),
        Tanh(),
        Dropout(0.25),
        Conv2D(2, 3, padding="same", algorithm="winograd"),
        Flatten(),
        Dense(4),
        Tanh(),
        Dropout(0.5),
        Dense(3),
    ]
    return Network(layers, (8, 7, 1), seed=3, dtype=dtype)


def mixed_net() -> Network:
    """Running moments, strides, even filters, depthwise filters, what only layers can do."""
    layers = [
        Conv2D(3, (2, 4), strides=(1, 2), padding="same"),
        BatchNormalization(),
        Tanh(),
        DepthwiseConv2D(2, padding="same"),
        AveragePooling2D(2),
        Dropout(0.25),
        Conv2D(4, 2, use_bias=False),
        MaxPooling2D(2, strides=1, padding="same"),
        Tanh(),
        GlobalAveragePooling2D(),
        BatchNormalization(),
        Dense(3),
    ]
    return Network(layers, (6, 9, 2), seed=3, dtype=np.float64)


@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("make", [winograd_net, mixed_net])
def test_any_two_places(make, n):
    net = make()
    for low in inside(net):
        plan = check(net, n, {low, (3 * low + 1) % len(net.layers)})
        assert bool(plan.lanes) == (make is winograd_net and n > 4)


@every_differentiable
@pytest.mark.parametrize("n", [1, 17])
def test_every_layer(example, n):
    check(Network([example.make()], example.input_shape, dtype=np.float64), n, [0])


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (2, 1)], ids=str)
@pytest.mark.parametrize("kernel", [1, 2, 3, (1, 4), (5, 2)], ids=str)
@pytest.mark.parametrize("algorithm", ["im2col", "partial_im2col"])
def test_convolutions_of_a_picture(algorithm, kernel, strides, padding):
    """Down to one channel there is a way back of its own."""
    for channels, n in ((1, 3), (1, 17), (2, 9)):
        convolution = Conv2D(3, kernel, strides=strides, padding=padding, algorithm=algorithm)
        check(Network([convolution, Tanh()], (8, 9, channels), dtype=np.float64), n, [0, 1])


@patient
@given(net=networks(), n=st.integers(1, 20), data=st.data())
def test_any_net(net, n, data):
    note(str(net.config()))
    places = data.draw(st.sets(st.sampled_from(inside(net)), min_size=1))
    check(net, n, places, doubts=1e-8)


@patient
@given(net=networks(dtype=np.float32, most=5), n=st.integers(1, 20), data=st.data())
def test_any_net_in_float32(net, n, data):
    """Held to float32's own passes, by what a few layers with Winograd may err in a row."""
    note(str(net.config()))
    places = data.draw(st.sets(st.sampled_from(inside(net)), min_size=1))
    check(net, n, places, tolerance=3e-4, doubts=1e-4)


@pytest.mark.parametrize("name", ["mlp", "sigmoid-30"])
def test_dense_nets_in_float32(name):
    check(preset_net(name, dtype=np.float32), 33, inside(preset_net(name)), tolerance=1e-5)


@pytest.mark.parametrize("make", [winograd_net, mixed_net])
def test_gradients_are_finite_differences(make):
    """At the picture and in the middle, where the layers above are run on moved features."""
    net, n, rng = make(), 6, np.random.default_rng(2)
    stir(net, rng)
    x, dy = apart(rng, (n, *net.input_shape)), rng.standard_normal((n, *net.output_shape))
    assert not doubtful(net, x, training=False, margin=1e-4)
    _, features, gradients = explain(Plan(net, n, places=(0, 5)), x, dy)
    for place in (0, 5):
        moved = features[place]

        def cost(place: int = place, y: Array = moved) -> float:
            for layer in net.layers[place:]:
                y, _ = layer.forward(y)
            return float((dy * y).sum())

        assert_gradients(gradients[place], cost, moved)


def test_pooling_does_not_move_past_a_place_asked_for():
    net = preset_net("lenet")  # convolution, ReLU, pooling, ...
    for places, before in (((0,), 3), ((1,), 4), ((2,), 5)):
        kinds = [type(step) for step in Plan(net, 32, places=places).steps]
        # A tap, perhaps a change of order, then the convolution and its bias.
        assert kinds.index(MaxPoolingStep) == before
        assert kinds.count(TapStep) == 1


class TestTies:
    """Of equal values in a max-pool, the first wins, as in the layers' own pass."""

    @pytest.mark.parametrize("places", [{0}, {1}, {0, 2}], ids=str)
    @pytest.mark.parametrize("size", [2, 3, (1, 4)], ids=str)
    def test_on_a_blank_picture(self, size, places):
        """All outputs of the convolution are equal; its one weight says where gradients went."""
        net = Network([Conv2D(1, 1), Tanh(), MaxPooling2D(size)], (6, 8, 1), dtype=np.float64)
        x, (_, dy) = np.ones((9, 6, 8, 1)), draw(net, 9, np.random.default_rng(1))
        _, _, gradients = explain(Plan(net, 9, places=places), x, dy)
        (down, right), (rows, columns, _) = net.layers[2].window[1], net.output_shape
        for place, gradient in gradients.items():
            first = gradient[:, ::down, ::right][:, :rows, :columns]
            assert np.count_nonzero(gradient) == np.count_nonzero(first) == first.size
            assert_close(gradient, by_the_layers(net, x, dy)[2][place], 1e-12)

    def test_of_coarse_numbers(self):
        """They tie all the time."""
        net = Network([Conv2D(3, 1), MaxPooling2D(), ReLU()], (8, 6, 2), dtype=np.float64)
        rng = np.random.default_rng(3)
        kernel = net.layers[0].params["kernel"]
        kernel[...] = rng.integers(-1, 2, kernel.shape)
        x, dy = rng.integers(-2, 3, (12, 8, 6, 2)).astype(float), draw(net, 12, rng)[1]
        for places in ({0}, {0, 1, 2}):
            _, _, gradients = explain(Plan(net, 12, places=places), x, dy)
            for place, right in by_the_layers(net, x, dy)[2].items():
                if place in places:
                    assert_close(gradients[place], right, 1e-12)


def test_arrays_outlast_the_next_pass():
    net, rng = winograd_net(), np.random.default_rng(4)
    plan = Plan(net, 10, places=(0, 4))
    _, features, gradients = explain(plan, *draw(net, 10, rng))
    held = [array.copy() for array in (*features.values(), *gradients.values())]
    explain(plan, *draw(net, 10, rng))
    for array, before in zip((*features.values(), *gradients.values()), held, strict=True):
        np.testing.assert_array_equal(array, before)


def test_features_alone():
    """There need be no way back."""
    net, rng = mixed_net(), np.random.default_rng(5)
    plan, (x, dy) = Plan(net, 3, places=(4,)), draw(net, 3, rng)
    plan.x[...] = x
    plan.forward()
    assert_close(plan.features[4], by_the_layers(net, x, dy)[1][4], 1e-10)


class Thrifty(Dense):
    """A dense layer that refuses to compute what nobody needs."""

    def backward(self, dy, cache, **asked):
        assert asked["need_grads"] is False
        return super().backward(dy, cache, **asked)


def test_no_parameters_gradient_is_computed():
    net = Network([Conv2D(8), Conv2D(8), Flatten(), Thrifty(3)], (8, 8, 1), dtype=np.float64)
    check(net, 9, [0])
    explaining, training = Plan(net, 9, places=[0]), Plan(net, 9, training=True)
    kernel = next(s for s in explaining.steps if s.algorithm)._filters.dcolumns
    learnt = next(s for s in training.steps if s.algorithm)._filters.dcolumns
    assert kernel.size == 0 < learnt.size


def test_below_the_lowest_place_nothing_goes_back():
    net = preset_net("lenet")
    high, low = (Plan(net, 16, places=[place]) for place in (7, 0))
    assert high.memory.total < low.memory.total / 2


@given(n=st.integers(1, 5000), name=st.sampled_from(["mlp", "lenet", "numpy-cnn"]))
def test_comfortable_numbers(n, name):
    net = preset_net(name)
    suits = comfortable(net, n)
    assert n <= suits < max(2 * n, n + 16)
    assert comfortable(net, suits) == suits
    assert n < 128 or suits <= 1.25 * n


def test_comfortable_numbers_are_few():
    for name in ("lenet", "numpy-cnn"):
        net = preset_net(name)
        assert len({comfortable(net, n) for n in range(1, 65)}) <= 12
