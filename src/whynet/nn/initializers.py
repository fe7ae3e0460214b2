"""How weights begin.

Each initialiser draws an array whose spread suits the number of connections into a neuron
(``fan_in``) and out of it (``fan_out``). Too wide a start saturates sigmoids, too narrow a start
starves deep nets: the formulas keep a signal's variance about level from layer to layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from whynet.errors import ShapeError
from whynet.ops.arrays import Array, Shape
from whynet.options import choice

Initializer = Callable[[np.random.Generator, Shape, int, int], Array]


def _normal(deviation: Callable[[int, int], float]) -> Initializer:
    def draw(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return rng.standard_normal(shape) * deviation(fan_in, fan_out)

    return draw


def _uniform(limit: Callable[[int, int], float]) -> Initializer:
    def draw(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        bound = limit(fan_in, fan_out)
        return rng.uniform(-bound, bound, shape)

    return draw


INITIALIZERS: dict[str, Initializer] = {
    # Glorot & Bengio 2010: variance 2 / (fan_in + fan_out), for tanh and softmax.
    "glorot_normal": _normal(lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out))),
    "glorot_uniform": _uniform(lambda fan_in, fan_out: math.sqrt(6 / (fan_in + fan_out))),
    # He et al. 2015: variance 2 / fan_in, since ReLU silences half of its inputs.
    "he_normal": _normal(lambda fan_in, fan_out: math.sqrt(2 / fan_in)),
    "he_uniform": _uniform(lambda fan_in, fan_out: math.sqrt(6 / fan_in)),
    # LeCun et al. 1998; Nielsen, chapter 3: N(0, 1/√n), variance 1 / fan_in.
    "lecun_normal": _normal(lambda fan_in, fan_out: math.sqrt(1 / fan_in)),
    # Nielsen, chapter 1: N(0, 1) whatever the fan-in, simple and too wide for large layers.
    "standard_normal": _normal(lambda fan_in, fan_out: 1.0),
    "zeros": lambda rng, shape, fan_in, fan_out: np.zeros(shape),
    "ones": lambda rng, shape, fan_in, fan_out: np.ones(shape),
}
"""Every initialiser by its name: ``draw(rng, shape, fan_in, fan_out) -> float64 array``."""


def initial(
    name: str,
    shape: Shape,
    *,
    rng: np.random.Generator | None,
    fans: tuple[int, int],
    dtype: np.dtype[Any] | type,
) -> Array:
    """Draw a parameter's first value.

    Args:
        name: a key of `INITIALIZERS`.
        shape: of the parameter.
        rng: None makes a read-only stand-in of that shape that takes no memory.
        fans: (fan_in, fan_out).
        dtype: of the result.

    Raises:
        ShapeError: no computer could address so many numbers.
    """
    if math.prod(shape) > np.iinfo(np.intp).max // np.dtype(np.float64).itemsize:
        raise ShapeError(f"expected parameters that a computer can hold, got shape {shape}")
    if rng is None:
        return np.broadcast_to(np.zeros((), dtype), shape)
    return INITIALIZERS[name](rng, shape, *fans).astype(dtype)


def check_initializer(name: str) -> None:
    """Make sure that there is an initialiser of this name.

    Raises:
        ConfigError: there is none; the message lists them.
    """
    choice(name, "an initializer", INITIALIZERS)
