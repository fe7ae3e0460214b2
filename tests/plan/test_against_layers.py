"""Plans against the layers' own passes: the same numbers, for every net that can be made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from helpers.plans import (
    alone,
    ask,
    assert_close,
    assert_same_gradient,
    by_the_layers,
    doubtful,
    draw,
    networks,
    preset_net,
    stir,
    teach,
)
from whynet.nn import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LeakyReLU,
    MaxPooling2D,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    layer_from_config,
)
from whynet.plan import Plan
from whynet.presets import preset_names

TOLERANCE = 1e-10
"""In float64, relative to the largest number."""

patient = settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def check(net: Network, n: int, *, seed: int = 0, doubts: bool = False) -> None:
    """Train and predict twice, with other data and other parameters, so that stale buffers show.

    With ``doubts``, Hypothesis drops examples that the last bits decide.
    """
    rng = np.random.default_rng(seed)
    learning, asking = Plan(net, n, training=True), Plan(net, n, training=False)
    for _ in range(2):
        stir(net, rng)
        x, dy = draw(net, n, rng)
        if doubts:
            for training in (False, True):
                assume(not doubtful(net, x, training=training, margin=1e-8))
        y, gradient = teach(learning, x, dy)
        right, right_gradient = by_the_layers(net, x, dy)
        assert_close(y, right, TOLERANCE)
        assert_same_gradient(net, gradient, right_gradient, TOLERANCE)
        assert_close(ask(asking, x), net.forward(x)[0], TOLERANCE)


@pytest.mark.parametrize("n", [1, 5, 8, 19])
@pytest.mark.parametrize("name", [name for name in preset_names() if name != "perceptron"])
def test_presets(name, n):
    check(preset_net(name), n)


@pytest.mark.parametrize("n", [1, 19])
def test_the_perceptron_predicts(n):
    net, rng = preset_net("perceptron"), np.random.default_rng(0)
    x, _ = draw(net, n, rng)
    np.testing.assert_array_equal(ask(Plan(net, n, training=False), x), net.forward(x)[0])


@pytest.mark.parametrize("n", [3, 20])
@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([Dense(5)], (4,)),
        ([Dense(5), Tanh(), Dense(3, use_bias=False), Softmax()], (4,)),
        ([Flatten()], (4, 3, 2)),
        ([Flatten(), Dense(3)], (4, 3, 2)),
        ([ReLU(), Conv2D(3)], (5, 6, 2)),
        ([Conv2D(3)], (5, 6, 2)),
        ([Conv2D(3), Conv2D(2, 2)], (5, 6, 2)),
        ([Conv2D(16), Conv2D(16), Conv2D(16), GlobalAveragePooling2D()], (9, 8, 1)),
        ([Conv2D(16), Conv2D(16), Flatten()], (9, 8, 1)),
        ([Conv2D(16), Conv2D(16), Flatten(), Dense(4), Flatten(), Dense(3)], (9, 8, 1)),
        ([Conv2D(16), Conv2D(16), Conv2D(4, 1), Flatten(), Dense(3)], (9, 8, 1)),
        ([Conv2D(16), Conv2D(16), Conv2D(4, 1), GlobalAveragePooling2D(), Dense(3)], (9, 8, 1)),
        ([Conv2D(16), DepthwiseConv2D(2), Conv2D(16), Flatten(), Dense(3)], (9, 8, 1)),
        ([Conv2D(16), BatchNormalization(), Conv2D(16), Flatten(), Dense(3)], (9, 8, 1)),
        ([Conv2D(1), Conv2D(3, algorithm="winograd"), Flatten(), Dense(2)], (9, 8, 1)),
        (
            [Conv2D(3, algorithm="winograd"), Conv2D(1, 1), Conv2D(2, algorithm="winograd")],
            (9, 8, 1),
        ),
        ([Conv2D(2, 2, strides=2), MaxPooling2D(3), ReLU(), GlobalAveragePooling2D()], (11, 9, 1)),
        ([Conv2D(3), MaxPooling2D(3, strides=2, padding="same"), Tanh(), Flatten()], (9, 8, 2)),
        ([Conv2D(3), Sigmoid(), MaxPooling2D((2, 3)), Tanh(), AveragePooling2D(2)], (11, 9, 2)),
        ([Conv2D(3), LeakyReLU(), Activation("leaky_relu"), MaxPooling2D(), Flatten()], (9, 8, 2)),
        ([Conv2D(6, groups=3, strides=2), Softmax(), Conv2D(4)], (9, 8, 3)),
        ([DepthwiseConv2D(depth_multiplier=2, strides=2, padding="same"), Conv2D(4)], (9, 8, 3)),
        ([DepthwiseConv2D(3, strides=(2, 1), padding="same"), Tanh(), Conv2D(4)], (9, 8, 3)),
        ([MaxPooling2D(), AveragePooling2D(1), Conv2D(4), MaxPooling2D(1)], (9, 8, 3)),
        ([BatchNormalization(), Conv2D(4), Flatten(), BatchNormalization()], (7, 6, 3)),
        ([Dropout(0.0), Conv2D(4), Dropout(0.0), Flatten(), Dropout(0.0), Dense(3)], (7, 6, 3)),
        ([ReLU(), BatchNormalization(), Flatten(), Dense(3)], (5, 6)),
        # What no window covers gets no gradient, though others have written there since.
        ([DepthwiseConv2D(2), BatchNormalization(), MaxPooling2D(), Flatten()], (10, 10, 2)),
        ([DepthwiseConv2D(2), BatchNormalization(), AveragePooling2D(2)], (10, 10, 2)),
    ],
    ids=lambda value: (
        "-".join(type(x).__name__ for x in value) if isinstance(value, list) else None
    ),
)
def test_nets_with_a_catch(layers, shape, n):
    check(_fresh(layers, shape), n)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (2, 1)], ids=str)
@pytest.mark.parametrize("kernel", [1, 2, 3, (1, 4)], ids=str)
@pytest.mark.parametrize("algorithm", ["im2col", "partial_im2col"])
def test_convolutions_that_hand_a_gradient_down(algorithm, kernel, strides, padding):
    options = {"strides": strides, "padding": padding, "algorithm": algorithm}
    for filters, n in ((3, 5), (13, 9)):
        check(_fresh([Conv2D(2), Conv2D(filters, kernel, **options), Flatten()], (8, 9, 1)), n)
        check(_fresh([DepthwiseConv2D(2), Conv2D(filters, kernel, **options)], (8, 9, 1)), n)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (2, 1)], ids=str)
@pytest.mark.parametrize("kernel", [1, 2, 3, (1, 4)], ids=str)
def test_depthwise_convolutions(kernel, strides, padding):
    for use_bias, multiplier in ((True, 1), (False, 1), (True, 2)):
        depthwise = DepthwiseConv2D(
            kernel,
            strides=strides,
            padding=padding,
            use_bias=use_bias,
            depth_multiplier=multiplier,
        )
        for n in (3, 9):
            check(_fresh([Conv2D(3), depthwise, Tanh(), Conv2D(2, 1)], (8, 9, 2)), n)


def _fresh(layers, shape) -> Network:
    return Network([layer_from_config(layer.config()) for layer in layers], shape, dtype=np.float64)


@patient
@given(net=networks(), n=st.integers(1, 40), seed=st.integers(0, 9))
def test_any_net(net, n, seed):
    note(str(net.config()))
    check(net, n, seed=seed, doubts=True)


@patient
@given(net=networks(step=True), n=st.integers(1, 40), seed=st.integers(0, 9))
def test_any_net_predicts(net, n, seed):
    note(str(net.config()))
    rng = np.random.default_rng(seed)
    plan = Plan(net, n, training=False)
    for _ in range(2):
        stir(net, rng)
        x, _ = draw(net, n, rng)
        assume(not doubtful(net, x, training=False, margin=1e-8))
        assert_close(ask(plan, x), net.forward(x)[0], TOLERANCE)


@patient
@given(net=networks(dtype=np.float32, normalization=False, most=5), n=st.integers(1, 20))
def test_any_net_in_float32(net, n):
    """Held to float32's own passes, by what a few layers with Winograd may err in a row."""
    note(str(net.config()))
    rng = np.random.default_rng(n)
    stir(net, rng)
    x, dy = draw(net, n, rng)
    assume(not doubtful(net, x, training=True, margin=1e-4))
    y, gradient = teach(Plan(net, n, training=True), x, dy)
    right, right_gradient = by_the_layers(net, x, dy)
    assert_close(y, right, 1e-4)
    assert_same_gradient(net, gradient, right_gradient, 3e-4)
    assert_close(ask(Plan(net, n, training=False), x), net.forward(x)[0], 1e-4)


