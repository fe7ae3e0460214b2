"""The ceiling: how fast this machine's cores multiply large float32 matrices, through NumPy."""

from __future__ import annotations

import time

import numpy as np


class MatMul:
    """Large matrix products, answering the benchmark's calls."""

    def multiply(self, seconds: float, sizes: tuple[int, ...] = (1536, 2048, 3072)) -> float:
        """Return the best rate seen in a while over several sizes, in FLOP a second."""
        best, rng = 0.0, np.random.default_rng(0)
        for size in sizes:
            a, b = rng.random((2, size, size), dtype=np.float32)
            out = np.empty_like(a)
            until, calls = time.perf_counter() + seconds / len(sizes), 0
            while calls < 2 or time.perf_counter() < until:
                began = time.perf_counter()
                np.matmul(a, b, out=out)
                best = max(best, 2 * size**3 / (time.perf_counter() - began))
                calls += 1
        return best
