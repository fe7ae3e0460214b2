"""Random numbers by key: fixed for all time, independent of company, and even."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whynet.randomness import keyed_generator, keyed_uniform

KEYS = st.lists(st.integers(0, 2**31), min_size=1, max_size=4).map(tuple)


def test_golden_numbers() -> None:
    """These numbers never change: a model file's seed has to mean the same in every version."""
    drawn = keyed_uniform((0, 1), np.array([0, 1, 2]), 4)
    expected = [
        [0.16387641, 0.41180646, 0.30500203, 0.44735742],
        [0.18865317, 0.38742602, 0.6719372, 0.13280076],
        [0.533505, 0.57564783, 0.35418802, 0.00186777],
    ]
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn, expected, rtol=2e-6)
    assert keyed_generator(0, 1, 2).integers(0, 1000, 5).tolist() == [203, 447, 696, 202, 512]


@given(KEYS, KEYS)
def test_a_key_has_numbers_of_its_own(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    first = keyed_generator(*one).integers(0, 2**63, 4).tolist()
    assert keyed_generator(*one).integers(0, 2**63, 4).tolist() == first
    assert (keyed_generator(*other).integers(0, 2**63, 4).tolist() == first) == (one == other)


@pytest.mark.parametrize("key", [(1,), (1, 2), (0,), (0, 0), (5, 0, 3)])
def test_zeros_at_the_end_make_another_key(key: tuple[int, ...]) -> None:
    longer = (*key, 0)
    assert keyed_generator(*key).random() != keyed_generator(*longer).random()
    example = np.array([0])
    assert keyed_uniform(key, example, 1) != keyed_uniform(longer, example, 1)


def test_large_seeds_count_in_full() -> None:
    drawn = {keyed_generator(seed, 1).random() for seed in (3, 2**32 + 3, 2**64 + 3, 2**100 + 3)}
    assert len(drawn) == 4


@given(
    st.integers(0, 2**40),
    st.lists(st.integers(0, 2**40), min_size=1, max_size=20),
    st.integers(1, 9),
)
def test_an_examples_numbers_depend_on_it_alone(seed: int, examples: list[int], count: int) -> None:
    together = keyed_uniform((seed, 3), np.array(examples), count)
    assert together.shape == (len(examples), count)
    for place, example in enumerate(examples):
        alone = keyed_uniform((seed, 3), np.array([example]), count + 2)
        np.testing.assert_array_equal(together[place], alone[0, :count])


def test_the_type_of_the_examples_does_not_matter() -> None:
    expected = keyed_uniform((1,), np.array([0, 7, 200]), 3)
    for kind in (np.uint8, np.int32, np.uint64):
        np.testing.assert_array_equal(keyed_uniform((1,), np.array([0, 7, 200], kind), 3), expected)


DRAWN = keyed_uniform((11, 5), np.arange(20_000), 16)


def test_numbers_are_even() -> None:
    """Mean ½, variance 1/12, and as many in every sixteenth; bounds are five deviations wide."""
    assert DRAWN.min() >= 0
    assert DRAWN.max() < 1
    n = DRAWN.size
    assert abs(DRAWN.mean(dtype=float) - 0.5) < 5 * (1 / 12 / n) ** 0.5
    assert abs(DRAWN.var(dtype=float) - 1 / 12) < 5 * (1 / 180 / n) ** 0.5
    counts = np.bincount((DRAWN * 16).astype(int).ravel(), minlength=16)
    assert abs(counts - n / 16).max() < 5 * (n / 16) ** 0.5


def test_numbers_do_not_know_each_other() -> None:
    """Between columns, between neighbours in a column, and between epochs."""
    bound = 5 / len(DRAWN) ** 0.5
    between = np.corrcoef(DRAWN, rowvar=False) - np.eye(16)
    assert abs(between).max() < bound
    for column in DRAWN.T:
        assert abs(np.corrcoef(column[1:], column[:-1])[0, 1]) < bound
    later = keyed_uniform((11, 6), np.arange(20_000), 16)
    for a, b in product(range(0, 16, 5), repeat=2):
        assert abs(np.corrcoef(DRAWN[:, a], later[:, b])[0, 1]) < bound
    assert len(np.unique(DRAWN[:, 0])) > 0.998 * len(DRAWN), "24 bits: few repeat"
