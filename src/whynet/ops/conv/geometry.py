"""Where a sliding window can stand: sizes, strides and padding, for convolution and pooling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whynet.errors import ConfigError, ShapeError
from whynet.ops.arrays import Array

PADDINGS = ("valid", "same")

Pair = tuple[int, int]

# Twice a map's side is the first size at which a window sees nothing more of the map, wherever it
# stands; all beyond is padding. Deep nets shrink maps to a few pixels under filters of usual sizes,
# so those are taken on any map.
_ANY_MAP = 32


def check_padding(padding: str) -> None:
    """Make sure that there is such a padding.

    Raises:
        ConfigError: there is not.
    """
    if padding not in PADDINGS:
        raise ConfigError(f"expected padding 'valid' or 'same', got {padding!r}")


def place(size: int, window: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Return (positions, before, after): where a window can stand along one axis.

    ``valid`` uses only whole windows. ``same`` gives ⌈size / stride⌉ positions, adding as few
    cells as that takes, and the odd one *after* (Keras's rule, which ONNX calls SAME_UPPER).
    """
    if padding == "valid":
        return (size - window) // stride + 1, 0, 0
    positions = -(-size // stride)
    missing = max((positions - 1) * stride + window - size, 0)
    return positions, missing // 2, missing - missing // 2


@dataclass(frozen=True)
class Windows:
    """All the places where a window stands on a map of one size.

    Attributes:
        height, width: of the map, before padding.
        size: (rows, columns) of the window.
        strides: how far it moves, (down, right).
        pads: cells added ((above, below), (left, right)).
        rows, columns: how many places there are.
    """

    height: int
    width: int
    size: Pair
    strides: Pair
    pads: tuple[Pair, Pair]
    rows: int
    columns: int

    @classmethod
    def over(cls, height: int, width: int, size: Pair, strides: Pair, padding: str) -> Windows:
        """Lay windows over a map.

        Raises:
            ConfigError: a size or stride below 1, or an unknown padding.
            ShapeError: the map is smaller than one window, or far smaller than a window or stride
                that padding would make room for.
        """
        if min(size) < 1 or min(strides) < 1:
            raise ConfigError(f"expected a window and strides of at least 1, got {size}, {strides}")
        check_padding(padding)
        rows, above, below = place(height, size[0], strides[0], padding)
        columns, left, right = place(width, size[1], strides[1], padding)
        if rows < 1 or columns < 1:
            raise ShapeError(
                f"expected a map of at least {size[0]}×{size[1]}, the window's size, "
                f"got {height}×{width}: use padding 'same' or a smaller window"
            )
        most = max(2 * height, _ANY_MAP), max(2 * width, _ANY_MAP)
        for what, given in (("a window", size), ("strides", strides)):
            if given[0] > most[0] or given[1] > most[1]:
                raise ShapeError(
                    f"expected {what} of at most {most[0]}×{most[1]} on a map of "
                    f"{height}×{width}, got {given[0]}×{given[1]}"
                )
        return cls(height, width, size, strides, ((above, below), (left, right)), rows, columns)

    @property
    def padded(self) -> bool:
        """Whether any cell is added at all."""
        return any(self.pads[0]) or any(self.pads[1])

    def pad(self, x: Array, value: float = 0.0) -> Array:
        """Return x (n, height, width, c) with a border of ``value``; x itself if none is due."""
        if not self.padded:
            return x
        (above, below), (left, right) = self.pads
        n, height, width, channels = x.shape
        padded = np.full(
            (n, height + above + below, width + left + right, channels), value, x.dtype
        )
        padded[:, above : above + height, left : left + width] = x
        return padded

    def turned(self) -> Windows:
        """The windows that lead back from the outputs to the map, where the stride is 1.

        Pixel i is seen by outputs i − (size − 1) + before to i + before, so on the way back a
        window of the same size stands on the outputs, padded by what is missing of size − 1.
        """
        (above, below), (left, right) = self.pads
        rows, columns = self.size[0] - 1, self.size[1] - 1
        pads = (rows - above, rows - below), (columns - left, columns - right)
        return Windows(self.rows, self.columns, self.size, (1, 1), pads, self.height, self.width)

    def crop(self, padded: Array) -> Array:
        """Take the border off again: a view (n, height, width, c)."""
        (above, _), (left, _) = self.pads
        return padded[:, above : above + self.height, left : left + self.width]

    def tap(self, padded: Array, row: int, column: int) -> Array:
        """Return what one cell of the window sees everywhere: a view (n, rows, columns, c)."""
        down, right = self.strides
        return padded[
            :,
            row : row + (self.rows - 1) * down + 1 : down,
            column : column + (self.columns - 1) * right + 1 : right,
        ]
