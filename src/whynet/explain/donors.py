"""Donors: real pictures of every class, and readers trained apart, that travel with a model.

A counterfactual borrows its strokes from somebody's handwriting, and needs second opinions. Both
are gathered once, from the pictures that the model was trained on, or from the built-in writer for
models that have none.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.data.augment import Augmentation
from whynet.errors import CheckpointError, ConfigError, ShapeError
from whynet.explain.counterfactual.align import blurred
from whynet.explain.counterfactual.jury import Jury
from whynet.nn import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from whynet.ops.arrays import Array
from whynet.optim import Adam, OneCycle
from whynet.sequential import Sequential
from whynet.train.recipe import Recipe

Grey = NDArray[np.uint8]
Labels = NDArray[np.int64]

EACH = 300
"""Donors of a class, by default: 235 kB of MNIST's pictures."""

_LOOKED_AT = 6000  # pictures of a class among which donors are chosen
_LESSONS = 200_000  # pictures that a reader is shown in all
_ROUNDS = 8  # of k-means: later ones change little
_SEED = 0x5EC0  # readers start from other weights than nets that people train with small seeds
_DRAWN = 30_000  # pictures that the writer draws where there are none


@dataclass(frozen=True)
class Donors:
    """Pictures of every class that a net reads with confidence, and readers trained apart.

    Attributes:
        images: uint8 (n, h, w, 1).
        labels: int64 (n,).
        readers: nets trained apart; small ones.
        source: where the pictures come from, in words.

    Raises:
        ShapeError: the arrays don't fit each other.
    """

    images: Grey
    labels: Labels
    readers: tuple[Sequential, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8 or self.images.shape[3] != 1:
            raise ShapeError(
                "donors: expected uint8 pictures (n, height, width, 1), "
                f"got {self.images.dtype} of shape {self.images.shape}"
            )
        if self.labels.shape != self.images.shape[:1]:
            raise ShapeError(
                f"donors: expected {len(self.images)} labels, got shape {self.labels.shape}"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        nets = sum(array.nbytes for reader in self.readers for array in reader.weights().values())
        return self.images.nbytes + self.labels.nbytes + nets

    def of(self, label: int, net: Sequential) -> Labels:
        """Return the numbers of the donors of a class, for use with a net.

        Raises:
            ConfigError: there are none; says how to get some.
            ShapeError: they are not of the size that the net takes.
        """
        if self.images.shape[1:] != net.input_shape:
            raise ShapeError(
                f"donors: expected pictures of shape {net.input_shape}, got {self.images.shape[1:]}"
            )
        numbers: Labels = np.flatnonzero(self.labels == label)
        if not len(numbers):
            raise ConfigError(
                f"donors: there are none of class {net.card.classes[label]!r}, so nothing can lend "
                "its strokes: gather some with Donors.from_data(net, images, labels) from pictures "
                "that the net reads well"
            )
        return numbers

    # -- gathering --------------------------------------------------------------------------

    @classmethod
    def from_data(
        cls,
        net: Sequential,
        images: Grey,
        labels: NDArray[np.integer[Any]],
        *,
        each: int = EACH,
        readers: Sequence[Sequential] | None = None,
        source: str = "",
        seed: int = 0,
        threads: int | None = None,
    ) -> Donors:
        """Choose donors among pictures, and train the readers on them.

        Donors are those pictures that the net and the readers read rightly and with confidence and
        that stand for many: the nearest to the centres of k-means, each class by itself.

        Args:
            net: whose counterfactuals are wanted; trained.
            images: uint8 (n, h, w, 1) or (n, h, w): what it was trained on.
            labels: (n,) whole numbers.
            each: the most donors of a class.
            readers: nets trained apart, if there are any; by default two small ones are trained.
            source: where the pictures come from, in words.
            seed: of the choice and the readers' training.
            threads: how many to use; None takes all cores.

        Raises:
            ConfigError, ShapeError: pictures or labels don't fit the net.
        """
        images, labels = np.asarray(images), np.asarray(labels)
        images = images[..., None] if images.ndim == 3 else images
        if images.dtype != np.uint8:
            raise ConfigError(f"donors: expected pictures as uint8 grey levels, got {images.dtype}")
        if images.shape[1:] != net.input_shape:
            raise ShapeError(
                f"donors: expected pictures of shape {net.input_shape}, got {images.shape[1:]}"
            )
        if net.input_shape[2:] != (1,):
            raise ConfigError(f"donors: expected pictures of one channel, got {net.input_shape}")
        if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
            raise ShapeError(
                f"donors: expected {len(images)} labels as whole numbers, got {labels.dtype} of "
                f"shape {labels.shape}"
            )
        classes = net.output_shape[0]
        if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
            raise ConfigError(f"donors: expected labels from 0 to {classes - 1}")
        if each < 1:
            raise ConfigError(f"donors: expected at least 1 of each class, got {each}")
        if readers is None:
            readers = train_readers(net, images, labels, seed=seed, threads=threads)
        rng = np.random.default_rng(seed)
        chosen = [
            _chosen(Jury(net, readers, label, threads), images, labels, each, rng)
            for label in range(classes)
        ]
        numbers = np.concatenate(chosen)
        return cls(images[numbers], labels[numbers].astype(np.int64), tuple(readers), source)

    @classmethod
    def from_writer(
        cls, net: Sequential, *, each: int = EACH, seed: int = 0, threads: int | None = None
    ) -> Donors:
        """Gather donors from the built-in writer, for models of digits or of ticks and crosses.

        Args:
            net: whose counterfactuals are wanted; trained.
            each: the most donors of a class.
            seed: of the pictures, the choice and the readers' training.
            threads: how many to use; None takes all cores.

        Raises:
            ConfigError: the writer does not write the model's classes.
        """
        from whynet.data.sources import SOURCES, load

        for name in ("strokes", "ticks"):
            known = SOURCES[name].classes
            if known == net.card.classes and net.input_shape == (28, 28, 1):
                drawn = load(name, examples=_DRAWN if name == "strokes" else _DRAWN // 5, seed=seed)
                return cls.from_data(
                    net,
                    drawn.images,
                    drawn.known_labels,
                    each=each,
                    source=f"{name}, the built-in writer",
                    seed=seed,
                    threads=threads,
                )
        raise ConfigError(
            "donors: the built-in writer writes digits, ticks and crosses in 28 × 28 pixels, got a "
            f"model of {', '.join(net.card.classes)}: use Donors.from_data with its own pictures"
        )

    # -- keeping ----------------------------------------------------------------------------

    def to_tensors(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return everything as named arrays, and the rest in plain values (for JSON)."""
        tensors: dict[str, NDArray[Any]] = {"images": self.images, "labels": self.labels}
        for number, reader in enumerate(self.readers):
            tensors |= {f"reader_{number}.{name}": w for name, w in reader.weights().items()}
        readers = [
            {"network": reader.config(), "classes": list(reader.card.classes)}
            for reader in self.readers
        ]
        return tensors, {"source": self.source, "readers": readers}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> Donors:
        """Read what `to_tensors` returned.

        Raises:
            CheckpointError: it is something else.
        """
        try:
            readers = []
            for number, told in enumerate(about["readers"]):
                start = f"reader_{number}."
                own = [name for name in tensors if name.startswith(start)]
                weights = {name.removeprefix(start): tensors[name] for name in own}
                reader = Sequential.from_config(told["network"], weights=weights)
                reader.card = replace(reader.card, classes=tuple(map(str, told["classes"])))
                readers.append(reader)
            images, labels = np.asarray(tensors["images"]), np.asarray(tensors["labels"])
            if labels.dtype != np.int64:
                raise CheckpointError(f"donors: expected labels as int64, got {labels.dtype}")
            return cls(images, labels, tuple(readers), str(about["source"]))
        except (KeyError, TypeError, AttributeError, ConfigError, ShapeError) as error:
            raise CheckpointError(f"donors: damaged or incomplete ({error})") from error


def train_readers(
    net: Sequential,
    images: Grey,
    labels: NDArray[np.integer[Any]],
    *,
    seed: int = 0,
    threads: int | None = None,
) -> tuple[Sequential, ...]:
    """Train two small nets apart from a net: one with a hidden layer, one with convolutions.

    The two make different mistakes, which is what a second opinion is for. On MNIST: 25,450 and
    5,386 parameters, 97 and 98 % right.
    """
    he: dict[str, Any] = {"kernel_initializer": "he_normal"}
    outputs = net.output_shape[0]
    builds: list[list[Layer]] = [[Flatten(), Dense(32, **he), ReLU(), Dense(outputs)]]
    if min(net.input_shape[:2]) >= 16:
        seeing: list[Layer] = [Conv2D(8, 5, strides=2, **he), ReLU(), Conv2D(16, 3, **he), ReLU()]
        builds.append([*seeing, MaxPooling2D(), Flatten(), Dense(outputs)])
    epochs = max(1, min(30, round(_LESSONS / 2 / max(1, len(images)))))
    trained = []
    for number, layers in enumerate(builds):
        reader = Sequential(
            layers, net.input_shape, classes=net.card.classes, seed=_SEED + 2 * seed + number
        )
        recipe = Recipe(
            optimizer=Adam(0.005),
            schedule=OneCycle(warm_up=0.2),
            batch_size=64,
            epochs=epochs if number else 2 * epochs,
            augment=Augmentation(shift=1, rotate=8, scale=0.1, shear=0.1, elastic=0.5),
            seed=_SEED + 2 * seed + number,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice for people, about a recipe that is ours
            reader.train(images, labels, recipe, threads=threads)
        reader.training_state = None
        trained.append(reader)
    return tuple(trained)


def _chosen(
    jury: Jury,
    images: Grey,
    labels: NDArray[np.integer[Any]],
    each: int,
    rng: np.random.Generator,
) -> Labels:
    """Return the numbers of the donors of the jury's class, in rising order."""
    numbers: Labels = np.flatnonzero(labels == jury.rival)
    if len(numbers) > _LOOKED_AT:
        numbers = np.sort(rng.choice(numbers, _LOOKED_AT, replace=False))
    if not len(numbers):
        return numbers
    numbers = numbers[jury.slack(images[numbers, ..., 0]) >= 0]
    if len(numbers) <= each:
        return numbers
    # Blurred pictures lose nothing when every other pixel is left out.
    points = blurred(images[numbers, ..., 0].astype(np.float32) / 255)[:, ::2, ::2]
    return np.sort(numbers[_medoids(points.reshape(len(numbers), -1), each, rng)])


def _medoids(points: Array, count: int, rng: np.random.Generator) -> Labels:
    """Return which points (n, d) are nearest to the centres of k-means, at most ``count``."""
    centres = points[np.sort(rng.choice(len(points), count, replace=False))]
    for _ in range(_ROUNDS):
        owner = _squares(points, centres).argmin(axis=1)
        size = np.bincount(owner, minlength=count)
        order = np.argsort(owner, kind="stable")
        begins = np.concatenate([[0], np.cumsum(size)[:-1]])
        used = size > 0
        sums = np.add.reduceat(points[order], begins[used], axis=0)
        centres[used] = sums / size[used, None]
    found: Labels = np.unique(_squares(points, centres).argmin(axis=0))
    return found


def _squares(points: Array, centres: Array) -> Array:
    """Squared distances (n, count), less what is the same for all centres."""
    far: Array = np.square(points).sum(axis=1)[:, None] + np.square(centres).sum(axis=1)
    far -= 2 * points @ centres.T
    return far
