"""A long training, with the memory that the program and its workers hold along the way.

    python benchmarks/longrun.py sigmoid-30 lenet --steps 10000

Pictures are noise: what is learnt plays no part. Linux only, which tells each process's share of
memory that several have (the proportional set size).
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from pathlib import Path

import numpy as np

from whynet.presets import load_preset
from whynet.train import Callback, Recipe, Training

MEGABYTE = 1 << 20
SHARE = 10
"""Lines a training."""


def held() -> float:
    """Return the megabytes of this process and its children."""
    tasks = Path("/proc/self/task").iterdir()
    children = [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    total = 0
    for pid in (os.getpid(), *children):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total / MEGABYTE


class Scales(Callback):
    """Prints what is held, a few times a run, and ends the run."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done = steps, 0
        self.began = time.perf_counter()
        self.first = 0.0

    def on_batch_end(self, run: Training) -> None:
        """Count, and now and then weigh."""
        self.done += 1
        if self.done == self.steps:
            run.stop("enough")
        if self.done % (self.steps // SHARE) == 0:
            gc.collect()
            now = held()
            self.first = self.first or now
            seconds = time.perf_counter() - self.began
            print(
                f"{self.done:9,} steps {seconds:7.1f} s {now:8.2f} MB {now - self.first:+6.2f} MB"
            )


def run(preset: str, steps: int, examples: int, threads: int | None, workers: str) -> None:
    """Train a preset's net by its own recipe, for so many steps."""
    made = load_preset(preset)
    net = made.build()
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (examples, *net.input_shape), np.uint8)
    labels = rng.integers(0, net.output_shape[0], examples)
    recipe = Recipe.from_config({**made.recipe.config(), "epochs": steps})
    print(f"{preset}, {workers}, batches of {recipe.batch_size}")
    net.train(images, labels, recipe, callbacks=[Scales(steps)], threads=threads, workers=workers)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("presets", nargs="*", default=["sigmoid-30", "lenet"])
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--workers", default="auto", choices=("auto", "threads", "processes"))
    options = parser.parse_args()
    for preset in options.presets:
        run(preset, options.steps, options.examples, options.threads, options.workers)


if __name__ == "__main__":
    main()
