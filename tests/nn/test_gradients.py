"""Every backward pass against finite differences: all elements, float64, random upstream."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from helpers.gradients import STEP, TOLERANCE, apart, assert_gradients, check_layer, numerical
from helpers.layers import Example, every_differentiable
from whynet.nn import (
    COSTS,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Cost,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Network,
    ReLU,
    Tanh,
)

paddings = pytest.mark.parametrize("padding", ["valid", "same"])
kernels = pytest.mark.parametrize("kernel", [1, 2, 3, (2, 3), (4, 1), (5, 4)], ids=str)
steps = pytest.mark.parametrize("strides", [1, 2, (2, 1), 3], ids=str)


@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@every_differentiable
def test_every_layer(example: Example, training: bool):
    check_layer(example.make(), example.input_shape, training=training)


@paddings
@kernels
@steps
def test_convolution(kernel, strides, padding):
    check_layer(Conv2D(3, kernel, strides=strides, padding=padding), (6, 5, 2))


@paddings
@kernels
@pytest.mark.parametrize("strides", [1, (2, 3)], ids=str)
def test_convolution_by_the_loops(kernel, strides, padding):
    layer = Conv2D(2, kernel, strides=strides, padding=padding, algorithm="reference")
    check_layer(layer, (5, 4, 1), n=1)


@paddings
@pytest.mark.parametrize("algorithm", ["im2col", "reference"])
@pytest.mark.parametrize(("groups", "filters"), [(2, 2), (2, 6), (4, 4), (4, 8)])
def test_grouped_convolution(groups, filters, algorithm, padding):
    layer = Conv2D(filters, (2, 3), groups=groups, padding=padding, algorithm=algorithm)
    check_layer(layer, (3, 3, 4), n=1)


@paddings
@pytest.mark.parametrize("multiplier", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "strides"), [(3, 1), (2, 2), ((1, 4), (2, 1)), ((3, 2), 3)])
def test_depthwise_convolution(kernel, strides, multiplier, padding):
    layer = DepthwiseConv2D(kernel, depth_multiplier=multiplier, strides=strides, padding=padding)
    check_layer(layer, (5, 4, 3))


@paddings
@pytest.mark.parametrize("size", [1, 2, 3, (2, 3), (4, 1)], ids=str)
@pytest.mark.parametrize("strides", [None, 1, 2, (1, 3)], ids=str)
@pytest.mark.parametrize("kind", [MaxPooling2D, AveragePooling2D])
def test_pooling(kind, size, strides, padding):
    check_layer(kind(size, strides=strides, padding=padding), (5, 6, 2))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (3, 2, 2)], ids=str)
@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
def test_batch_normalization_by_the_batchs_own_moments(shape, epsilon):
    check_layer(BatchNormalization(epsilon=epsilon), shape, training=True, n=5)


def test_batch_normalization_by_running_moments():
    rng = np.random.default_rng(1)
    layer = BatchNormalization(name="bn")
    layer.build((2, 3), rng, np.float64)
    layer.state["mean"][:] = [0.5, -1, 2]
    layer.state["variance"][:] = [4, 0.25, 1]
    layer.params["gamma"][:] = [2, -1, 0.5]
    x, dy = rng.standard_normal((2, 4, 2, 3))

    def cost() -> float:
        return float((dy * layer.forward(x)[0]).sum())

    dx, grads = layer.backward(dy, layer.forward(x)[1])
    assert_gradients(dx, cost, x)
    assert_gradients(grads["gamma"], cost, layer.params["gamma"])
    assert_gradients(grads["beta"], cost, layer.params["beta"])


@pytest.mark.parametrize("soft", [False, True], ids=["one-hot", "soft"])
@pytest.mark.parametrize("cost", COSTS.values(), ids=list(COSTS))
def test_costs(cost: Cost, soft: bool):
    rng = np.random.default_rng(2)
    outputs = rng.standard_normal((4, 5)) * 3
    # Weighted rows that don't add up to 1 are legal too.
    targets = rng.random((4, 5)) * 2 if soft else np.eye(5)[[0, 3, 1, 1]]
    each = rng.standard_normal(4)  # Tells whose cost a gradient belongs to.
    _, gradient = cost.compute(outputs, targets)
    assert_gradients(
        gradient * each[:, None],
        lambda: float((cost.compute(outputs, targets)[0] * each).sum()),
        outputs,
    )


def _small_net() -> Network:
    return Network(
        [
            Conv2D(3, 3, padding="same", strides=(1, 2), bias_initializer="standard_normal"),
            BatchNormalization(),
            ReLU(),
            MaxPooling2D(2),
            DepthwiseConv2D(2, padding="same", kernel_initializer="standard_normal"),
            LeakyReLU(0.1),
            AveragePooling2D(2, strides=1),
            Dropout(0.25),
            Flatten(),
            Dense(5, bias_initializer="standard_normal"),
            Tanh(),
            Dense(3, bias_initializer="standard_normal"),
        ],
        (6, 7, 2),
        seed=3,
        dtype=np.float64,
    )


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _assert_no_kink_is_near(net: Network, x, *, training: bool) -> None:
    """Make sure that the drawn example is one that finite differences can judge."""
    rng, margin = _rng(), 30 * STEP
    for layer in net.layers:
        if isinstance(layer, (ReLU, LeakyReLU)):
            assert np.abs(x).min() > margin
        if isinstance(layer, MaxPooling2D):
            # Ties of ReLU's zeros are harmless: whoever wins, ReLU lets no gradient through.
            for window in _windows_of(layer, x):
                second, first = np.sort(window)[-2:]
                assert first - second > margin or first == 0
        x, _ = layer.forward(x, training=training, rng=rng)


def _windows_of(layer: MaxPooling2D, x):
    size = layer.pool_size
    for n, row, column, c in np.ndindex(len(x), *layer.output_shape):
        yield x[n, row * size : (row + 1) * size, column * size : (column + 1) * size, c].ravel()


@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@pytest.mark.parametrize("cost", COSTS.values(), ids=list(COSTS))
def test_a_whole_net(cost: Cost, training: bool):
    net, rng = _small_net(), np.random.default_rng(37)
    x, targets = apart(rng, (3, *net.input_shape)), np.eye(3)[[2, 0, 1]]
    _assert_no_kink_is_near(net, x, training=training)

    def total() -> float:
        y, _ = net.forward(x, training=training, rng=_rng())
        return float(cost.compute(y, targets)[0].sum())

    y, caches = net.forward(x, training=training, rng=_rng())
    dx, gradient = net.backward(cost.compute(y, targets)[1], caches)
    assert_gradients(gradient, total, net.parameters)
    assert_gradients(dx, total, x)


def test_a_net_gives_every_layer_its_own_slice_of_the_gradient():
    net, rng = _small_net(), np.random.default_rng(5)
    x = apart(rng, (2, *net.input_shape))
    y, caches = net.forward(x)
    dy = rng.standard_normal(y.shape)
    _, gradient = net.backward(dy, caches)
    upstream, by_hand = dy, []
    for layer, cache in zip(reversed(net.layers), reversed(caches), strict=True):
        upstream, grads = layer.backward(upstream, cache)
        by_hand[:0] = [grads[name].ravel() for name in layer.params]
    np.testing.assert_array_equal(gradient, np.concatenate(by_hand))


@every_differentiable
def test_sparing_some_gradients_changes_no_other(example: Example):
    layer, rng = example.make(), np.random.default_rng(6)
    shape = layer.build(example.input_shape, rng, np.float64)
    x, dy = apart(rng, (3, *example.input_shape)), rng.standard_normal((3, *shape))
    _, cache = layer.forward(x, training=True, rng=_rng())
    dx, full = layer.backward(dy, cache)
    alone, nothing = layer.backward(dy, cache, need_grads=False)
    np.testing.assert_array_equal(alone, dx)
    assert nothing == {}
    _, spared = layer.backward(dy, cache, need_dx=False)
    assert spared.keys() == full.keys()
    for name in full:
        np.testing.assert_array_equal(spared[name], full[name])


@pytest.mark.parametrize("need_dx", [False, True])
@pytest.mark.parametrize(
    "below",
    [
        list,
        lambda: [Flatten()],
        lambda: [ReLU(), Flatten()],
        lambda: [Dropout(0.5), Flatten()],
    ],
    ids=["nothing", "flatten", "relu", "dropout"],
)
def test_a_net_computes_dx_below_its_lowest_parameters_only_on_demand(
    below: Callable[[], list[Layer]], need_dx: bool
):
    shape = (2, 2, 1) if below() else (4,)
    net = Network([*below(), Dense(3), BatchNormalization(), Dense(2)], shape, dtype=np.float64)
    x, dy = apart(_rng(), (3, *shape)), _rng().standard_normal((3, 2))
    y, caches = net.forward(x, training=True, rng=_rng())
    dx, gradient = net.backward(dy, caches, need_dx=need_dx)
    assert (dx is not None) == need_dx
    assert_gradients(
        gradient,
        lambda: float((dy * net.forward(x, training=True, rng=_rng())[0]).sum()),
        net.parameters,
    )
    assert y.shape == dy.shape


class TestShards:
    """A batch in parts, through layers that meet, is the whole batch."""

    shards = (slice(0, 3), slice(3, 4), slice(4, 9))

    @pytest.mark.parametrize("shape", [(3,), (2, 3, 3)], ids=str)
    def test_batch_normalization(self, shape):
        rng = np.random.default_rng(8)
        layer = BatchNormalization(name="bn")
        layer.build(shape, rng, np.float64)
        layer.params["gamma"][:] = rng.standard_normal(3)
        x, dy = rng.standard_normal((2, 9, *shape)) + 5
        y, cache = layer.forward(x, training=True)
        dx, grads = layer.backward(dy, cache)

        moments = sum(layer.moments(x[part]) for part in self.shards)
        parts = [layer.forward(x[part], training=True, moments=moments) for part in self.shards]
        sums = sum(
            layer.upstream_sums(dy[part], cache)
            for part, (_, cache) in zip(self.shards, parts, strict=True)
        )
        backs = [
            layer.backward(dy[part], cache, sums=sums)
            for part, (_, cache) in zip(self.shards, parts, strict=True)
        ]
        np.testing.assert_allclose(np.concatenate([p[0] for p in parts]), y, rtol=0, atol=1e-12)
        np.testing.assert_allclose(np.concatenate([b[0] for b in backs]), dx, rtol=0, atol=1e-12)
        for name, whole in grads.items():
            added = sum(b[1][name] for b in backs)
            np.testing.assert_allclose(added, whole, rtol=1e-12, atol=1e-12)


def test_the_check_itself_notices_a_wrong_factor():
    """A gradient off by a ten-thousandth must not pass for right."""
    x = np.array([0.7, -1.3])
    right = 2 * x
    np.testing.assert_allclose(right, numerical(lambda: float((x * x).sum()), x), rtol=TOLERANCE)
    for place, factor in product(range(2), (0.9999, 1.0001)):
        wrong = right.copy()
        wrong[place] *= factor
        with pytest.raises(AssertionError):
            assert_gradients(wrong, lambda: float((x * x).sum()), x)
