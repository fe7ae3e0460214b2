"""Who predicts: one thread a core.

NumPy lets go of Python's lock inside every large operation, so threads run side by side. The
matrix library under NumPy would start threads of its own inside each of ours; it is told to use
one while workers run, and told back afterwards.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from whynet.errors import ConfigError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")


class Workers:
    """A team of threads, to be used in a ``with`` block.

    Args:
        threads: how many; None takes every core that this process may use.

    Raises:
        ConfigError: fewer than one thread.
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ConfigError(f"expected at least 1 thread, got {threads}")
        self._threads = threads
        self._hold = one_blas_thread()
        self._pool: ThreadPoolExecutor | None = None

    @property
    def threads(self) -> int:
        """How many there are."""
        if self._threads is None:
            self._threads = available_cores()
        return self._threads

    def __enter__(self) -> Self:
        self._hold.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        self._hold.__exit__(kind, error, trace)

    def map(self, task: Callable[[int], T], count: int) -> list[T]:
        """Run ``task(index)`` for every index below ``count``; results in that order.

        Whoever is free takes the next index, so the order of work varies while the results do
        not. An exception in any task is raised here, once all tasks under way have ended; no
        further ones are begun.
        """
        if count == 1 or self.threads == 1:
            return [task(index) for index in range(count)]
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # slow to import

            # The thread that calls works too, so the pool holds one less.
            self._pool = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="whynet")
        results: list[T | None] = [None] * count
        waiting = iter(range(count))  # next() on it is atomic, so no two threads get one index

        failed = False

        def work() -> None:
            nonlocal failed
            try:
                for index in waiting:
                    if failed:
                        return
                    results[index] = task(index)
            except BaseException:
                failed = True
                raise

        helpers = [self._pool.submit(work) for _ in range(min(self.threads, count) - 1)]
        try:
            work()
        finally:
            errors = [helper.exception() for helper in helpers]
        for error in errors:
            if error is not None:
                raise error
        return results  # type: ignore[return-value]


def available_cores() -> int:
    """How many cores this process may use (fewer than the machine has, in a container)."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows do not say
        return os.cpu_count() or 1


class _Hold:
    """Holds the matrix library to one thread as long as anyone in the process needs it."""

    def __init__(self) -> None:
        self._lock, self._holders, self._before = threading.Lock(), 0, 1

    def take(self, get: Callable[[], int], put: Callable[[int], None]) -> None:
        with self._lock:
            if not self._holders:
                self._before = get()
                put(1)
            self._holders += 1

    def give_back(self, put: Callable[[int], None]) -> None:
        with self._lock:
            self._holders -= 1
            if not self._holders:
                put(self._before)


_hold = _Hold()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold NumPy's matrix library to one thread for a while, where that can be done.

    Several threads may do so at once; the library gets its threads back when the last is done.
    """
    control = _openblas()
    if control is None:
        yield
        return
    get, put = control
    _hold.take(get, put)
    try:
        yield
    finally:
        _hold.give_back(put)


@cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Find the two thread functions of the OpenBLAS that NumPy's wheels carry.

    Any other matrix library is left as it is: a run is then as reproducible as that library.
    """
    folder = Path(np.__file__).parent
    for pattern in ("../numpy.libs/*openblas*", ".dylibs/*openblas*"):
        for path in sorted(folder.glob(pattern)):
            try:
                library = ctypes.CDLL(str(path))  # already loaded: this only finds it again
            except OSError:
                continue
            for prefix, suffix in (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", "")):
                get = getattr(library, f"{prefix}openblas_get_num_threads{suffix}", None)
                put = getattr(library, f"{prefix}openblas_set_num_threads{suffix}", None)
                if get is not None and put is not None:
                    return get, put
    return None
