"""Memory: none is asked for in the loop, none kept after a run, and predicting streams."""

import statistics
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from helpers.weighed import weighed
from whynet import Dense, Flatten, Sequential
from whynet.errors import ConfigError
from whynet.train.loop import all_finite
from whynet.train.team import possible

MEGABYTE = 1 << 20

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell who has what"
)


@needs_proc
@pytest.mark.parametrize(
    ("preset", "threads", "workers"),
    [
        ("lenet", 1, "auto"),
        ("lenet", 2, "threads"),
        ("lenet", 2, "processes"),
        ("tiny", 1, "auto"),
        ("tiny", 2, "processes"),
    ],
)
def test_steps_keep_nothing(preset: str, threads: int, workers: str) -> None:
    """A page a step would be 0.64 MB between the second quarter and the last, which are weighed.

    What the first steps touch for the first time is no leak.
    """
    if workers == "processes" and not possible():
        pytest.skip("processes are not made by fork here")
    seen = weighed("steps", preset, threads, workers)
    assert len(seen) == 16
    growth = statistics.median(seen[12:]) - statistics.median(seen[4:8])
    assert growth < 0.6 * MEGABYTE, [round(x / MEGABYTE, 2) for x in seen]


@needs_proc
@pytest.mark.parametrize(("threads", "workers"), [(1, "auto"), (2, "threads"), (2, "processes")])
def test_runs_keep_nothing(threads: int, workers: str) -> None:
    if workers == "processes" and not possible():
        pytest.skip("processes are not made by fork here")
    seen = weighed("runs", threads, workers)
    assert min(seen[25:]) - min(seen[5:10]) < 2 * MEGABYTE, [round(x / MEGABYTE, 1) for x in seen]


@pytest.fixture
def sparse(tmp_path: Path) -> np.memmap:
    """300,000 digits, all black: a file that takes no room on the disk."""
    path = tmp_path / "digits.raw"
    with path.open("wb") as file:
        file.truncate(300_000 * 784)
    return np.memmap(path, np.uint8, "r", shape=(300_000, 28, 28))


def peak(net: Sequential, images: np.ndarray, threads: int) -> tuple[int, np.ndarray]:
    """Bytes that answering asks for at the most, outputs and answers aside."""
    net.predict(images[:3000], threads=threads)
    tracemalloc.start()
    try:
        answers = net.predict(images, threads=threads)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return most - len(images) * (10 * net.dtype.itemsize + 8), answers


@pytest.mark.parametrize("threads", [1, 2])
def test_predicting_streams(threads: int, sparse: np.memmap) -> None:
    """The pictures are 235 MB; a shard of them is at most 3 MB in float32."""
    net = Sequential([Flatten(), Dense(10)], seed=1)
    most, answers = peak(net, sparse, threads)
    assert answers.shape == (300_000,)
    assert len(set(answers.tolist())) == 1
    assert most < 12 * MEGABYTE


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predicting_floats_streams(dtype: type) -> None:
    """Yes or no for every pixel would be 16 MB."""
    images = np.zeros((20_000, 28, 28), dtype)
    most, _ = peak(Sequential([Flatten(), Dense(10)]), images, 1)
    assert most < 12 * MEGABYTE


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, 777, 999])
def test_no_block_is_forgotten(bad: float, place: int) -> None:
    images = np.zeros((1000, 28, 28, 1), np.float32)
    assert all_finite(images)
    images[place, 27, 27] = bad
    assert not all_finite(images)
    with pytest.raises(ConfigError, match="expected finite pixels"):
        Sequential([Flatten(), Dense(10)]).predict(images)


def test_finite_in_any_shape() -> None:
    assert all_finite(np.zeros((0, 28, 28, 1)))
    assert all_finite(np.zeros((5, 0, 0, 1)))
    assert all_finite(np.float32(3))
    assert not all_finite(np.float32(np.nan))
    assert not all_finite(np.full((3, 2000, 2000, 1), np.inf, np.float32))
