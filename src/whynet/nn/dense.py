"""The fully connected layer: every neuron weighs every input."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from whynet.nn.initializers import check_initializer, initial
from whynet.nn.layer import Cache, Grads, Layer
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.options import switch, whole_fields


@dataclass(eq=False)
class Dense(Layer):
    """y = x W + b: a weighted sum of all inputs for each of ``units`` neurons.

    Input (n, inputs), output (n, units). Parameters: kernel (inputs, units), bias (units,).

    Attributes:
        units: how many neurons.
        use_bias: whether each neuron has a threshold of its own.
        kernel_initializer, bias_initializer: names in `whynet.nn.initializers.INITIALIZERS`.

    Raises:
        ConfigError: units below 1, or an unknown initialiser.
        ShapeError: (at build) the input is not a vector; put `Flatten` before.
    """

    units: int
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"
    bias_initializer: str = "zeros"

    def __post_init__(self) -> None:
        whole_fields(self, "units", least=1)
        switch(self.use_bias, "use_bias")
        check_initializer(self.kernel_initializer)
        check_initializer(self.bias_initializer)

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        self._expect_rank(input_shape, 1, "a vector", ": put Flatten before this layer")
        inputs, units = input_shape[0], self.units
        begin = partial(initial, rng=rng, fans=(inputs, units), dtype=dtype)
        self.params = {"kernel": begin(self.kernel_initializer, (inputs, units))}
        if self.use_bias:
            self.params["bias"] = begin(self.bias_initializer, (units,))
        self.input_shape, self.output_shape = input_shape, (units,)
        return self.output_shape

    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, Cache]:
        """See `Layer.forward`."""
        y = x @ self.params["kernel"]
        if self.use_bias:
            y += self.params["bias"]
        return y, x

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`. ∂C/∂W = xᵀ dy, ∂C/∂b = Σ dy, ∂C/∂x = dy Wᵀ."""
        x = cache
        dx = dy @ self.params["kernel"].T if need_dx else None
        if not need_grads:
            return dx, {}
        grads = {"kernel": x.T @ dy}
        if self.use_bias:
            grads["bias"] = dy.sum(axis=0)
        return dx, grads

    @property
    def window(self) -> None:
        """Every neuron sees the whole input."""
        return None

    @property
    def multiply_adds(self) -> int:
        """One for each weight."""
        return self.input_shape[0] * self.units
