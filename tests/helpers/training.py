"""A small net with everything that could make a run hard to repeat, and data for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet import (
    AdamW,
    Augmentation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    Recipe,
    ReLU,
    Sequential,
)
from whynet.optim import OneCycle
from whynet.train import Callback, Training


def blobs(n: int, *, seed: int = 0, side: int = 8) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw n grey pictures with a bright bar at the top, in the middle or at the bottom."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    images = rng.integers(0, 80, (n, side, side, 1)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        row = label * (side - 2) // 2
        image[row : row + 2] += 150
    return images, labels


def small_net(seed: int = 0) -> Sequential:
    """Convolution, batch normalisation, pooling, dropout, dense."""
    layers = [
        Conv2D(4, 3, use_bias=False),
        BatchNormalization(),
        ReLU(),
        MaxPooling2D(2),
        Dropout(0.25),
        Flatten(),
        Dense(8),
        ReLU(),
        Dense(3),
    ]
    return Sequential(layers, (8, 8, 1), seed=seed)


def full_recipe(**changed: Any) -> Recipe:
    """A rule with memory, a schedule, augmentation, L2, and batches that do not divide 50."""
    options: dict[str, Any] = {
        "optimizer": AdamW(lr=0.01),
        "schedule": OneCycle(),
        "epochs": 3,
        "batch_size": 20,
        "l2": 1e-3,
        "augment": Augmentation(shift=1, rotate=10, scale=0.1, shear=0.1, elastic=0.5),
        "seed": 7,
    }
    return Recipe(**{**options, **changed})


class StopAt(Callback):
    """Stops a run after so many updates, counted over its whole life."""

    def __init__(self, updates: int) -> None:
        self.updates = updates

    def on_batch_end(self, run: Training) -> None:
        if run.state.epoch * run.batches + run.state.batch == self.updates:
            run.stop("enough for now")


def bits(net: Sequential) -> bytes:
    """All that the net learnt and remembers, to the last bit."""
    return net.parameters.tobytes() + net.state.tobytes()
