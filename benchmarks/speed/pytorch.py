"""PyTorch's side: the same net and recipe, in the layout and with the threads that suit it best.

It is spared whatever a careful user could spare it: batches are cut, laid out and turned into
tensors before the clock runs, and it reports neither its cost nor its accuracy while it is timed.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speed.clock import LEAST, median_call
from speed.files import read_job, read_pictures

TRIAL, PASSES = 0.15, 2
"""Seconds to try each way of running for, and how often: a busy moment must not decide."""


class PyTorch:
    """PyTorch, answering the benchmark's calls."""

    def __init__(self) -> None:
        self._torch: Any = importlib.import_module("torch")
        self._nn: Any = self._torch.nn
        self._last, self._fused = False, False  # whether channels come last; one kernel a step

    def open(self, folder: str) -> None:
        """Take up a job; the net starts from the job's weights."""
        self._job, self._arrays = read_job(folder, "peer")
        self._recipe = self._job["recipe"]
        self._batch = self._recipe["batch_size"]
        images, self._labels = read_pictures(self._job["data"])
        self._images = self._channels_first(images)
        self._has_maps = any(step["kind"] == "conv" for step in self._job["steps"])
        self._start()

    def tune(self, training: bool, batch: int) -> dict[str, Any]:
        """Try layouts and numbers of threads, keep the fastest, and say which it is.

        Args:
            training: whether to train or to predict.
            batch: pictures in a question, to predict.

        Returns:
            The words for it, and the setting for `use`.
        """
        tried: dict[tuple[bool, int, bool], float] = {}

        def attempt(settings: list[tuple[bool, int, bool]]) -> tuple[bool, int, bool]:
            for setting in settings * PASSES:
                self.use(*setting)
                spent = self.train(TRIAL, 2) if training else self.predict(TRIAL, batch, 2)
                tried[setting] = min(spent, tried.get(setting, spent))
            return min(tried, key=lambda setting: tried[setting])

        layouts = (False, True) if self._has_maps else (False,)
        best = attempt([(la, n, training) for la in layouts for n in sorted({1, _cores()})])
        if training:
            best = attempt([(*best[:2], False)])
        self.use(*best)
        layout = ("channels_last" if best[0] else "contiguous") if self._has_maps else ""
        parts = [layout, f"{best[1]} thread{'s' * (best[1] > 1)}", "fused" * best[2]]
        return {"words": ", ".join(filter(None, parts)), "setting": best}

    def use(self, channels_last: bool, threads: int, fused: bool) -> None:
        """Run this way from now on."""
        self._last, self._fused = channels_last, fused
        self._torch.set_num_threads(threads)
        self._start()

    def losses(self, steps: int, rate: float) -> list[float]:
        """Train a copy without dropout on the first batches in order; return each batch's cost."""
        net, step = self._made(dropout=False)
        for group in self._optimizer.param_groups:
            group["lr"] *= rate
        batches = self._batches(self._images, self._labels)[:steps]
        costs = [float(step(x, y)) for x, y in batches]
        self._trained = net
        return costs

    def answers(self, n: int, batch: int, trained: bool) -> list[list[float]]:
        """Return the outputs for n pictures; see `Ours.answers`."""
        net = (self._trained if trained else self._made()[0]).eval()
        with self._torch.inference_mode():
            parts = [net(self._laid(self._images[i : i + batch])) for i in range(0, n, batch)]
            found: list[list[float]] = self._torch.cat(parts).tolist()
        return found

    def train(self, seconds: float, least: int = LEAST) -> float:
        """Train for a while; return the median time of a batch."""
        self._net.train()
        position = -1

        def one() -> None:
            nonlocal position
            position = (position + 1) % len(self._cut)
            self._step(*self._cut[position])

        return median_call(one, seconds, least)

    def predict(self, seconds: float, batch: int, least: int = LEAST) -> float:
        """Predict one batch again and again for a while; return the median time."""
        x, net = self._laid(self._images[:batch]), self._net.eval()
        with self._torch.inference_mode():
            return median_call(lambda: net(x).numpy(), seconds, least)

    def race(self, wanted: float, rates: list[float]) -> dict[str, Any]:
        """Train by the whole recipe until an epoch ends with so much validation accuracy.

        Shuffling, augmentation and laying out are done while the clock stands still.

        Args:
            wanted: the accuracy.
            rates: the learning rate of every step.
        """
        torch = self._torch
        images, labels = read_pictures(self._job["data"], "val_")
        truth = torch.from_numpy(labels)
        asked = [self._laid(part) for part in self._channels_first(images).split(500)]
        self._start()
        rate, accuracy, seconds, epoch = iter(rates), 0.0, 0.0, 0
        while epoch < self._recipe["epochs"] and accuracy < wanted:
            batches = self._shuffled(epoch)
            epoch += 1
            began = time.perf_counter()
            self._net.train()
            for x, y in batches:
                lr = next(rate)
                for group in self._optimizer.param_groups:
                    group["lr"] = lr
                self._step(x, y)
            self._net.eval()
            with torch.inference_mode():
                found = torch.cat([self._net(x).argmax(1) for x in asked])
                accuracy = float((found == truth).float().mean())
            seconds += time.perf_counter() - began
        return {"seconds": seconds, "accuracy": accuracy, "epochs": epoch}

    # -- making things ----------------------------------------------------------------------

    def _start(self) -> None:
        """Make the net that is timed, and its batches."""
        self._net, self._step = self._made()
        self._cut = self._batches(self._images, self._labels)

    def _made(self, dropout: bool = True) -> tuple[Any, Callable[[Any, Any], Any]]:
        """Return the net with the job's weights, and what takes one step and returns its cost."""
        layers = [
            self._layer(number, step)
            for number, step in enumerate(self._job["steps"])
            if dropout or step["kind"] != "dropout"
        ]
        net = self._nn.Sequential(*layers).train()
        if self._last:
            net = net.to(memory_format=self._torch.channels_last)
        optimizer = self._optimizer = self._new_optimizer(list(net.parameters()))
        cost = self._cost()

        def step(x: Any, y: Any) -> Any:
            optimizer.zero_grad(set_to_none=True)
            loss = cost(net(x), y)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return net, step

    def _layer(self, number: int, step: dict[str, Any]) -> Any:
        nn, kind = self._nn, step["kind"]
        given = {
            name.partition(".")[2]: self._torch.from_numpy(array.copy())
            for name, array in self._arrays.items()
            if name.partition(".")[0] == str(number)
        }
        if kind in ("conv", "max_pool", "average_pool"):
            window = {"kernel_size": tuple(step["size"]), "stride": tuple(step["strides"])}
            if step["before"] != step["after"]:
                raise ValueError(f"expected padding that PyTorch can do in one layer, got {step}")
            if kind == "average_pool":
                return nn.AvgPool2d(**window)
            window["padding"] = tuple(step["before"])
            if kind == "max_pool":
                return nn.MaxPool2d(**window)
            out, each = given["kernel"].shape[:2]
            groups, bias = step["groups"], "bias" in given
            layer = nn.Conv2d(each * groups, out, groups=groups, bias=bias, **window)
            return self._filled(layer, weight=given["kernel"], bias=given.get("bias"))
        if kind == "dense":
            layer = nn.Linear(*given["kernel"].shape, bias="bias" in given)
            return self._filled(layer, weight=given["kernel"].T, bias=given.get("bias"))
        if kind == "batch_norm":
            made = nn.BatchNorm2d if step["rank"] == 3 else nn.BatchNorm1d
            size = len(given["gamma"])
            layer = made(size, eps=step["epsilon"], momentum=1 - step["momentum"])
            layer.running_mean.copy_(given["mean"])
            layer.running_var.copy_(given["variance"])
            return self._filled(layer, weight=given["gamma"], bias=given["beta"])
        simple = {
            "dropout": lambda: nn.Dropout(step["rate"]),
            "flatten": nn.Flatten,
            "linear": nn.Identity,
            "relu": nn.ReLU,
            "sigmoid": nn.Sigmoid,
            "tanh": nn.Tanh,
            "global_average": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        }
        return simple[kind]()

    def _filled(self, layer: Any, **given: Any) -> Any:
        with self._torch.no_grad():
            for name, values in given.items():
                if values is not None:
                    getattr(layer, name).copy_(values)
        return layer

    def _new_optimizer(self, parameters: list[Any]) -> Any:
        """Return the recipe's update rule, with decay on weights and not on biases."""
        options = dict(self._recipe["optimizer"])
        kind, decay = options.pop("type"), options.pop("weight_decay")
        if self._recipe["l2"] and kind == "adamw":
            raise ValueError("expected l2 or AdamW's decay in a recipe for PyTorch, got both")
        groups = [
            {
                "params": [p for p in parameters if p.ndim > 1],
                "weight_decay": decay + self._recipe["l2"],
            },
            {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
        ]
        optim = self._torch.optim
        if kind in ("adam", "adamw"):
            betas, eps = (options["beta1"], options["beta2"]), options["epsilon"]
            made = optim.Adam if kind == "adam" else optim.AdamW
            return made(groups, lr=options["lr"], betas=betas, eps=eps, fused=self._fused)
        if kind == "sgd":
            return optim.SGD(groups, **options, fused=self._fused)
        raise ValueError(f"expected adam, adamw or sgd in a recipe for PyTorch, got {kind}")

    def _cost(self) -> Callable[[Any, Any], Any]:
        f = self._nn.functional
        costs: dict[str, Callable[[Any, Any], Any]] = {
            "softmax_cross_entropy": f.cross_entropy,
            "sigmoid_cross_entropy": lambda z, t: (
                f.binary_cross_entropy_with_logits(z, t, reduction="sum") / len(z)
            ),
            "quadratic": lambda a, t: f.mse_loss(a, t, reduction="sum") / (2 * len(a)),
        }
        return costs[self._recipe["cost"]]

    def _batches(self, images: Any, labels: NDArray[Any]) -> list[tuple[Any, Any]]:
        """Cut pictures and targets into laid-out batches."""
        targets = self._torch.from_numpy(labels)
        if self._recipe["cost"] != "softmax_cross_entropy":
            targets = self._torch.from_numpy(np.eye(10, dtype=np.float32)[labels])
        cut = zip(images.split(self._batch), targets.split(self._batch), strict=True)
        return [(self._laid(x), y) for x, y in cut]

    def _shuffled(self, epoch: int) -> list[tuple[Any, Any]]:
        """Return an epoch's batches in a new order, augmented where the recipe says so."""
        order = np.random.default_rng((self._recipe["seed"], epoch)).permutation(len(self._labels))
        images = self._images.numpy()[order]
        if self._recipe["augment"] is not None:
            whynet: Any = importlib.import_module("whynet")
            augment = whynet.Augmentation(**self._recipe["augment"])
            varied = augment.apply(
                np.ascontiguousarray(images.transpose(0, 2, 3, 1)),
                order,
                seed=self._recipe["seed"],
                epoch=epoch,
            )
            images = np.ascontiguousarray(varied.transpose(0, 3, 1, 2))
        return self._batches(self._torch.from_numpy(images), self._labels[order])

    def _channels_first(self, images: NDArray[np.float32]) -> Any:
        return self._torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))

    def _laid(self, x: Any) -> Any:
        """Lay a batch out; with one channel both layouts are the same bytes and nothing moves."""
        return x.contiguous(memory_format=self._torch.channels_last) if self._last else x


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
