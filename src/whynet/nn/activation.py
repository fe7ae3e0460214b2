"""Activation layers: the bend without which a stack of layers would be one straight line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whynet.nn.layer import Cache, Grads, Layer
from whynet.ops.activations import FUNCTIONS, Function, leaky_relu
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.options import choice, number_fields


@dataclass(eq=False)
class Activation(Layer):
    """Apply one function to every neuron's sum. Input and output have one shape; no parameters.

    ``Activation("relu")`` and ``ReLU()`` are the same thing.

    Attributes:
        function: a name in `whynet.ops.activations.FUNCTIONS`: linear, relu, leaky_relu, sigmoid,
            tanh, softmax or step.

    Raises:
        ConfigError: no such function.
        NotDifferentiableError: (in backward) the function is the perceptron's step.
    """

    function: str

    def __post_init__(self) -> None:
        choice(self.function, "an activation", FUNCTIONS)

    @property
    def _function(self) -> Function:
        return FUNCTIONS[self.function]

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        self.input_shape = self.output_shape = input_shape
        return input_shape

    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, Cache]:
        """See `Layer.forward`."""
        y = self._function.forward(x)
        return y, y

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`."""
        return self._function.backward(dy, cache), {}


@dataclass(eq=False)
class Linear(Activation):
    """Report the weighted sum as it is: y = x."""

    function: str = field(default="linear", init=False, repr=False)


@dataclass(eq=False)
class ReLU(Activation):
    """Rectified linear unit: y = max(x, 0) (Nair & Hinton 2010)."""

    function: str = field(default="relu", init=False, repr=False)


@dataclass(eq=False)
class Sigmoid(Activation):
    """The smooth neuron: y = 1 / (1 + e⁻ˣ), between 0 and 1."""

    function: str = field(default="sigmoid", init=False, repr=False)


@dataclass(eq=False)
class Tanh(Activation):
    """The hyperbolic tangent, between −1 and 1."""

    function: str = field(default="tanh", init=False, repr=False)


@dataclass(eq=False)
class Softmax(Activation):
    """Turn a row of scores into probabilities: y = eˣ / Σ eˣ.

    Costs on logits apply it themselves, so a net that is trained with them ends without one.
    """

    function: str = field(default="softmax", init=False, repr=False)


@dataclass(eq=False)
class Step(Activation):
    """The perceptron (Rosenblatt 1958): 1 where x > 0, else 0. Forward only: it cannot learn."""

    function: str = field(default="step", init=False, repr=False)


@dataclass(eq=False)
class LeakyReLU(Activation):
    """y = x where x > 0, else a little of it, so that no unit dies (Maas et al. 2013).

    Attributes:
        negative_slope: how much of a negative input passes, between 0 and 1.

    Raises:
        ConfigError: the slope is not between 0 and 1.
    """

    function: str = field(default="leaky_relu", init=False, repr=False)
    negative_slope: float = 0.01

    def __post_init__(self) -> None:
        number_fields(self, "negative_slope", above=0, below=1)

    @property
    def _function(self) -> Function:
        return leaky_relu(self.negative_slope)
