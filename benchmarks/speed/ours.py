"""Our side: whynet through its public interface, with its defaults."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from speed.clock import LEAST, WARM_UP, median_call, median_gap
from speed.files import read_job, read_pictures
from whynet import Recipe, Sequential
from whynet.train import Callback, Training


class _Clock(Callback):
    """Notes when each batch ended, and stops the run when time is up."""

    def __init__(self, seconds: float, batches: int) -> None:
        self.ends: list[float] = []
        self._until, self._batches = time.perf_counter() + seconds, batches

    def on_batch_end(self, run: Training) -> None:
        """Note the time."""
        now = time.perf_counter()
        self.ends.append(now)
        if now > self._until and len(self.ends) >= self._batches:
            run.stop("measured")


class _Race(Callback):
    """Stops the run at the first epoch that ends with the accuracy wanted."""

    def __init__(self, wanted: float) -> None:
        self._wanted, self.ended = wanted, 0.0

    def on_epoch_end(self, run: Training) -> None:
        """Look at the validation accuracy."""
        self.ended = time.perf_counter()
        if (run.history.epochs[-1].validation_accuracy or 0.0) >= self._wanted:
            run.stop("there")


class Ours:
    """whynet, answering the benchmark's calls."""

    def open(self, folder: str) -> None:
        """Take up a job; the net starts from the job's weights."""
        self._job, self._weights = read_job(folder, "weights")
        self._recipe = Recipe.from_config(self._job["recipe"])
        self._batch = self._recipe.batch_size or 1
        self._images, self._labels = read_pictures(self._job["data"])
        self._net = self._made(self._job["net"])

    def losses(self, steps: int, rate: float) -> list[float]:
        """Train a copy without dropout on the first batches in order; return each batch's cost.

        The order of a run's batches is the library's own affair, so each batch here is a data set
        of its own and an epoch of one training that is resumed again and again.
        """
        layers = [layer for layer in self._job["net"]["layers"] if layer["type"] != "Dropout"]
        self._trained = net = self._made(self._job["net"] | {"layers": layers})
        gentle = replace(self._recipe.optimizer, lr=rate * self._recipe.optimizer.lr)
        recipe, costs = replace(self._recipe, optimizer=gentle), []
        for step in range(steps):
            part = slice(step * self._batch, (step + 1) * self._batch)
            history = net.train(
                self._images[part],
                self._labels[part],
                replace(recipe, epochs=step + 1),
                resume=step > 0,
            )
            costs.append(float(history["cost"][-1]))
        return costs

    def answers(self, n: int, batch: int, trained: bool) -> list[list[float]]:
        """Return the outputs for n pictures, asked ``batch`` at a time.

        Args:
            n: how many.
            batch: the size of a question.
            trained: whether to ask the net that `losses` left, or the one with the job's weights.
        """
        net = self._trained if trained else self._made(self._job["net"])
        parts = [net.outputs(self._images[i : i + batch]) for i in range(0, n, batch)]
        found: list[list[float]] = np.concatenate(parts).tolist()
        return found

    def train(self, seconds: float) -> float:
        """Train for a while; return the median time of a batch."""
        clock = _Clock(seconds, LEAST + WARM_UP + 1)
        # More epochs than fit: the clock ends the run.
        recipe = replace(self._recipe, epochs=10**6)
        self._net.train(self._images, self._labels, recipe, callbacks=[clock])
        return median_gap(clock.ends)

    def predict(self, seconds: float, batch: int) -> float:
        """Predict one batch again and again for a while; return the median time."""
        images = self._images[:batch]
        return median_call(lambda: self._net.outputs(images), seconds)

    def race(self, wanted: float) -> dict[str, Any]:
        """Train by the whole recipe until an epoch ends with so much validation accuracy."""
        validation = read_pictures(self._job["data"], "val_")
        race = _Race(wanted)
        began = time.perf_counter()
        history = self._net.train(
            self._images, self._labels, self._recipe, validation=validation, callbacks=[race]
        )
        accuracy = float(history["validation_accuracy"][-1])
        return {"seconds": race.ended - began, "accuracy": accuracy, "epochs": len(history)}

    def _made(self, described: dict[str, Any]) -> Sequential:
        return Sequential.from_config(described, weights=self._weights)
