"""The array types that signatures speak of, and scratch memory."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating[Any]]
"""A float32 array; float64 where a gradient is being checked."""

Integers = NDArray[np.integer[Any]]

Shape = tuple[int, ...]


class Scratch(threading.local):
    """Big temporary arrays, kept from one call to the next; every thread sees its own.

    A convolution needs a matrix many times its input, for microseconds. Asking the system for
    it each time costs more than filling it, so each worker keeps its own and lends it out.
    Whoever borrows under a key gets the same memory again: contents do not survive.
    """

    def __init__(self) -> None:
        self._arrays: dict[Hashable, NDArray[Any]] = {}

    def array(self, key: Hashable, shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
        """Return an uninitialised array of this shape and type, reusing memory under ``key``."""
        size = int(np.prod(shape))
        held = self._arrays.get(key)
        if held is None or held.size < size or held.dtype != dtype:
            held = self._arrays[key] = np.empty(size, dtype)
        return held[:size].reshape(shape)
