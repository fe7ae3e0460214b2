"""Pooling layers: keep the gist of a neighbourhood, drop where exactly it was."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whynet.errors import ShapeError
from whynet.nn.layer import Cache, Grads, Layer, pair, pair_fields
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.ops.conv import Windows
from whynet.ops.conv.geometry import check_padding
from whynet.ops.pooling import average_pool, average_pool_backward, max_pool, max_pool_backward


@dataclass(eq=False)
class _Pooling(Layer):
    """What the two windows share: everything but what they do with the values inside."""

    pool_size: int | tuple[int, int] = 2
    strides: int | tuple[int, int] | None = None
    padding: str = "valid"

    windows: Windows = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pair_fields(self, "pool_size")
        if self.strides is not None:
            pair_fields(self, "strides")
        check_padding(self.padding)

    @abstractmethod
    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, Cache]:
        """See `Layer.forward`."""

    @property
    def window(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The window and its stride."""
        size = pair(self.pool_size, "pool_size")
        return size, size if self.strides is None else pair(self.strides, "strides")

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        self._expect_rank(input_shape, 3, "pictures (height, width, channels)")
        height, width, channels = input_shape
        try:
            self.windows = Windows.over(height, width, *self.window, self.padding)
        except ShapeError as error:
            raise ShapeError(f"{self.name}: {error}") from None
        self.input_shape = input_shape
        self.output_shape = (self.windows.rows, self.windows.columns, channels)
        return self.output_shape


@dataclass(eq=False)
class MaxPooling2D(_Pooling):
    """Keep the largest value in every window. On the way back only the winner gets the gradient.

    Input (n, height, width, c), output (n, rows, columns, c). No parameters. Of equal values the
    first in reading order wins.

    Attributes:
        pool_size: the window's (height, width), or one number for both.
        strides: how far it moves, by default its own size, so that windows don't overlap.
        padding: "valid" or "same"; see `whynet.nn.Conv2D`. Padding never wins.

    Raises:
        ConfigError: an option makes no sense.
        ShapeError: (at build) the input is no picture, or smaller than the window.
    """

    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, Cache]:
        """See `Layer.forward`."""
        return max_pool(x, self.windows)

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`."""
        return (max_pool_backward(dy, cache, self.windows) if need_dx else None), {}


@dataclass(eq=False)
class AveragePooling2D(_Pooling):
    """Keep the mean of every window. On the way back its cells share the gradient.

    Shapes, options and errors as `MaxPooling2D`. Padding does not count towards the mean.
    """

    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, Cache]:
        """See `Layer.forward`."""
        return average_pool(x, self.windows), None

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`."""
        return (average_pool_backward(dy, self.windows) if need_dx else None), {}


@dataclass(eq=False)
class GlobalAveragePooling2D(Layer):
    """Keep one number of each feature map, its mean (Lin, Chen & Yan 2013).

    Input (n, height, width, c), output (n, c). No parameters.

    Raises:
        ShapeError: (at build) the input is no picture.
    """

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        self._expect_rank(input_shape, 3, "pictures (height, width, channels)")
        self.input_shape, self.output_shape = input_shape, input_shape[2:]
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
        return x.mean(axis=(1, 2)), None

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`. Every cell of a map gets an equal share."""
        height, width, _ = self.input_shape
        share = (dy / dy.dtype.type(height * width))[:, None, None, :]
        return (np.broadcast_to(share, (len(dy), *self.input_shape)) if need_dx else None), {}

    @property
    def window(self) -> None:
        """Every output sees its whole map."""
        return None
