"""Trains, and prints what the program and its workers weighed on the way, in bytes, as JSON.

Run as a program of its own (`weighed`), since workers that are forked from a test runner share its
heap, and every page of that which either side touches later would count as memory asked for.
"""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from helpers.processes import children, resident
from whynet import Dense, Flatten, Recipe, Sequential
from whynet.presets import load_preset
from whynet.train import Callback

BATCH = 64


class Watch(Callback):
    """Weighs the program and its workers now and then."""

    def __init__(self, *, every: int) -> None:
        self.every, self.steps, self.seen = every, 0, []

    def on_batch_end(self, run) -> None:
        self.steps += 1
        if self.steps % self.every == 0:
            gc.collect()
            self.seen.append(resident() + sum(map(resident, children(os.getpid()))))


def steps(preset: str, threads: int, workers: str) -> list[int]:
    """One run of 320 steps, weighed every 20."""
    made = load_preset(preset)
    net = made.build()
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH * 10, *net.input_shape), np.uint8)
    labels = rng.integers(0, 10, len(images))
    watch = Watch(every=20)
    recipe = Recipe.from_config({**made.recipe.config(), "batch_size": BATCH, "epochs": 32})
    net.train(images, labels, recipe, callbacks=[watch], threads=threads, workers=workers)
    return watch.seen


def runs(threads: int, workers: str) -> list[int]:
    """Thirty runs of one step, weighed after each.

    Each has two megabytes of gradients; the collector of cycles does not know how large, and is
    kept from helping.
    """
    import whynet.train.shards

    whynet.train.shards.WORTHWHILE = 0
    net = Sequential([Flatten(), Dense(320), Dense(10)])
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (64, 28, 28, 1), np.uint8), rng.integers(0, 10, 64)
    recipe = Recipe(batch_size=64, epochs=1)
    gc.disable()
    seen = []
    for _ in range(30):
        net.train(images, labels, recipe, threads=threads, workers=workers)
        seen.append(resident())
    return seen


def weighed(what: str, *arguments: object) -> list[int]:
    """Run `steps` or `runs` in a program of its own; returns what it returned."""
    asked = json.dumps([what, *arguments])
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        [sys.executable, "-W", "error", "-m", "helpers.weighed", asked],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert told.returncode == 0, told.stderr
    found: list[int] = json.loads(told.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    name, *rest = json.loads(sys.argv[1])
    print(json.dumps({"steps": steps, "runs": runs}[name](*rest)))
