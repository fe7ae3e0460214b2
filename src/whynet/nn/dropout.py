"""Dropout: train with some units missing, so that none can lean on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from whynet.errors import ConfigError
from whynet.nn.layer import Cache, Grads, Layer
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.options import number_fields


@dataclass(eq=False)
class Dropout(Layer):
    """Silence each unit with probability ``rate`` while training; do nothing at prediction.

    Those that stay are divided by 1 − rate, so that the expected sum is the same with and without
    (Srivastava et al. 2014, "inverted"). Input and output have one shape; no parameters.

    Attributes:
        rate: at least 0 and below 1.

    Raises:
        ConfigError: the rate is out of range, or (in forward) training without an ``rng``.
    """

    rate: float

    random: ClassVar[bool] = True

    def __post_init__(self) -> None:
        number_fields(self, "rate", least=0, below=1)

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
        """See `Layer.forward`. The cache is the mask, or None where nothing was dropped."""
        if not training or self.rate == 0:
            return x, None
        if rng is None:
            raise ConfigError(f"{self.name}: expected a random generator `rng` when training")
        keep = rng.random(x.shape, dtype=np.float32) >= self.rate
        mask = keep * x.dtype.type(1 / (1 - self.rate))
        return x * mask, mask

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`. What was silenced gets no blame."""
        return (dy if cache is None else dy * cache), {}
