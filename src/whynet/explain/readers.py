"""Second opinions: two small nets, trained apart from a net in a second or two.

The two make different mistakes, which is what a second opinion is for. They need not be as good as
the net: on MNIST they have 25,450 and 5,386 parameters, and read 97 and 98 % rightly.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.data.augment import Augmentation
from whynet.nn import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from whynet.optim import Adam, OneCycle
from whynet.sequential import Sequential
from whynet.train.loop import Callback, Training
from whynet.train.recipe import Recipe
from whynet.train.shards import cut
from whynet.train.workers import Workers

Grey = NDArray[np.uint8]
Progress = Callable[[float], None]
"""Is told the share that is done, from 0 to 1."""

_SHOWN = 40_000  # pictures that readers learn from, each changed in its own way
_WAYS = 30  # in which one picture is shown, at most, where there are few
_BYTES = 2**26  # of all those pictures, at most, where they are large
_EPOCHS = (5, 2)  # of the first reader and the second
_UPDATES = 150  # an epoch; batches are as large as that allows, within these bounds:
_BATCHES = (16, 256)
_SEED = 0x5EC0  # readers start from other weights than nets that people train with small seeds
_CHANGES = Augmentation(shift=1, rotate=8, scale=0.1, shear=0.1, elastic=0.5)
_BLOCK = 1024  # pictures that a worker changes at a time


def train_readers(
    net: Sequential,
    images: Grey,
    labels: NDArray[np.integer[Any]],
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Sequential, ...]:
    """Train two small nets for a net's task: one with a hidden layer, one with convolutions.

    Changing pictures takes longer than learning from them, so both readers see the same ones.
    Pictures below 16 pixels a side get the first reader only.

    Args:
        net: whose pictures and classes are read; has no other part in it.
        images: uint8 (n, h, w, c).
        labels: (n,) whole numbers.
        seed: of the changes and the initial weights.
        threads: how many to use; None takes all cores. The result does not depend on it.
        progress: is told the share that is done.

    Raises:
        ConfigError: there are no pictures.
        KeyboardInterrupt: someone pressed Ctrl-C.
    """
    he: dict[str, Any] = {"kernel_initializer": "he_normal"}
    outputs = net.output_shape[0]
    builds: list[list[Layer]] = [[Flatten(), Dense(32, **he), ReLU(), Dense(outputs)]]
    if min(net.input_shape[:2]) >= 16:
        seeing: list[Layer] = [Conv2D(8, 5, strides=2, **he), ReLU(), Conv2D(16, 3, **he), ReLU()]
        builds.append([*seeing, MaxPooling2D(), Flatten(), Dense(outputs)])
    count = min(_SHOWN, _WAYS * len(images), max(1, _BYTES // int(np.prod(net.input_shape))))
    shown = np.resize(np.random.default_rng(seed).permutation(len(images)), count)
    images, labels = _changed(images[shown], seed, threads), labels[shown]
    least, most = _BATCHES
    trained = []
    for number, layers in enumerate(builds):
        reader = Sequential(
            layers, net.input_shape, classes=net.card.classes, seed=_SEED + 2 * seed + number
        )
        recipe = Recipe(
            optimizer=Adam(0.01),
            schedule=OneCycle(warm_up=0.2),
            batch_size=max(least, min(most, count // _UPDATES)),
            epochs=_EPOCHS[number],
            seed=_SEED + 2 * seed + number,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice for people, about a recipe that is ours
            reader.train(
                images,
                labels,
                recipe,
                callbacks=[_Told(progress, number / len(builds), 1 / len(builds))],
                threads=threads,
            )
        reader.training_state = None
        trained.append(reader)
    return tuple(trained)


def _changed(images: Grey, seed: int, threads: int | None) -> Grey:
    """Change every picture in a way of its own."""
    changed = np.empty_like(images)
    parts = cut(len(images), _BLOCK)

    def change(index: int) -> None:
        part = parts[index]
        numbers = np.arange(part.start, part.stop)
        ink = _CHANGES.apply(images[part].astype(np.float32), numbers, seed=seed, epoch=0)
        np.rint(ink, out=changed[part], casting="unsafe")

    with Workers(threads) as workers:
        workers.map(change, len(parts))
    return changed


class _Told(Callback):
    """Passes on how far the training of one reader has come; Ctrl-C ends all, not this one only.

    Args:
        progress: is told.
        start, share: where this training begins, and how much of the whole it is.
    """

    def __init__(self, progress: Progress | None, start: float, share: float) -> None:
        self._progress, self._start, self._share = progress, start, share

    def on_batch_end(self, run: Training) -> None:
        """Tell how much is done."""
        if self._progress is not None:
            done = (run.state.epoch + run.state.batch / run.batches) / run.recipe.epochs
            self._progress(self._start + self._share * done)

    def on_train_end(self, run: Training) -> None:
        """Pass on that someone pressed Ctrl-C."""
        if run.stopped == "interrupted":
            raise KeyboardInterrupt
