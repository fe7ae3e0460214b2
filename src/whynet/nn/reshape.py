"""Layers that only rearrange numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from whynet.nn.layer import Cache, Grads, Layer
from whynet.ops.arrays import Array, Scratch, Shape


@dataclass(eq=False)
class Flatten(Layer):
    """Lay a picture out as one vector, row by row: (n, ...) to (n, product). No parameters."""

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        self.input_shape, self.output_shape = input_shape, (prod(input_shape),)
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
        return x.reshape(len(x), *self.output_shape), None

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`. The gradient takes its old shape back."""
        return dy.reshape(len(dy), *self.input_shape), {}
