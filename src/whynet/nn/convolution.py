"""Convolution layers: small filters that slide over the picture, each making a feature map."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any

import numpy as np

from whynet.errors import ConfigError, ShapeError
from whynet.nn.initializers import check_initializer, initial
from whynet.nn.layer import Cache, Grads, Layer, pair, pair_fields
from whynet.ops import channels
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.ops.conv import ALGORITHMS, Windows, check_algorithm, convolve, convolve_backward
from whynet.ops.conv.geometry import check_padding
from whynet.options import choice, switch, whole_fields


@dataclass(eq=False, kw_only=True)
class _Convolution(Layer):
    """What `Conv2D` and `DepthwiseConv2D` share: all but how many filters see which channels."""

    strides: int | tuple[int, int] = 1
    padding: str = "valid"
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"
    bias_initializer: str = "zeros"
    algorithm: str = "auto"

    windows: Windows = field(init=False, repr=False)
    _groups: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pair_fields(self, "kernel_size", "strides")
        switch(self.use_bias, "use_bias")
        check_padding(self.padding)
        choice(self.algorithm, "an algorithm", ("auto", *ALGORITHMS))
        check_initializer(self.kernel_initializer)
        check_initializer(self.bias_initializer)

    @abstractmethod
    def _kernel_size(self) -> int | tuple[int, int]:
        """The option of that name, which each class declares in its own order."""

    @abstractmethod
    def _filters_and_groups(self, channels: int) -> tuple[int, int]:
        """How many filters there are for so many input channels, and in how many groups."""

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        self._expect_rank(input_shape, 3, "pictures (height, width, channels)")
        height, width, depth = input_shape
        size, strides = pair(self._kernel_size(), "kernel_size"), pair(self.strides, "strides")
        filters, groups = self._filters_and_groups(depth)
        try:
            windows = Windows.over(height, width, size, strides, self.padding)
        except ShapeError as error:
            raise ShapeError(f"{self.name}: {error}") from None
        check_algorithm(self.algorithm, windows, groups)
        shape = (*size, depth // groups, filters)
        # A weight's fans: the inputs of its neuron, and the neurons that its input reaches.
        fan_in, fan_out = prod(shape[:3]), size[0] * size[1] * filters // groups
        begin = partial(initial, rng=rng, fans=(fan_in, fan_out), dtype=dtype)
        self.params = {"kernel": begin(self.kernel_initializer, shape)}
        if self.use_bias:
            self.params["bias"] = begin(self.bias_initializer, (filters,))
        self.windows, self._groups = windows, groups
        self.input_shape = input_shape
        self.output_shape = (windows.rows, windows.columns, filters)
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
        y = convolve(
            x,
            self.params["kernel"],
            self.windows,
            groups=self._groups,
            algorithm=self.algorithm,
            scratch=scratch,
        )
        if self.use_bias:
            channels.add(y, self.params["bias"])
        return y, (x, scratch)

    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`. A weight's gradient sums over every place the filter stood."""
        x, scratch = cache
        dx, dkernel = convolve_backward(
            dy,
            x,
            self.params["kernel"],
            self.windows,
            groups=self._groups,
            need_dx=need_dx,
            need_dkernel=need_grads,
            algorithm=self.algorithm,
            scratch=scratch,
        )
        if dkernel is None:
            return dx, {}
        grads = {"kernel": dkernel}
        if self.use_bias:
            grads["bias"] = channels.total(dy)
        return dx, grads

    @property
    def window(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The filter and its stride."""
        return pair(self._kernel_size(), "kernel_size"), pair(self.strides, "strides")

    @property
    def multiply_adds(self) -> int:
        """The filter's weights, once for every cell of the feature map."""
        rows, columns, _ = self.output_shape
        return rows * columns * self.params["kernel"].size


@dataclass(eq=False)
class Conv2D(_Convolution):
    """Slide ``filters`` filters over the picture; each answers with a feature map.

    Input (n, height, width, channels), output (n, rows, columns, filters). Parameters: kernel
    (kh, kw, channels / groups, filters), bias (filters,).

    Attributes:
        filters: how many feature maps to make.
        kernel_size: the filter's (height, width), or one number for both.
        strides: how far it moves at a time, (down, right) or one number.
        padding: "valid" keeps the filter inside the picture; "same" pads with zeros so that there
            are ⌈size / stride⌉ places, the odd zero below and to the right, as in Keras and ONNX's
            SAME_UPPER.
        groups: cut channels and filters into groups that don't see each other.
        use_bias: whether each filter has a bias.
        kernel_initializer, bias_initializer: names in `whynet.nn.initializers.INITIALIZERS`.
        algorithm: a name in `whynet.ops.conv.ALGORITHMS`, or "auto".

    Raises:
        ConfigError: an option makes no sense.
        ShapeError: (at build) the input is no picture, or smaller than the filter, or its channels
            can't be cut into ``groups``.
    """

    filters: int
    kernel_size: int | tuple[int, int] = 3
    groups: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_fields(self, "filters", "groups", least=1)
        if self.filters % self.groups:
            raise ConfigError(
                f"expected filters to be a multiple of groups, got {self.filters} and {self.groups}"
            )

    def _kernel_size(self) -> int | tuple[int, int]:
        return self.kernel_size

    def _filters_and_groups(self, channels: int) -> tuple[int, int]:
        if channels % self.groups:
            raise ShapeError(
                f"{self.name}: expected channels to be a multiple of groups={self.groups}, "
                f"got {channels}"
            )
        return self.filters, self.groups


@dataclass(eq=False)
class DepthwiseConv2D(_Convolution):
    """Give every channel filters of its own, which see no other channel.

    Input (n, height, width, channels), output (n, rows, columns, channels · depth_multiplier).
    Parameters: kernel (kh, kw, 1, channels · depth_multiplier), bias. Options and errors as
    `Conv2D`, with ``depth_multiplier`` filters for each channel in place of ``filters``.
    """

    kernel_size: int | tuple[int, int] = 3
    depth_multiplier: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_fields(self, "depth_multiplier", least=1)

    def _kernel_size(self) -> int | tuple[int, int]:
        return self.kernel_size

    def _filters_and_groups(self, channels: int) -> tuple[int, int]:
        return channels * self.depth_multiplier, channels
