"""Who does a layer's work, and what of that must not be seen in results."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.plans import ask, assert_close, assert_same_gradient, by_the_layers, draw, teach
from whynet.nn import (
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    Network,
    ReLU,
    Tanh,
)
from whynet.ops.conv import ALGORITHMS
from whynet.plan import Plan


def algorithms(plan: Plan) -> list[str]:
    return [step.algorithm for step in plan.steps if step.algorithm]


@pytest.mark.parametrize(
    ("algorithm", "groups"),
    [*((name, 1) for name in sorted(ALGORITHMS)), ("im2col", 2), ("reference", 2)],
)
def test_an_algorithm_can_be_forced(algorithm, groups):
    options = {"algorithm": algorithm, "groups": groups}
    layers = [Conv2D(16, **options), Conv2D(16, **options), Flatten()]
    net, rng = Network(layers, (8, 7, 2), dtype=np.float64), np.random.default_rng(0)
    plan = Plan(net, 11, training=True)
    assert set(algorithms(plan)) <= {algorithm}
    x, dy = draw(net, 11, rng)
    y, gradient = teach(plan, x, dy)
    right, right_gradient = by_the_layers(net, x, dy)
    assert_close(y, right, 1e-10)
    assert_same_gradient(net, gradient, right_gradient, 1e-10)


def test_winograd_is_chosen_for_wide_convolutions():
    net = Network([Conv2D(32), ReLU(), Conv2D(32), Flatten(), Dense(3)], (14, 14, 1))
    assert algorithms(Plan(net, 8, training=True))[1:] == ["winograd"]


class Doubling(Conv2D):
    """A convolution, twice over."""

    def forward(self, x, **more):
        y, cache = super().forward(x, **more)
        return 2 * y, cache

    def backward(self, dy, cache, **more):
        return super().backward(2 * dy, cache, **more)


class Shifted(ReLU):
    """A bend elsewhere."""

    def forward(self, x, **more):
        return super().forward(x - 0.5, **more)


class Halving(Dense):
    """A dense layer, half as strong."""

    def forward(self, x, **more):
        y, cache = super().forward(x, **more)
        return y / 2, cache

    def backward(self, dy, cache, **more):
        return super().backward(dy / 2, cache, **more)


class Least(MaxPooling2D):
    """The smallest value of each window."""

    def forward(self, x, **more):
        y, cache = super().forward(-x, **more)
        return -y, cache

    def backward(self, dy, cache, **more):
        # Twice turned round: dy's sign is right as it is.
        return super().backward(dy, cache, **more)


class Never(Dropout):
    """Dropout that keeps all."""

    def forward(self, x, **more):
        return x, None


@pytest.mark.parametrize("n", [3, 21])
def test_layers_of_ones_own_are_honoured(n):
    """They inherit from layers that have a step, and compute something else."""
    layers = [
        Conv2D(16),
        Doubling(16),
        Shifted(),
        Least(),
        Never(0.5),
        Flatten(),
        Halving(5),
        Tanh(),
        Dense(3),
    ]
    net, rng = Network(layers, (9, 10, 2), dtype=np.float64), np.random.default_rng(1)
    x, dy = draw(net, n, rng)
    y, gradient = teach(Plan(net, n, training=True), x, dy)
    right, right_gradient = by_the_layers(net, x, dy)
    assert_close(y, right, 1e-10)
    assert_same_gradient(net, gradient, right_gradient, 1e-10)
    assert_close(ask(Plan(net, n, training=False), x), net.forward(x)[0], 1e-10)


class TestTies:
    """Of equal values in a max-pool, the first wins, as in PyTorch."""

    @pytest.mark.parametrize("n", [1, 9])
    @pytest.mark.parametrize("size", [2, 3, (1, 4), (3, 2)], ids=str)
    def test_on_a_blank_picture(self, size, n):
        """Where the gradient went shows in the filter: it sees the pixel at the winner alone."""
        blank = Network([Conv2D(1, 1), MaxPooling2D(size), Flatten()], (6, 8, 1), dtype=np.float64)
        plan = Plan(blank, n, training=True)
        conv, pool = blank.layers[0], blank.layers[1]
        conv.params["kernel"][...] = 0  # All outputs are equal, whatever the pixels.
        x, dy = draw(blank, n, np.random.default_rng(2))
        _, gradient = teach(plan, x, dy)
        (down, right), (rows, columns, _) = pool.window[1], pool.output_shape
        first = x[:, ::down, ::right][:, :rows, :columns]
        assert_close(
            blank.by_layer(gradient)[0]["kernel"].sum(), (first.ravel() * dy.ravel()).sum(), 1e-12
        )

    def test_like_pytorch(self):
        """Coarse numbers tie all the time; the layers' pooling is held to PyTorch's elsewhere."""
        net = Network(
            [Conv2D(3, 1), MaxPooling2D(), ReLU(), Flatten()], (8, 6, 2), dtype=np.float64
        )
        kernel = net.layers[0].params["kernel"]
        rng = np.random.default_rng(3)
        kernel[...] = rng.integers(-1, 2, kernel.shape)
        x, dy = rng.integers(-2, 3, (12, 8, 6, 2)).astype(float), draw(net, 12, rng)[1]
        _, gradient = teach(Plan(net, 12, training=True), x, dy)
        assert_same_gradient(net, gradient, by_the_layers(net, x, dy)[1], 1e-12)

    def test_blank_areas_in_winograd(self):
        """Zeros give the bias to the last bit, so that blank areas tie there too."""
        layers = [Conv2D(4, padding="same", algorithm="winograd"), MaxPooling2D(), Flatten()]
        net = Network(layers, (12, 12, 1), dtype=np.float32)
        net.layers[0].params["bias"][...] = [0.1, -0.3, 1e-3, 7]
        x = np.zeros((3, 12, 12, 1), np.float32)
        x[:, 9:] = np.random.default_rng(4).standard_normal((3, 3, 12, 1))
        dy = draw(net, 3, np.random.default_rng(5))[1]
        y, _ = teach(Plan(net, 3, training=True), x, dy)
        bias = net.layers[0].params["bias"]
        assert (y.reshape(3, 6, 6, 4)[:, :2] == bias).all()
