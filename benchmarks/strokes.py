"""How fast the built-in writer writes: digits a second, by number of threads."""

from __future__ import annotations

import statistics
import time

from whynet.data import strokes
from whynet.train.workers import available_cores

DIGITS = 20_000


def main() -> None:
    strokes.digits(100)  # lays the curves out, once
    for threads in sorted({1, available_cores()}):
        rates = []
        for seed in range(5):
            began = time.perf_counter()
            strokes.digits(DIGITS, seed=seed, threads=threads)
            rates.append(DIGITS / (time.perf_counter() - began))
        print(f"{threads} threads: {statistics.median(rates):,.0f} digits a second")


if __name__ == "__main__":
    main()
