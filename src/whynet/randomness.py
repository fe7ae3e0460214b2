"""Random numbers by key: the same key gives the same numbers, on any thread, in any order.

Training draws them for dropout and augmentation. Keyed by the run's seed, the step and the example,
they do not depend on who asked first, so a run repeats bit for bit however the work was shared out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Integers


def keyed_generator(*key: int) -> np.random.Generator:
    """Return a generator that belongs to this key (whole numbers of at least 0) and no other."""
    return np.random.Generator(np.random.SFC64(_sequence(key)))


def keyed_uniform(key: tuple[int, ...], examples: Integers, count: int) -> NDArray[np.float32]:
    """Return ``count`` numbers in [0, 1) for each example, (n, count).

    An example's numbers depend on ``key`` and on its own number alone, not on its neighbours in
    the batch. A counter is stirred by the finishing function of SplitMix64 (Steele, Lea & Flood
    2014), once for the example and once for each number.
    """
    of_example = examples.astype(np.uint64)
    of_example *= _ODD
    of_example += _start(key)
    _stir(of_example)
    numbers = np.add.outer(of_example, np.arange(1, count + 1, dtype=np.uint64) * _ODD)
    _stir(numbers)
    numbers >>= _LOW
    # As signed numbers, which these 24 bits are too: processors convert them several times faster.
    drawn: NDArray[np.float32] = numbers.view(np.int64).astype(np.float32)
    drawn *= np.float32(2**-24)
    return drawn


@lru_cache(maxsize=256)
def _start(key: tuple[int, ...]) -> np.uint64:
    """Where a key's counter starts. Kept, because it takes longer than a small shard's numbers."""
    return np.uint64(_sequence(key).generate_state(1, np.uint64)[0])


def _sequence(key: tuple[int, ...]) -> np.random.SeedSequence:
    # As plain entropy, keys would be filled up with zeros: (1, 2) and (1, 2, 0) would be one.
    return np.random.SeedSequence(key[0], spawn_key=key[1:])


_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio, odd: its multiples visit every number
_LOW = np.uint64(40)  # bits that are dropped: 24 are as many as single precision holds


def _stir(z: NDArray[np.uint64]) -> None:
    """Replace each number by a scrambled one, all different again."""
    shifted = np.empty_like(z)
    for distance, factor in _STEPS:
        np.right_shift(z, distance, out=shifted)
        z ^= shifted
        z *= factor
    np.right_shift(z, _LAST, out=shifted)
    z ^= shifted


_STEPS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST = np.uint64(31)
