"""Check a backward pass against what the forward pass does when one number is moved a little."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from whynet.nn import Layer
from whynet.ops.arrays import Array, Shape

STEP = 1e-5
"""Central differences err by about STEP² and by 1e-16 / STEP: both are 1e-10 here."""

TOLERANCE = 1e-6
"""Relative, and absolute where a derivative is small. A wrong term is larger by far."""


def apart(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw float64 numbers in ±2, every two of them and 0 further apart than STEP, in any order.

    No step of a finite difference then crosses ReLU's kink, or changes who wins a max-pool.
    """
    size = int(np.prod(shape))
    spacing = 4 / size
    assert spacing > 100 * STEP
    # The third keeps numbers off 0, and positive ones off the negatives of others.
    return ((rng.permutation(size) - size // 2 + 1 / 3) * spacing).reshape(shape)


def numerical(scalar: Callable[[], float], moved: Array) -> Array:
    """Differentiate ``scalar()`` by every element of ``moved``, which it reads, one at a time."""
    gradient = np.empty_like(moved)
    for place in np.ndindex(moved.shape):
        kept = moved[place]
        moved[place] = kept + STEP
        above = scalar()
        moved[place] = kept - STEP
        below = scalar()
        moved[place] = kept
        gradient[place] = (above - below) / (2 * STEP)
    return gradient


def assert_gradients(computed: Array | None, scalar: Callable[[], float], moved: Array) -> None:
    """Hold every element of ``computed`` to the finite difference of ``scalar`` by ``moved``."""
    assert computed is not None
    assert computed.shape == moved.shape
    np.testing.assert_allclose(computed, numerical(scalar, moved), rtol=TOLERANCE, atol=TOLERANCE)


def check_layer(
    layer: Layer, input_shape: Shape, *, training: bool = False, n: int = 2, seed: int = 0
) -> None:
    """Check dx and every parameter's gradient of a layer, element by element, in float64.

    The cost is Σ dy · y with random dy: a sum of outputs alone would forgive a backward pass that
    mixes outputs up, and is constant for softmax and batch normalisation.
    """
    rng = np.random.default_rng(seed)
    layer.name = "checked"
    output_shape = layer.build(input_shape, rng, np.float64)
    for parameter in layer.params.values():
        # Zero biases and unit gammas would hide a factor that was left out.
        parameter[...] = rng.uniform(0.5, 1.5, parameter.shape) * rng.choice(
            [-1, 1], parameter.shape
        )
    x = apart(rng, (n, *input_shape))
    dy = rng.standard_normal((n, *output_shape))

    def cost() -> float:
        # The same seed each time: dropout then silences the same units.
        y, _ = layer.forward(x, training=training, rng=np.random.default_rng(seed))
        return float((dy * y).sum())

    y, cache = layer.forward(x, training=training, rng=np.random.default_rng(seed))
    assert y.shape == dy.shape
    dx, grads = layer.backward(dy, cache)
    assert grads.keys() == layer.params.keys()
    assert_gradients(dx, cost, x)
    for name, gradient in grads.items():
        assert_gradients(gradient, cost, layer.params[name])
