"""Receptive fields: which pixels a unit sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.neurons.asked import check_sees_pictures, place_of
from whynet.nn import Activation, Flatten, Layer, Network
from whynet.ops.arrays import Shape
from whynet.ops.conv import Windows
from whynet.options import whole

Position = int | tuple[int, int]
"""Where a unit lies in a layer's output: (row, column) of a map, or its number in a vector."""

_Line = tuple[int, int]  # the first and the last cell along one axis


@dataclass(frozen=True)
class Field:
    """The smallest rectangle around the pixels that a unit sees.

    Attributes:
        top, left, height, width: of what lies within the picture.
        full: the same four numbers on an endless picture, with what padding stands in for: of one
            size at all positions of a layer. Where a whole map is seen, padding counts for nothing.
    """

    top: int
    left: int
    height: int
    width: int
    full: tuple[int, int, int, int]

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Its rows and columns: an index into a picture (h, w, ...)."""
        rows = slice(self.top, self.top + self.height)
        return rows, slice(self.left, self.left + self.width)

    def cut(self, picture: NDArray[Any]) -> NDArray[Any]:
        """Cut the full field out of a picture (h, w, c), with 0 where it leaves the picture."""
        top, left, height, width = self.full
        bottom, right = top + height, left + width
        inside = picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        patch = np.zeros((height, width, *picture.shape[2:]), picture.dtype)
        down, across = max(-top, 0), max(-left, 0)
        patch[down : down + inside.shape[0], across : across + inside.shape[1]] = inside
        return patch


def receptive_field(net: Network, layer: str | int, position: Position) -> Field:
    """Return which pixels a unit sees: no pixel outside can change what it says.

    Followed down layer by layer, and cut off at each layer's edges, so that it is exact through
    any strides and padding. Where strides leap over pixels, those between are in the rectangle too.

    Args:
        net: a net of pictures.
        layer: its name, or its number from 0.
        position: of the unit in the layer's output: (row, column) in a map, or its number in a
            vector.

    Raises:
        ConfigError: no such layer or position, or a layer below that does not say what it sees.
        ShapeError: the net does not take pictures.
    """
    place = place_of(net, layer)
    check_sees_pictures(net)
    seen = _start(net.layers[place - 1], position)
    full: _Box | None = seen
    for each in reversed(net.layers[:place]):
        seen, full = _below(each, seen, full)
    top, left, height, width = seen.sides
    return Field(top, left, height, width, (seen if full is None else full).sides)


@dataclass(frozen=True)
class _Box:
    """Cells of a layer's output. A vector is a map of one row."""

    rows: _Line
    columns: _Line

    @classmethod
    def around(cls, shape: Shape) -> _Box:
        """All cells of an output."""
        rows, columns = shape[:2] if len(shape) == 3 else (1, shape[0])
        return cls((0, rows - 1), (0, columns - 1))

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """Top, left, height and width."""
        (top, bottom), (left, right) = self.rows, self.columns
        return top, left, bottom - top + 1, right - left + 1


def _start(layer: Layer, position: Position) -> _Box:
    """Read where a unit lies in a layer's output."""
    if len(layer.output_shape) == 1:
        last = layer.output_shape[0] - 1
        unit = whole(position, f"a unit of {layer.name!r}", least=0, most=last)
        return _Box((0, 0), (unit, unit))
    row, column = position_in(layer, position)
    return _Box((row, row), (column, column))


def position_in(layer: Layer, position: Position) -> tuple[int, int]:
    """Read a position in a layer's feature maps, as (row, column).

    Raises:
        ConfigError: it is none.
    """
    if not isinstance(position, tuple | list) or len(position) != 2:
        raise ConfigError(
            f"expected a position in {layer.name!r} as (row, column), got {position!r}"
        )
    rows, columns, _ = layer.output_shape
    row = whole(position[0], f"a row of {layer.name!r}", least=0, most=rows - 1)
    return row, whole(position[1], f"a column of {layer.name!r}", least=0, most=columns - 1)


def _below(layer: Layer, seen: _Box, full: _Box | None) -> tuple[_Box, _Box | None]:
    """Return what cells of a layer's output see of its input, and the same on an endless input.

    The latter is None where a whole input is seen: there is nothing beyond it.
    """
    windows = getattr(layer, "windows", None)
    if isinstance(windows, Windows):
        edges = _Box.around(layer.input_shape)
        within = _Box(
            _overlap(_back(seen.rows, windows, 0), edges.rows),
            _overlap(_back(seen.columns, windows, 1), edges.columns),
        )
        if full is not None:
            full = _Box(_back(full.rows, windows, 0), _back(full.columns, windows, 1))
        return within, full
    first, last = seen.columns
    if isinstance(layer, Flatten) and len(layer.input_shape) == 3 and first == last:
        row, column = divmod(first // layer.input_shape[2], layer.input_shape[1])
        cell = _Box((row, row), (column, column))
        return cell, None if full is None else cell
    if layer.window is None or isinstance(layer, Flatten) or _mixes(layer):
        return _Box.around(layer.input_shape), None
    if layer.window != ((1, 1), (1, 1)) or layer.input_shape != layer.output_shape:
        raise ConfigError(
            f"{layer.name}: expected a layer that says where its windows stand, or that treats "
            f"every cell alone, got {type(layer).__name__}"
        )
    return seen, full


def _mixes(layer: Layer) -> bool:
    """Whether every entry of a vector depends on all others."""
    softmax = isinstance(layer, Activation) and layer.function == "softmax"
    return softmax and len(layer.input_shape) == 1


def _back(line: _Line, windows: Windows, axis: int) -> _Line:
    """Return the cells that windows at the first and last place of a line cover together."""
    stride, before = windows.strides[axis], windows.pads[axis][0]
    return line[0] * stride - before, line[1] * stride - before + windows.size[axis] - 1


def _overlap(line: _Line, edges: _Line) -> _Line:
    return max(line[0], edges[0]), min(line[1], edges[1])
