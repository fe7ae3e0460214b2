"""Curves through points: natural cubic splines, as one matrix for each way of writing.

A natural spline is linear in the points it runs through once its parameter is fixed. The chord
lengths of the typical skeleton fix it, so the curve of every image written in the same way is the
same matrix times its own points, and a batch is one product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DOTS = 88  # pen positions of one character: close enough for the thinnest pen on the longest path
_ROUNDING = 0.07  # how far along the path a fully rounded corner is spread, in digit heights


@dataclass(frozen=True)
class Curve:
    """How the points of one way of writing become the positions of the pen.

    Attributes:
        matrix: (points, 2 x `DOTS`); times the points it gives the pen's positions, first with
            corners as they are, then with corners rounded off.
        stroke: int8, (`DOTS`,): which stroke each position belongs to.
        stroke_of_knot: int8, (points,): which stroke each point belongs to.
        ends: int64, (2 x strokes, 2): the first and last point of each stroke, each with its
            neighbour.
    """

    matrix: Floats
    stroke: NDArray[np.int8]
    stroke_of_knot: NDArray[np.int8]
    ends: NDArray[np.int64]

    @staticmethod
    def through(knots: Floats, corners: Sequence[Sequence[bool]]) -> Curve:
        """Lay out the curve.

        Args:
            knots: (2, points), the typical points of all strokes, one after the other.
            corners: for each stroke, for each of its points: does the pen turn a corner there?
        """
        pieces = _pieces(corners)
        chords = np.sqrt((np.diff(knots.astype(np.float64), axis=1) ** 2).sum(axis=0))
        lengths = np.array([chords[first:last].sum() for _, first, last in pieces])
        dots = _share(lengths, DOTS)

        matrix = np.zeros((DOTS, knots.shape[1]))
        stroke = np.repeat(np.array([s for s, _, _ in pieces], np.int8), dots)
        row = 0
        for (_, first, last), count in zip(pieces, dots, strict=True):
            matrix[row : row + count, first : last + 1] = _spline(chords[first:last], count)
            row += count

        step = lengths.sum() / DOTS
        both = np.vstack([matrix, _rounding(stroke, _ROUNDING / step) @ matrix])
        counts = np.array([len(flags) for flags in corners])
        last_of = counts.cumsum() - 1
        first_of = last_of - counts + 1
        ends = np.concatenate([[first_of, first_of + 1], [last_of, last_of - 1]], axis=1).T
        return Curve(
            matrix=np.ascontiguousarray(both.T, np.float32),
            stroke=stroke,
            stroke_of_knot=np.repeat(np.arange(len(counts), dtype=np.int8), counts),
            ends=ends,
        )


def _pieces(corners: Sequence[Sequence[bool]]) -> list[tuple[int, int, int]]:
    """Cut strokes at their corners: (stroke, first point, last point) of every smooth piece."""
    pieces = []
    start = 0
    for s, flags in enumerate(corners):
        inner = [start + k for k in range(1, len(flags) - 1) if flags[k]]
        cuts = [start, *inner, start + len(flags) - 1]
        pieces += [(s, a, b) for a, b in pairwise(cuts)]
        start += len(flags)
    return pieces


def _share(lengths: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Share out dots over pieces by length, at least two each, as even as whole numbers allow."""
    spare = total - 2 * len(lengths)
    exact = spare * lengths / lengths.sum()
    dots: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    neediest = np.argsort(dots - exact, kind="stable")[: spare - dots.sum()]
    dots[neediest] += 1
    return dots + 2


def _spline(chords: NDArray[np.float64], dots: int) -> NDArray[np.float64]:
    """Return the matrix (dots, knots) of the natural cubic spline with these gaps between knots.

    Between knots i and i+1 the spline is a cubic whose second derivative m runs linearly from m_i
    to m_i+1, and m is zero at both ends. That the slopes agree at every inner knot gives m as
    linear equations in the knots' values.
    """
    n = len(chords) + 1
    gaps = np.maximum(chords, 1e-3)
    bend = np.eye(n)
    pull = np.zeros((n, n))
    for i in range(1, n - 1):
        left, right = gaps[i - 1], gaps[i]
        bend[i, i - 1 : i + 2] = left / 6, (left + right) / 3, right / 6
        pull[i, i - 1 : i + 2] = 1 / left, -1 / left - 1 / right, 1 / right
    curvature = np.linalg.solve(bend, pull)

    at = np.concatenate([[0.0], gaps.cumsum()])
    t = np.linspace(0.0, at[-1], dots)
    left_of = np.clip(np.searchsorted(at, t, side="right") - 1, 0, n - 2)
    gap = gaps[left_of, None]
    b = (t[:, None] - at[left_of, None]) / gap
    a = 1 - b
    value = np.eye(n)
    straight = a * value[left_of] + b * value[left_of + 1]
    bent = (a**3 - a) * curvature[left_of] + (b**3 - b) * curvature[left_of + 1]
    return np.asarray(straight + bent * gap**2 / 6)


def _rounding(stroke: NDArray[np.int8], reach: float) -> NDArray[np.float64]:
    """Return the matrix (dots, dots) that averages each dot with its neighbours on the stroke.

    Args:
        stroke: (dots,), which stroke each dot belongs to.
        reach: the spread of the average, in dots. Near an end it narrows, so that ends stay.
    """
    place = np.arange(len(stroke))
    same = stroke[:, None] == stroke[None, :]
    first = np.array([place[row].min() for row in same])
    last = np.array([place[row].max() for row in same])
    spread = np.minimum(reach, np.minimum(place - first, last - place) / 2) + 1e-3
    weight = np.exp(-0.5 * ((place[:, None] - place[None, :]) / spread[:, None]) ** 2) * same
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