@pytest.mark.parametrize("name", ["lenet", "numpy-cnn", "tiny"])
def test_two_plans_of_one_net_do_not_disturb_each_other(name):
    net, rng = preset_net(name), np.random.default_rng(3)
    plans = [Plan(net, n, training=True) for n in (9, 4)]
    data = [draw(net, plan.n, rng) for plan in plans]
    for plan, (x, _) in zip(plans, data, strict=True):
        plan.x[...] = x
        alone(plan.forward_shard())
    for plan, (x, dy) in zip(plans, data, strict=True):
        # The other has gone forward since, and backward before.
        plan.dy[...] = dy
        gradient = np.full_like(net.parameters, np.nan)
        alone(plan.backward_shard(net.by_layer(gradient)))
        assert_same_gradient(net, gradient, by_the_layers(net, x, dy)[1], TOLERANCE)


def test_the_same_pass_twice_gives_the_same_bits():
    net, rng = preset_net("numpy-cnn", dtype=np.float32, dropout=True), np.random.default_rng(3)
    x, dy = draw(net, 11, rng)
    plan, other = Plan(net, 11, training=True), Plan(net, 11, training=True)
    first = teach(plan, x, dy, np.random.default_rng(5))
    teach(plan, *draw(net, 11, rng), np.random.default_rng(6))
    for again in (plan, other):
        for mine, right in zip(teach(again, x, dy, np.random.default_rng(5)), first, strict=True):
            np.testing.assert_array_equal(mine, right)


def test_extreme_inputs_of_a_sigmoid_are_no_accident():
    """No warning, and the 0 and 1 that belong there."""
    net = Network([Sigmoid(), Dense(2)], (2,), dtype=np.float32)
    plan = Plan(net, 1, training=False)
    x = np.array([[-1000, 1000]], np.float32)
    assert_close(ask(plan, x), net.forward(x)[0], 1e-6)
