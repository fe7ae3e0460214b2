"""The same numbers as PyTorch, forward and back, in float32."""

from __future__ import annotations

import numpy as np
import pytest

from whynet.nn import (
    COSTS,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from whynet.ops.costs import one_hot

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
functional = torch.nn.functional
# Its threads cost more than they bring on maps this small.
torch.set_num_threads(1)

CLOSE = {"rtol": 1e-5, "atol": 1e-5}

paddings = pytest.mark.parametrize("padding", ["valid", "same"])


def draw(*shape, seed: int = 0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def leaf(array):
    return torch.tensor(np.ascontiguousarray(array), requires_grad=True)


def channels_first(x):
    """PyTorch keeps (n, c, h, w) where we keep (n, h, w, c)."""
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def their_kernel(kernel):
    """(kh, kw, in, out) as (out, in, kh, kw)."""
    return kernel.permute(3, 2, 0, 1)


def pad_like_keras(x, layer: Layer, value: float = 0.0):
    """Pad (n, c, h, w) by SAME_UPPER's amounts, worked out once more here."""
    if layer.padding == "valid":
        return x
    amounts = []
    for size, window, stride in zip(x.shape[2:], *layer.window, strict=True):
        missing = max((-(-size // stride) - 1) * stride + window - size, 0)
        amounts = [missing // 2, missing - missing // 2, *amounts]
    return functional.pad(x, amounts, value=value)


def compare(layer: Layer, theirs, x, *, training: bool = False) -> None:
    """Hold y, dx and every gradient to those of ``theirs(x, **parameters)``."""
    layer.name = "ours"
    layer.build(x.shape[1:], np.random.default_rng(1))
    for seed, parameter in enumerate(layer.params.values()):
        parameter[...] = draw(*parameter.shape, seed=seed)
    y, cache = layer.forward(x, training=training)
    dy = draw(*y.shape, seed=9)
    dx, grads = layer.backward(dy, cache)

    x_theirs = leaf(x)
    parameters = {name: leaf(parameter) for name, parameter in layer.params.items()}
    y_theirs = theirs(x_theirs, **parameters)
    y_theirs.backward(torch.tensor(dy))

    np.testing.assert_allclose(y, y_theirs.detach(), **CLOSE)
    np.testing.assert_allclose(dx, x_theirs.grad, **CLOSE)
    assert grads.keys() == parameters.keys()
    for name, parameter in parameters.items():
        # Sums over many places: as exact as float32 allows for their size.
        atol = 1e-5 * max(1, float(parameter.grad.abs().max()))
        np.testing.assert_allclose(grads[name], parameter.grad, rtol=1e-5, atol=atol)


@paddings
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("strides", [1, 2, (1, 3)], ids=str)
@pytest.mark.parametrize("kernel", [1, 2, 3, (5, 2), (4, 3)], ids=str)
@pytest.mark.parametrize("algorithm", ["auto", "reference"])
def test_convolution(algorithm, kernel, strides, groups, padding):
    layer = Conv2D(6, kernel, strides=strides, padding=padding, groups=groups, algorithm=algorithm)

    def theirs(x, kernel, bias):
        padded = pad_like_keras(channels_first(x), layer)
        return channels_last(
            functional.conv2d(
                padded, their_kernel(kernel), bias, stride=layer.window[1], groups=groups
            )
        )

    compare(layer, theirs, draw(3, 9, 8, 4))


@paddings
@pytest.mark.parametrize("multiplier", [1, 3])
@pytest.mark.parametrize("strides", [1, (2, 3)], ids=str)
@pytest.mark.parametrize("kernel", [3, (4, 1)], ids=str)
def test_depthwise_convolution(kernel, strides, multiplier, padding):
    layer = DepthwiseConv2D(kernel, depth_multiplier=multiplier, strides=strides, padding=padding)

    def theirs(x, kernel, bias):
        padded = pad_like_keras(channels_first(x), layer)
        return channels_last(
            functional.conv2d(
                padded, their_kernel(kernel), bias, stride=layer.window[1], groups=x.shape[3]
            )
        )

    compare(layer, theirs, draw(3, 9, 8, 4))


@paddings
@pytest.mark.parametrize("strides", [None, 1, (1, 3)], ids=str)
@pytest.mark.parametrize("size", [2, 3, (3, 2)], ids=str)
# Blank areas, as in a picture of a digit, are all ties.
@pytest.mark.parametrize("blank", [False, True], ids=["distinct", "ties"])
def test_max_pooling(blank, size, strides, padding):
    layer = MaxPooling2D(size, strides=strides, padding=padding)

    def theirs(x):
        padded = pad_like_keras(channels_first(x), layer, value=-torch.inf)
        return channels_last(functional.max_pool2d(padded, *layer.window))

    x = draw(3, 9, 8, 4)
    compare(layer, theirs, np.round(np.maximum(x - 0.5, 0)) if blank else x)


@paddings
@pytest.mark.parametrize("strides", [None, 1, (1, 3)], ids=str)
@pytest.mark.parametrize("size", [2, 3, (3, 2)], ids=str)
def test_average_pooling(size, strides, padding):
    layer = AveragePooling2D(size, strides=strides, padding=padding)

    def theirs(x):
        # PyTorch cannot pad one side alone, so divide sums by counts of real cells.
        first = channels_first(x)
        sums, counts = (
            functional.avg_pool2d(pad_like_keras(each, layer), *layer.window, divisor_override=1)
            for each in (first, torch.ones_like(first))
        )
        return channels_last(sums / counts)

    compare(layer, theirs, draw(3, 9, 8, 4))


def test_average_pooling_leaves_padding_out_as_pytorch_can():
    layer = AveragePooling2D(3, strides=1, padding="same")

    def theirs(x):
        pooled = functional.avg_pool2d(
            channels_first(x), 3, stride=1, padding=1, count_include_pad=False
        )
        return channels_last(pooled)

    compare(layer, theirs, draw(2, 5, 6, 3))


def test_global_average_pooling():
    compare(GlobalAveragePooling2D(), lambda x: x.mean(dim=(1, 2)), draw(3, 5, 4, 2))


@pytest.mark.parametrize("use_bias", [False, True])
def test_dense(use_bias):
    compare(
        Dense(5, use_bias=use_bias),
        lambda x, kernel, bias=None: functional.linear(x, kernel.T, bias),
        draw(8, 7),
    )


@pytest.mark.parametrize(
    ("layer", "theirs"),
    [
        (ReLU(), torch.relu),
        (LeakyReLU(0.2), lambda x: functional.leaky_relu(x, 0.2)),
        (Sigmoid(), torch.sigmoid),
        (Tanh(), torch.tanh),
        (Softmax(), lambda x: torch.softmax(x, dim=-1)),
    ],
    ids=["relu", "leaky_relu", "sigmoid", "tanh", "softmax"],
)
@pytest.mark.parametrize("shape", [(6, 5), (2, 3, 4, 5)], ids=str)
def test_activations(layer, theirs, shape):
    x = draw(*shape) * 4
    x.flat[0] = 0  # ReLU's kink: both take the derivative there as 0.
    compare(layer, theirs, x)


@pytest.mark.parametrize("shape", [(12, 3), (4, 5, 6, 3)], ids=str)
def test_batch_normalization(shape):
    layer = BatchNormalization(momentum=0.8, epsilon=1e-3)
    running = torch.zeros(3), torch.ones(3)

    def theirs(x, gamma, beta, *, training=True):
        first = x.movedim(-1, 1)
        y = functional.batch_norm(
            first, *running, gamma, beta, training=training, momentum=0.2, eps=1e-3
        )
        return y.movedim(1, -1)

    x = draw(*shape) * np.float32(3) + np.float32(2)
    compare(layer, theirs, x, training=True)
    # PyTorch moved its running moments in that one step; three more, and then predict.
    layer.remember(layer.moments(x))
    for seed in range(3):
        more = draw(*shape, seed=seed + 20) * np.float32(seed + 1)
        layer.remember(layer.moments(more))
        functional.batch_norm(
            torch.tensor(more).movedim(-1, 1), *running, training=True, momentum=0.2, eps=1e-3
        )
    np.testing.assert_allclose(layer.state["mean"], running[0], **CLOSE)
    np.testing.assert_allclose(layer.state["variance"], running[1], **CLOSE)

    state = dict(layer.state)
    y, cache = layer.forward(x)
    dy = draw(*shape, seed=30)
    dx, grads = layer.backward(dy, cache)
    x_theirs = leaf(x)
    gamma, beta = leaf(layer.params["gamma"]), leaf(layer.params["beta"])
    y_theirs = theirs(x_theirs, gamma, beta, training=False)
    y_theirs.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, y_theirs.detach(), **CLOSE)
    np.testing.assert_allclose(dx, x_theirs.grad, **CLOSE)
    np.testing.assert_allclose(grads["gamma"], gamma.grad, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(grads["beta"], beta.grad, rtol=1e-5, atol=1e-4)
    assert layer.state.keys() == state.keys()


THEIR_COSTS = {
    "softmax_cross_entropy": lambda z, t: functional.cross_entropy(z, t),
    "sigmoid_cross_entropy": lambda z, t: (
        functional.binary_cross_entropy_with_logits(z, t, reduction="sum") / len(z)
    ),
    # Nielsen's 1/2n Σ‖y − a‖².
    "quadratic": lambda a, t: functional.mse_loss(a, t, reduction="sum") / (2 * len(a)),
}


@pytest.mark.parametrize("soft", [False, True], ids=["one-hot", "soft"])
@pytest.mark.parametrize("name", COSTS)
def test_costs(name, soft):
    outputs = draw(7, 5) * 5
    targets = one_hot(np.arange(7) % 5, 5)
    if soft:
        targets = np.abs(draw(7, 5, seed=1))
        targets /= targets.sum(axis=1, keepdims=True)
    each, gradient = COSTS[name].compute(outputs, targets)
    theirs = leaf(outputs)
    cost = THEIR_COSTS[name](theirs, torch.tensor(targets))
    cost.backward()
    # Ours are sums over examples, theirs the average.
    np.testing.assert_allclose(each.mean(), cost.item(), rtol=1e-5)
    np.testing.assert_allclose(gradient / len(outputs), theirs.grad, rtol=1e-5, atol=1e-6)


class TestLeNet:
    """A whole net, its weights carried over one by one."""

    n = 6

    @pytest.fixture
    def ours(self) -> Network:
        net = Network(
            [
                Conv2D(6, 5, padding="same"),
                ReLU(),
                MaxPooling2D(2),
                Conv2D(16, 5),
                BatchNormalization(),
                Tanh(),
                AveragePooling2D(2),
                Flatten(),
                Dense(120),
                ReLU(),
                Dense(84),
                ReLU(),
                Dense(10),
            ],
            (28, 28, 1),
            seed=5,
        )
        net.parameters += 0.05 * draw(net.parameters.size, seed=6)
        return net

    @pytest.fixture
    def theirs(self, ours: Network):
        nn = torch.nn
        net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.BatchNorm2d(16),
            nn.Tanh(),
            nn.AvgPool2d(2),
            _FlattenChannelsLast(),
            nn.Linear(400, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10),
        )
        with torch.no_grad():
            for parameter, array in zip(net.parameters(), _their_order(ours), strict=True):
                parameter.copy_(torch.tensor(array))
        return net

    @pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
    @pytest.mark.parametrize("name", COSTS)
    def test_outputs_and_the_flat_gradient(self, ours, theirs, name, training):
        x, labels = np.abs(draw(self.n, 28, 28, 1)), np.arange(self.n)
        targets = one_hot(labels, 10)
        y, caches = ours.forward(x, training=training)
        _, dy = COSTS[name].compute(y, targets)
        dx, gradient = ours.backward(dy, caches)

        theirs.train(training)
        x_theirs = leaf(x)
        y_theirs = theirs(channels_first(x_theirs))
        (THEIR_COSTS[name](y_theirs, torch.tensor(targets)) * self.n).backward()

        np.testing.assert_allclose(y, y_theirs.detach(), **CLOSE)
        np.testing.assert_allclose(dx, x_theirs.grad, **CLOSE)
        flat = np.concatenate(
            [_our_order(parameter.grad.numpy()).ravel() for parameter in theirs.parameters()]
        )
        scale = np.abs(flat).max()
        np.testing.assert_allclose(gradient / scale, flat / scale, rtol=1e-4, atol=1e-5)


class _FlattenChannelsLast(torch.nn.Module):
    def forward(self, x):
        return channels_last(x).flatten(1)


def _their_order(net: Network):
    for layer in net.layers:
        for array in layer.params.values():
            # (kh, kw, in, out) as (out, in, kh, kw), (in, out) as (out, in), vectors as they are.
            yield array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T


def _our_order(array):
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T
