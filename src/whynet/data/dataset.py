"""A labelled set of pictures: the one form in which every source hands over its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, DataFormatError

Index = slice | Sequence[int] | NDArray[np.integer[Any]] | NDArray[np.bool_]


@dataclass(frozen=True)
class Dataset:
    """Pictures with their labels.

    Attributes:
        images: uint8, (n, height, width, channels). Digits are bright ink on black, as in MNIST.
        labels: int64, (n,), each an index into ``classes``; ``None`` where nobody knows them
            (a test file to make predictions for).
        classes: the name of every class, in label order.
        name: where the pictures come from, for messages and the model's card.

    Raises:
        DataFormatError: an array has the wrong shape or type, or a label is out of range.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    name: str

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise DataFormatError(
                f"{self.name}: expected uint8 images of shape (n, height, width, channels), "
                f"got {self.images.dtype} of shape {self.images.shape}"
            )
        if self.labels is None:
            return
        if self.labels.shape != (len(self.images),):
            raise DataFormatError(
                f"{self.name}: expected one label for each of {len(self.images)} images, "
                f"got labels of shape {self.labels.shape}"
            )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise DataFormatError(
                f"{self.name}: expected labels from 0 to {len(self.classes) - 1}, "
                f"got {self.labels.min()} to {self.labels.max()}"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Index) -> Dataset:
        """Return the pictures that a slice, a list of positions or a mask picks, as a `Dataset`."""
        labels = None if self.labels is None else self.labels[index]
        return replace(self, images=self.images[index], labels=labels)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every picture."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def known_labels(self) -> NDArray[np.int64]:
        """The labels, (n,) int64.

        Raises:
            DataFormatError: the set came without labels.
        """
        if self.labels is None:
            raise DataFormatError(f"{self.name}: has no labels, which this needs")
        return self.labels

    def split(self, held_out: int, seed: int = 0) -> tuple[Dataset, Dataset]:
        """Deal the pictures into two sets at random: all but ``held_out``, and ``held_out``.

        Args:
            held_out: how many pictures the second set gets, 0 < held_out < n.
            seed: the same seed deals the same way on every machine.

        Raises:
            ConfigError: one of the two sets would be empty.
        """
        if not 0 < held_out < len(self):
            raise ConfigError(
                f"{self.name}: expected to hold out between 1 and {len(self) - 1} of "
                f"{len(self)} images, got {held_out}"
            )
        order = np.random.default_rng(seed).permutation(len(self))
        # Each half keeps the file's order, which reads memory forwards and is easy to look up.
        return self[np.sort(order[held_out:])], self[np.sort(order[:held_out])]
