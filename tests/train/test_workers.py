"""Workers do every task once, hand results back in order, and leave nothing behind."""

import threading
import time

import pytest

from whynet.errors import ConfigError
from whynet.train import workers
from whynet.train.workers import Workers, available_cores, one_blas_thread


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_results_come_in_order(threads: int, count: int) -> None:
    done = []
    with Workers(threads) as team:
        results = team.map(lambda index: done.append(index) or index * index, count)
    assert results == [index * index for index in range(count)]
    assert sorted(done) == list(range(count))


def test_threads_work_side_by_side() -> None:
    together = threading.Barrier(2, timeout=10)
    with Workers(2) as team:
        team.map(lambda _: together.wait(), 2)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("bad", [0, 4, 9])
def test_an_error_in_any_task_comes_out(threads: int, bad: int) -> None:
    def task(index: int) -> int:
        if index == bad:
            raise ZeroDivisionError(f"task {index}")
        return index

    with Workers(threads) as team:
        with pytest.raises(ZeroDivisionError, match=f"task {bad}"):
            team.map(task, 10)
        assert team.map(lambda index: index, 3) == [0, 1, 2]


def test_no_task_is_begun_after_an_error() -> None:
    both, failed, done = threading.Barrier(2, timeout=10), threading.Event(), []

    def task(index: int) -> None:
        if index < 2:
            both.wait()
        if index == 0:
            failed.set()
            raise ZeroDivisionError
        failed.wait(10)
        time.sleep(0.02)  # the other thread needs a moment to hand its error in
        done.append(index)

    with Workers(2) as team, pytest.raises(ZeroDivisionError):
        team.map(task, 100)
    assert done[0] == 1
    assert len(done) < 50


def test_no_thread_outlives_its_team() -> None:
    before = threading.active_count()
    with Workers(4) as team:
        team.map(lambda index: index, 20)
    assert threading.active_count() == before


def test_the_matrix_library_gets_its_threads_back() -> None:
    control = workers._openblas()
    if control is None:
        pytest.skip("NumPy was not built with the OpenBLAS of its wheels")
    get, put = control
    before = get()
    try:
        put(2)
        with Workers(1):
            assert get() == 1
        assert get() == 2
        with pytest.raises(ZeroDivisionError), one_blas_thread():
            raise ZeroDivisionError
        assert get() == 2
    finally:
        put(before)


def test_all_cores_by_default() -> None:
    assert Workers().threads == available_cores() >= 1


@pytest.mark.parametrize("threads", [0, -2])
def test_no_threads_are_refused(threads: int) -> None:
    with pytest.raises(ConfigError, match=f"expected at least 1 thread, got {threads}"):
        Workers(threads)


def test_the_library_keeps_one_thread_until_the_last_holder_is_done():
    control = workers._openblas()
    if control is None:
        return  # another matrix library: nothing is held
    get, put = control
    before = get()
    put(2)
    try:
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert get() == 1
        second.__exit__(None, None, None)
        assert get() == 2
    finally:
        put(before)
