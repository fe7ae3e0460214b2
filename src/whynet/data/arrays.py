"""From whatever arrays a file holds to bytes and labels, or a sentence that says why not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import DataFormatError

DIGITS = tuple("0123456789")
"""The classes of every set of digits, in label order."""

Numbers = NDArray[Any]


MOST_CLASSES = 1000
"""Classes that are made up from numbers alone; more must be named."""


def numbered_classes(highest: int, pictures: int) -> tuple[str, ...]:
    """Name the classes of a set that has only numbers for them.

    Args:
        highest: the highest label.
        pictures: how many there are. Fewer than classes mean that the highest label is an error.

    Returns:
        "0" to "9", or to the highest label if that is above; the digits alone if it is implausible.
    """
    plausible = len(DIGITS) <= highest < min(MOST_CLASSES, pictures)
    return tuple(map(str, range(highest + 1))) if plausible else DIGITS


def to_images(array: Numbers, where: str) -> NDArray[np.uint8]:
    """Return pictures as uint8, (n, height, width, channels).

    Args:
        array: (n, height, width), (n, height, width, 1 or 3), or flat rows (n, side²). Numbers
            from 0 to 255 are taken as they are, whole floats too; other floats from 0 to 1 are
            scaled to bytes and rounded; booleans become 0 and 255.
        where: the file and the array's name, for messages.

    Raises:
        DataFormatError: another shape, NaN, or a number outside these ranges.
    """
    shape = array.shape
    if array.ndim == 2 and (side := math.isqrt(shape[1])) ** 2 == shape[1]:
        shape = (len(array), side, side, 1)
    elif array.ndim == 3:
        shape = (*shape, 1)
    elif array.ndim != 4 or shape[3] not in (1, 3):
        raise DataFormatError(
            f"{where}: expected images of shape (n, height, width), (n, height, width, 1 or 3) "
            f"or (n, side * side), got {shape}"
        )
    if 0 in shape[1:]:
        raise DataFormatError(f"{where}: expected images of at least one pixel, got shape {shape}")
    return _to_bytes(array, where).reshape(shape)


def _to_bytes(array: Numbers, where: str) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "iuf":
        raise DataFormatError(f"{where}: expected numbers for pixels, got {array.dtype}")
    if not array.size:
        return array.astype(np.uint8)
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= 255):  # so that NaN, which compares with nothing, ends here too
        raise DataFormatError(f"{where}: expected pixels from 0 to 255, got {low} to {high}")
    if array.dtype.kind == "f":
        if high <= 1:
            return np.rint(array * np.float32(255)).astype(np.uint8)
        odd = array != np.rint(array)
        if odd.any():
            raise DataFormatError(
                f"{where}: expected whole pixels from 0 to 255 or fractions from 0 to 1, "
                f"got {array[odd][0]} beside {high}"
            )
    return array.astype(np.uint8)


def to_labels(array: Numbers, where: str, classes: int) -> NDArray[np.int64]:
    """Return labels as int64, (n,).

    Args:
        array: (n,) or (n, 1), whole numbers from 0 to ``classes`` - 1, floats too.
        where: the file and the array's name, for messages.
        classes: how many there are.

    Raises:
        DataFormatError: another shape, a fraction, NaN, or a label that is no class.
    """
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise DataFormatError(
            f"{where}: expected one whole number for each label, "
            f"got {array.dtype} of shape {array.shape}"
        )
    wrong = ~((array >= 0) & (array < classes))
    if array.dtype.kind == "f":
        wrong |= array != np.rint(array)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DataFormatError(
            f"{where}: expected labels from 0 to {classes - 1}, got {array[first]} at row {first}"
        )
    return array.astype(np.int64)
