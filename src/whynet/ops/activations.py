"""Activation functions and their derivatives.

Every derivative here can be written with the *output* alone (for the sigmoid, σ' = σ(1 − σ)), so
``backward`` takes the output ``y`` and the input need not be kept. ``backward(dy, y)`` multiplies
the upstream gradient ``dy`` by that derivative: one step of the chain rule.

All arrays of one call have one shape; any shape will do (softmax works along the last axis).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from whynet.errors import NotDifferentiableError
from whynet.ops.arrays import Array


@dataclass(frozen=True)
class Function:
    """One activation: ``forward(x) -> y`` and ``backward(dy, y) -> dx``."""

    name: str
    forward: Callable[[Array], Array]
    backward: Callable[[Array, Array], Array]


def linear(x: Array) -> Array:
    """Return x unchanged: a neuron that reports its weighted sum."""
    return x


def linear_backward(dy: Array, y: Array) -> Array:
    """Return dy, since the derivative is 1 everywhere."""
    return dy


def relu(x: Array) -> Array:
    """Return max(x, 0), the rectified linear unit (Nair & Hinton 2010)."""
    return np.maximum(x, 0)


def relu_backward(dy: Array, y: Array) -> Array:
    """Let dy pass where the unit was on. At exactly 0 the derivative is taken as 0."""
    return dy * (y > 0)


def leaky_relu(negative_slope: float = 0.01) -> Function:
    """Return the activation x where x > 0, else ``negative_slope`` · x (Maas et al. 2013).

    Args:
        negative_slope: between 0 and 1, both excluded, so that the output keeps x's sign.
    """

    def forward(x: Array) -> Array:
        return np.maximum(x, x * x.dtype.type(negative_slope))

    def backward(dy: Array, y: Array) -> Array:
        return np.where(y > 0, dy, dy * dy.dtype.type(negative_slope))

    return Function("leaky_relu", forward, backward)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e⁻ˣ), for negative x as eˣ / (1 + eˣ): neither end overflows.

    The lower tail keeps its digits (σ(−20) is 2e-9, not 0), and with it what little gradient a
    saturated neuron has left.
    """
    small = np.exp(-np.abs(x))
    y: Array = np.where(x < 0, small, 1) / (1 + small)
    return y


def sigmoid_backward(dy: Array, y: Array) -> Array:
    """Return dy · σ(1 − σ)."""
    return dy * y * (1 - y)


def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent of x."""
    return np.tanh(x)


def tanh_backward(dy: Array, y: Array) -> Array:
    """Return dy · (1 − tanh²)."""
    return dy * (1 - y * y)


def softmax(x: Array) -> Array:
    """Return eˣ / Σ eˣ along the last axis: positive numbers that add up to 1."""
    y: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    y /= y.sum(axis=-1, keepdims=True)
    return y


def softmax_backward(dy: Array, y: Array) -> Array:
    """Return y · (dy − Σ dy · y): every output depends on every input of its row."""
    dx: Array = y * (dy - (dy * y).sum(axis=-1, keepdims=True))
    return dx


def step(x: Array) -> Array:
    """Return 1 where x > 0, else 0: the perceptron fires or does not (Rosenblatt 1958)."""
    return (x > 0).astype(x.dtype)


def step_backward(dy: Array, y: Array) -> NoReturn:
    """Refuse.

    Raises:
        NotDifferentiableError: always. The step is flat everywhere and jumps at 0.
    """
    raise NotDifferentiableError(
        "the step function has no useful gradient (it is flat everywhere but at its jump), so a "
        "net with it cannot learn by gradient descent: use sigmoid, tanh or ReLU to train"
    )


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("linear", linear, linear_backward),
        Function("relu", relu, relu_backward),
        leaky_relu(),
        Function("sigmoid", sigmoid, sigmoid_backward),
        Function("tanh", tanh, tanh_backward),
        Function("softmax", softmax, softmax_backward),
        Function("step", step, step_backward),
    )
}
"""Every activation by its name."""
