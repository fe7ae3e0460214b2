"""Boxes grouped into lines of writing, in reading order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def find_lines(boxes: NDArray[np.int64], height: float) -> list[list[int]]:
    """Group boxes into lines from top to bottom, each from left to right.

    Args:
        boxes: (n, 4), top, left, bottom, right.
        height: of a usual digit.

    Returns:
        Indices of the boxes, line by line.
    """
    if not len(boxes):
        return []
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    left, right = boxes[:, 1], boxes[:, 3]
    slope = _slope(middle, left, right, height)
    # Each line is followed from its left end: where it goes is where its last few digits went.
    lines: list[list[int]] = []
    for index in np.argsort(left + right, kind="stable"):
        at = (left[index] + right[index]) / 2
        best, closest = None, 0.6 * max(height, boxes[index, 2] - boxes[index, 0])
        for line in lines:
            last = line[-3:]
            there = np.mean([middle[i] - slope * (left[i] + right[i]) / 2 for i in last])
            off = abs(middle[index] - slope * at - there)
            if off < closest:
                best, closest = line, off
        if best is None:
            lines.append([int(index)])
        else:
            best.append(int(index))
    return sorted(
        lines, key=lambda line: float(np.mean([middle[i] - slope * left[i] for i in line]))
    )


def _slope(
    middle: NDArray[np.float64], left: NDArray[np.int64], right: NDArray[np.int64], height: float
) -> float:
    """Return the usual slope from a box to its nearest neighbour on the right; 0 if few have."""
    slopes = []
    centre = (left + right) / 2
    for index in range(len(middle)):
        near = (centre > right[index]) & (np.abs(middle - middle[index]) < 0.6 * height)
        near &= left - right[index] < 3 * height
        if near.any():
            found = np.flatnonzero(near)
            other = found[centre[found].argmin()]
            slopes.append((middle[other] - middle[index]) / (centre[other] - centre[index]))
    return float(np.median(slopes)) if len(slopes) >= 3 else 0.0
