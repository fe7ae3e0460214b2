"""scikit-learn's side: its `MLPClassifier`, for nets of dense ReLU layers. It has no dropout."""

from __future__ import annotations

import importlib
import os
import warnings
from contextlib import ExitStack
from typing import Any

import numpy as np

from speed.clock import median_call
from speed.files import read_job, read_pictures

TRIAL = 0.25
_PASS = 50
"""Batches in one call of partial_fit, so that its checks of the arrays weigh little."""


class ScikitLearn:
    """scikit-learn, answering the benchmark's calls."""

    def __init__(self) -> None:
        self._networks: Any = importlib.import_module("sklearn.neural_network")
        sklearn: Any = importlib.import_module("sklearn")
        sklearn.set_config(assume_finite=True)  # saves it a look at every pixel
        self._limits: Any = importlib.import_module("threadpoolctl")
        self._limited = ExitStack()

    def open(self, folder: str) -> None:
        """Take up a job; the net starts from the job's weights."""
        job, arrays = read_job(folder, "peer")
        self._recipe = job["recipe"]
        self._batch = self._recipe["batch_size"]
        dense = [n for n, step in enumerate(job["steps"]) if step["kind"] == "dense"]
        others = {step["kind"] for step in job["steps"]} - {"dense"}
        if others - {"flatten", "relu", "dropout"} or self._recipe["optimizer"]["type"] != "adam":
            raise ValueError("expected dense ReLU layers and Adam for scikit-learn")
        self._kernels = [arrays[f"{n}.kernel"] for n in dense]
        self._biases = [arrays[f"{n}.bias"] for n in dense]
        images, self._labels = read_pictures(job["data"])
        self._images = images.reshape(len(images), -1)
        self._net = self._made()

    def tune(self, training: bool, batch: int) -> dict[str, Any]:
        """Try one BLAS thread and all cores, keep the faster, and say which it is."""
        tried: dict[int, float] = {}
        for threads in sorted({1, os.cpu_count() or 1}) * 2:  # a busy moment must not decide
            self._limit(threads)
            spent = self.train(TRIAL)
            tried[threads] = min(spent, tried.get(threads, spent))
        best = min(tried, key=lambda threads: tried[threads])
        self._limit(best)
        return {"words": f"{best} thread{'s' * (best > 1)}, without dropout"}

    def losses(self, steps: int, rate: float) -> list[float]:
        """Train a copy on the first batches in order; return each batch's cost."""
        net = self._trained = self._made(rate)
        costs = []
        for step in range(steps):
            part = slice(step * self._batch, (step + 1) * self._batch)
            if step == 0:  # fit forgets what Adam remembers of `_made`; partial_fit keeps it
                self._fit(net, self._images[part], self._labels[part])
            else:
                net.partial_fit(self._images[part], self._labels[part])
            costs.append(float(net.loss_))
        return costs

    def answers(self, n: int, batch: int, trained: bool) -> list[list[float]]:
        """Return the outputs for n pictures, as probabilities; see `Ours.answers`."""
        net = self._trained if trained else self._made()
        found: list[list[float]] = net.predict_proba(self._images[:n]).tolist()
        return found

    def train(self, seconds: float) -> float:
        """Train for a while; return the median time of a batch."""
        n = _PASS * self._batch
        images, labels = self._images[:n], self._labels[:n]
        return median_call(lambda: self._net.partial_fit(images, labels), seconds) / _PASS

    def _made(self, rate: float = 1.0) -> Any:
        """Return a classifier with the job's weights."""
        options = self._recipe["optimizer"]
        net = self._networks.MLPClassifier(
            [len(bias) for bias in self._biases[:-1]],
            alpha=self._recipe["l2"],
            batch_size=self._batch,
            learning_rate_init=rate * options["lr"],
            beta_1=options["beta1"],
            beta_2=options["beta2"],
            epsilon=options["epsilon"],
            max_iter=1,
            shuffle=False,
            warm_start=True,
            random_state=0,
        )
        # A first step makes its arrays; then ours go into them.
        classes = np.arange(10)
        net.partial_fit(self._images[: self._batch], self._labels[: self._batch], classes=classes)
        for theirs, ours in zip(
            net.coefs_ + net.intercepts_, self._kernels + self._biases, strict=True
        ):
            theirs[...] = ours
        return net

    def _fit(self, net: Any, images: Any, labels: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one epoch did not converge
            net.fit(images, labels)

    def _limit(self, threads: int) -> None:
        self._limited.close()
        self._limited.enter_context(self._limits.threadpool_limits(threads))
