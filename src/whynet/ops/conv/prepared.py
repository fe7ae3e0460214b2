"""A convolution made ready: all memory asked for and all views made before the first picture.

An algorithm that is to be fast must not ask for memory, nor work out strides, each time it is used.
So it is *prepared* once for a number of pictures of one shape, and then run as often as needed.

Pictures are packed as (height, width, run): all that stands at one place of all the pictures lies
side by side in a ``run`` of n · channels numbers. Every step along the height or the width is then
an operation on long runs, whatever the number of channels. Inside the run there are two orders,

    "nc"   examples × channels: one example's channels side by side
    "cn"   channels × examples: one channel's examples side by side

and each algorithm takes the one in which its matrix products find their operands as they lie.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided

from whynet.ops.arrays import Array, Shape
from whynet.ops.conv.geometry import Windows

Order = Literal["nc", "cn"]

NS_MULTIPLY_ADD = 0.02
"""What a multiplication with its addition takes in a good matrix product (100 GF/s a core).

Estimates only rank algorithms. They are the same on every machine, as the results must be.
"""


class Lender(Protocol):
    """Where prepared algorithms get their memory from."""

    def keep(self, shape: Shape) -> Array:
        """Return zeros that stay as they are left, from a forward pass to its backward pass."""

    def common(self, shape: Shape) -> Array:
        """Return zeros whose insides others of the same kind overwrite, but not their borders."""

    def hand_over(self, shape: Shape) -> Array:
        """Return an array that lasts until whoever is called next has read it."""

    def scratch(self, *shapes: Shape) -> list[Array]:
        """Return arrays that last for one call."""


@dataclass(frozen=True)
class Job:
    """What a convolution is prepared for.

    Attributes:
        windows: where the filter stands.
        n: how many pictures at a time.
        channels, filters: of the input and of the output.
        dtype: of everything.
        gives: the order of the output, where the algorithm has a choice.
        training: whether there will be backward passes.
        need_dx: whether those pass a gradient on to the input.
        need_dkernel: whether they add to the filters' gradient.
    """

    windows: Windows
    n: int
    channels: int
    filters: int
    dtype: np.dtype[Any]
    gives: Order
    training: bool = False
    need_dx: bool = False
    need_dkernel: bool = True

    @property
    def learns(self) -> bool:
        """Whether the filters' gradient is asked for."""
        return self.training and self.need_dkernel


class Filters(ABC):
    """The filters as an algorithm wants them, and their gradient as it finds it.

    One object serves all the `Prepared` convolutions that run, one after another, on the parts of
    a shard: the filters are transformed once, and so is their gradient.
    """

    @abstractmethod
    def load(self, kernel: Array, bias: Array | None) -> None:
        """Take over kernel (kh, kw, channels, filters) and bias (filters,); gradient back to 0."""

    @abstractmethod
    def unload(self, dkernel: Array, dbias: Array | None) -> None:
        """Fill in the gradient, summed over all backward passes since `load`."""


class Prepared(ABC):
    """One convolution, ready to run on packed pictures.

    Attributes:
        takes, gives: the order of the runs in the input and in the output.
        x: (height, width, n · channels) where the input is put.
        y: (rows, columns, n · filters) where `forward` leaves the output.
        dy: like y, where the upstream gradient is put.
        dx: like x, where `backward` leaves the gradient.
    """

    takes: Order
    gives: Order
    x: Array
    y: Array
    dy: Array
    dx: Array

    @abstractmethod
    def forward(self) -> None:
        """Compute y."""

    @abstractmethod
    def backward(self) -> None:
        """Add to the filters' gradient, and compute dx: each if it is needed."""


def overlapping(array: Array, shape: Shape, steps: tuple[int, ...]) -> Array:
    """View an array with strides counted in numbers, not bytes; windows of it may overlap."""
    return as_strided(array, shape, tuple(step * array.itemsize for step in steps))


def framed(windows: Windows, run: int, ask: Callable[[Shape], Array]) -> tuple[Array, Array]:
    """Return a map with room for the windows' padding, and its inside (height, width, run)."""
    (above, below), (left, right) = windows.pads
    height, width = windows.height, windows.width
    padded = ask((above + height + below, left + width + right, run))
    return padded, padded[above : above + height, left : left + width]
