"""What augmentation costs: microseconds an image, by part, by shard, and on one and two threads.

Run it with ``OPENBLAS_NUM_THREADS=1``, as training does. The parts are timed alone, so memory is
as near the core as it gets; the best of many repeats is shown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from whynet.data import augment
from whynet.data.augment import Augmentation
from whynet.randomness import keyed_uniform

PLAIN = Augmentation(shift=1, rotate=8, scale=0.1, shear=0.1)
LENET = Augmentation(shift=1, rotate=8, scale=0.1, shear=0.1, elastic=0.5)


def best(work: Callable[[], object], images: int, repeats: int = 300) -> float:
    """Return the microseconds an image that the fastest of many repeats took."""
    work()
    least = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - began)
    return least / images * 1e6


def side_by_side(work: Callable[[], object], images: int, threads: int) -> float:
    """Return the microseconds that pass for each image that any thread finishes."""
    calls = max(2000 // images, 1)
    ready = threading.Barrier(threads + 1)

    def run() -> None:
        work()
        ready.wait()
        for _ in range(calls):
            work()

    least = float("inf")
    for _ in range(10):
        team = [threading.Thread(target=run) for _ in range(threads)]
        for one in team:
            one.start()
        ready.wait()
        began = time.perf_counter()
        for one in team:
            one.join()
        least = min(least, time.perf_counter() - began)
    return least / (calls * threads * images) * 1e6


def report(name: str, augmentation: Augmentation, n: int, shape: tuple[int, int, int]) -> None:
    """Print a line about shards of n pictures."""
    images = np.random.default_rng(0).random((n, *shape), dtype=np.float32)
    examples, changed = np.arange(n) * 7, np.empty_like(images)
    height, width, _ = shape
    draws = augmentation._draws
    drawn = keyed_uniform((0, 0), examples, draws)
    plans = augmentation._plans(drawn, height, width)
    block = slice(0, min(n, augment._BLOCK // (height * width)))
    desk = augment._desks.get(block.stop, height, width, plans.shape[-1], images.dtype)

    def whole() -> object:
        return augmentation.apply(images, examples, seed=0, epoch=0)

    times = [
        best(lambda: keyed_uniform((0, 0), examples, draws), n),
        best(lambda: augmentation._plans(drawn, height, width), n),
        best(lambda: desk.find(plans[block]), block.stop),
        best(lambda: desk.read(images[block], changed[block]), block.stop),
        best(whole, n),
        side_by_side(whole, n, 1),
        side_by_side(whole, n, 2),
    ]
    print(f"{name:22} {n:5}" + "".join(f"{one:9.2f}" for one in times))


def report_control() -> None:
    """Print how well two threads share this machine's cores at work that needs no lock."""
    square = np.ones((512, 512), np.float32)
    one, two = (side_by_side(lambda: square @ square, 32, threads) for threads in (1, 2))
    print(f"two threads do {one / two:.2f} times the work of one if it is large matrix products")


def main() -> None:
    report_control()
    heads = ("draw", "plan", "find", "read", "all", "1 thread", "2 threads")
    print(f"{'µs an image':22} {'shard':>5}" + "".join(f"{head:>9}" for head in heads))
    for n in (16, 32, 64, 256):
        report("28×28×1", LENET, n, (28, 28, 1))
    for n in (32, 64):
        report("28×28×1, no warp", PLAIN, n, (28, 28, 1))
    report("32×32×3", LENET, 32, (32, 32, 3))


if __name__ == "__main__":
    main()
