"""Augmentation: the same digit, written a little differently each time it is seen.

Every picture is moved, turned, scaled, sheared and gently warped by amounts of its own, drawn anew
each epoch and keyed by the example. The way there:

1. **Draw** (`randomness.keyed_uniform`). Six numbers for each picture and, for the warp, two
   5 × 5 grids of them; every amount is even within ± its limit.
2. **Plan** (`Augmentation._plans`). An output pixel in row r and column c, both counted from the
   middle, is read from the row ``a + b·r + d·c + Σ bell_i(r)·field_ij·bell_j(c)``, and from a
   column of the same form. That is a product ``basis(r) · plan · basis(c)`` with the basis
   (1, r, five bells) and a plan of 7 × 7 numbers, or 2 × 2 without a warp:

        a  d  0      a, b, d: rotation, shear, scale and shift, read backwards
        b  0  0
        0  0  field  the warp at 5 × 5 points, which the bells join smoothly

3. **Find** (`_Desk.find`). Two small matrix products turn plans into places. Whole parts say which
   pixel to read, fractions how to mix it with its neighbours.
4. **Read** (`_Desk.read`). Four gathers fetch the corners around each place, three mixtures join
   them: left with right above, left with right below, above with below (bilinear). Pictures lie in
   black frames, and places are clipped to the frame: outside is black.

A picture's change depends on its key alone, to the last bit. So nothing here may depend on which
pictures share a call. Elementwise arithmetic does not; a matrix product may, because BLAS goes
about a matrix of 64 rows otherwise than about one of 3. Hence every picture has products of its
own, always of the same shape, which NumPy runs one by one within a single call.

What makes it fast: pictures are done in blocks, with few and long calls (two threads that make
short ones mostly wait for Python's lock), on memory that each thread keeps (fresh memory costs more
than filling it).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Hashable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array, Integers
from whynet.options import number_fields
from whynet.randomness import keyed_uniform

_GRID = 5
"""The elastic field is random on this many points a side and smooth between them."""

_AMOUNTS = 6
"""Numbers drawn for a picture, before those of the field: turn, two sizes, lean, two shifts."""

_BLOCK = 32 * 28 * 28
"""Pixels done at once: enough for long calls, few enough to stay near the core (1.3 MB in all)."""

_DESKS = 4
"""For so many sizes of blocks a thread keeps memory: a shard's, the last shard's, and to spare."""

_WHOLE = 2**24
"""Up to here single precision holds every whole number."""


@dataclass(frozen=True)
class Augmentation:
    """How far pictures may be changed. Every amount is drawn evenly from −limit to +limit.

    Attributes:
        shift: pixels, each way.
        rotate: degrees.
        scale: of the logarithm, so 0.1 is about ±10 %, the same for larger and smaller.
        shear: pixels sideways for each pixel down.
        elastic: pixels that the warp moves a point, at most (after Simard et al. 2003, with a
            field that is smooth by interpolation).

    Raises:
        ConfigError: a limit is no number, negative, or beyond all use.
    """

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0

    def __post_init__(self) -> None:
        number_fields(self, "shift", "rotate", "shear", "elastic", least=0, most=1000)
        number_fields(self, "scale", least=0, most=3)  # a logarithm: 3 is twenty times

    def config(self) -> dict[str, Any]:
        """Describe the limits in plain values."""
        return asdict(self)

    def apply(self, images: Array, examples: Integers, *, seed: int, epoch: int) -> Array:
        """Return changed copies of pictures.

        Args:
            images: (n, height, width, channels), floating point.
            examples: (n,) each picture's number in its data set: what its changes are keyed by.
            seed: of the run.
            epoch: so that a picture looks different every time round.

        Returns:
            (n, height, width, channels) of the same type.
        """
        return self._change(images, keyed_uniform((seed, epoch), examples, self._draws))

    @property
    def _draws(self) -> int:
        """How many random numbers a picture takes."""
        return _AMOUNTS + (2 * _GRID * _GRID if self.elastic else 0)

    @cached_property
    def _limits(self) -> NDArray[np.float64]:
        """What the first amounts are drawn within, (amounts, 1)."""
        turn = math.radians(self.rotate)
        limits = [turn, self.scale, self.scale, self.shear, self.shift, self.shift]
        return np.array(limits)[:, None]

    def _change(self, images: Array, drawn: NDArray[np.float32]) -> Array:
        """Change pictures by amounts (n, draws): 0 is one end of each range, 1 the other."""
        n, height, width, _ = images.shape
        plans = self._plans(drawn, height, width)
        changed = np.empty(images.shape, images.dtype)
        count = max(_BLOCK // max(height * width, 1), 1)
        for start in range(0, n, count):
            block = slice(start, min(start + count, n))
            desk = _desks.get(block.stop - start, height, width, plans.shape[-1], images.dtype)
            desk.find(plans[block])
            desk.read(images[block], changed[block])
        return changed

    def _plans(self, drawn: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
        """Where pictures are read from, in brief: (n, rows and columns, terms, terms)."""
        n = len(drawn)
        # In double precision, which costs nothing here, and each amount of all pictures side by
        # side, so that cosines take the same path in NumPy however many pictures there are.
        amounts = drawn[:, :_AMOUNTS].T.astype(np.float64, order="C")
        amounts = (amounts * 2 - 1) * self._limits
        angle, grow, lean, move = amounts[0], amounts[1:3], amounts[3], amounts[4:6]
        # Output = rotation · shear · scale · input + shift; read backwards, its inverse:
        linear = np.empty((2, 2, n))  # of (row, column), by (row, column)
        linear[0, 0] = linear[1, 1] = np.cos(angle)
        linear[1, 0] = np.sin(angle)
        linear[0, 1] = -linear[1, 0]
        linear[1] -= lean * linear[0]
        linear *= np.exp(-grow)[:, None]
        # The middle of the frame, which adds one line before the picture.
        middle = np.array([[(height + 1) / 2], [(width + 1) / 2]])
        terms = 2 + (_GRID if self.elastic else 0)
        plans = np.zeros((n, 2, terms, terms), np.float32)
        plans[..., 0, 0] = (middle - linear[:, 0] * move[0] - linear[:, 1] * move[1]).T
        plans[..., 1, 0] = linear[:, 0].T
        plans[..., 0, 1] = linear[:, 1].T
        if self.elastic:
            field = drawn[:, _AMOUNTS:] * (2 * self.elastic) - self.elastic
            plans[..., 2:, 2:] = field.reshape(n, 2, _GRID, _GRID)
        return plans


# -- where a thread works -------------------------------------------------------------------------


class _Desk:
    """One thread's memory for blocks of pictures of one size.

    Args:
        count: pictures in a block, exactly; so every array is whole and no view need be cut.
        height, width: of a picture.
        terms: of the basis: 2, or 2 + grid with a warp.
        dtype: of the pictures.
    """

    def __init__(self, count: int, height: int, width: int, terms: int, dtype: Any) -> None:
        line, lines = width + 3, height + 3  # one more at the end for whoever reads beyond clipping
        self._by_row = _basis(height, terms)
        self._by_column = np.ascontiguousarray(_basis(width, terms).T)
        self._half = np.empty((count, 2, terms, width), np.float32)
        self._place = np.empty((2, count, height, width), np.float32)
        self._last = np.array([height + 1, width + 1], np.float32)[:, None, None, None]
        # A place in the frames' memory is line·row + column + where its frame starts: one pass, as
        # a product of these weights and three planes, and exact because all numbers are whole.
        exact = np.float32 if count * lines * line <= _WHOLE else np.float64
        self._weights = np.array([line, 1, 1], exact)
        self._planes = np.empty((3, count, height, width), exact)
        self._planes[2] = (np.arange(count) * (lines * line))[:, None, None]
        self._sum = np.empty(count * height * width, exact)
        self._first = np.empty((count, height, width), np.intp)
        frame = np.zeros((count, lines, line), dtype)
        self._inside = frame[:, 1 : height + 1, 1 : width + 1]  # what is around it stays black
        # The corners of a place: the same index, into views that begin a pixel or a line later.
        pixels = frame.reshape(-1)
        self._views = [pixels[later:] for later in (0, line, 1, line + 1)]
        self._corners = np.empty((4, count, height, width), dtype)

    def find(self, plans: NDArray[np.float32]) -> None:
        """Work out which pixels to read and how to mix them from plans (n, 2, terms, terms)."""
        np.matmul(plans, self._by_column, out=self._half)
        np.matmul(self._by_row, self._half, out=self._place.swapaxes(0, 1))
        np.clip(self._place, 0, self._last, out=self._place)
        whole = self._planes[:2]
        np.floor(self._place, out=whole)
        self._place -= whole  # fractions from here on
        np.matmul(self._weights, self._planes.reshape(3, -1), out=self._sum)
        np.copyto(self._first, self._sum.reshape(self._first.shape), casting="unsafe")

    def read(self, images: Array, out: Array) -> None:
        """Read pictures (n, height, width, channels) at the places found, into ``out``."""
        below, right = self._place
        left, beside = self._corners[:2], self._corners[2:]  # each of them above and below
        upper, lower = left
        for channel in range(images.shape[-1]):
            self._inside[...] = images[..., channel]
            for pixels, corner in zip(self._views, self._corners, strict=True):
                # All indices are within; of the modes that do not copy, "wrap" checks fastest.
                pixels.take(self._first, out=corner, mode="wrap")
            beside -= left
            beside *= right
            left += beside
            lower -= upper
            lower *= below
            np.add(upper, lower, out=out[..., channel])


class _Desks(threading.local):
    """The desks that a thread asked for last; every thread sees its own."""

    def __init__(self) -> None:
        self._held: dict[Hashable, _Desk] = {}

    def get(self, count: int, height: int, width: int, terms: int, dtype: Any) -> _Desk:
        """Return the desk for these arguments, new or used."""
        key = (count, height, width, terms, dtype)
        desk = self._held.pop(key, None) or _Desk(*key)
        self._held[key] = desk  # at the end; the first is the one unused for longest
        if len(self._held) > _DESKS:
            del self._held[next(iter(self._held))]
        return desk


_desks = _Desks()


def _basis(size: int, terms: int) -> NDArray[np.float32]:
    """What a plan multiplies, for each pixel of a line: 1, its place from the middle, bells."""
    basis = np.ones((size, terms), np.float32)
    basis[:, 1] = np.arange(size) - (size - 1) / 2
    if terms > 2:
        basis[:, 2:] = _bells(size)
    return basis


def _bells(size: int) -> NDArray[np.float32]:
    """How much each pixel of a line feels each grid point, (size, grid): a cosine bell between."""
    place = np.linspace(0, _GRID - 1, size, dtype=np.float32)[:, None]
    distance = np.abs(place - np.arange(_GRID, dtype=np.float32)[None, :])
    bell: NDArray[np.float32] = (1 + np.cos(np.pi * np.minimum(distance, 1))) / 2
    return bell
