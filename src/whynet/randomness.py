"""Random numbers by key: the same key gives the same numbers, on any thread, in any order.

Training draws them for dropout and augmentation. Keyed by the run's seed, the step and the example,
they do not depend on who asked first, so a run repeats bit for bit however the work was shared out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Integers


def keyed_generator(*key: int) -> np.random.Generator:
    """Return a generator that belongs to this key (whole numbers of at least 0) and no other."""
    return np.random.Generator(np.random.Philox(_sequence(key)))


def keyed_uniform(key: tuple[int, ...], examples: Integers, count: int) -> NDArray[np.float32]:
    """Return ``count`` numbers in [0, 1) for each example, (n, count).

    An example's numbers depend on ``key`` and on its own number alone, not on its neighbours in
    the batch. A counter is stirred by the finishing function of SplitMix64 (Steele, Lea & Flood
    2014), once for the example and once for each number.
    """
    start = _sequence(key).generate_state(1, np.uint64)
    of_example = _stir(start + examples.astype(np.uint64) * _ODD)
    numbers = _stir(of_example[:, None] + np.arange(1, count + 1, dtype=np.uint64) * _ODD)
    return (numbers >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)


def _sequence(key: tuple[int, ...]) -> np.random.SeedSequence:
    # As plain entropy, keys would be filled up with zeros: (1, 2) and (1, 2, 0) would be one.
    return np.random.SeedSequence(key[0], spawn_key=key[1:])


_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio, odd: its multiples visit every number


def _stir(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
