"""Donors: real pictures of every class, and readers trained apart, that travel with a model.

A counterfactual borrows its strokes from somebody's handwriting, and needs second opinions. Both
are gathered once, from the pictures that the model was trained on, or from the built-in writer for
models that have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import CheckpointError, ConfigError, ShapeError
from whynet.explain.counterfactual.align import blurred
from whynet.explain.counterfactual.jury import Jury
from whynet.explain.readers import Progress, train_readers
from whynet.ops.arrays import Array
from whynet.sequential import Sequential
from whynet.train.attachment import Attachment
from whynet.train.recipe import Recipe
from whynet.train.workers import Workers

Grey = NDArray[np.uint8]
Labels = NDArray[np.int64]

EACH = 300
"""Donors of a class, by default: 235 kB of MNIST's pictures."""

ATTACHED = "donors"
"""What donors are called among a net's attachments."""

_LOOKED_AT = 1500  # pictures of a class among which donors are chosen
_ROUNDS = 8  # of k-means: later ones change little
_LEARNING = 0.6  # share of the time that readers take, and choosing takes the rest
_DRAWN = 20_000  # pictures that the writer draws where there are none


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
        progress: Progress | None = None,
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
            threads: how many to use; None takes all cores. The result does not depend on it.
            progress: is told the share that is done, from 0 to 1.

        Raises:
            ConfigError, ShapeError: pictures or labels don't fit the net.
            KeyboardInterrupt: someone pressed Ctrl-C.
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
        tell = progress or (lambda share: None)
        begin = 0.0
        if readers is None:
            begin = _LEARNING
            readers = train_readers(
                net,
                images,
                labels,
                seed=seed,
                threads=threads,
                progress=lambda share: tell(_LEARNING * share),
            )
        passed = []
        for label in range(classes):
            jury = Jury(net, readers, label, threads)
            passed.append(_passed(jury, images, labels, np.random.default_rng([seed, label])))
            tell(begin + (1 - begin) * (label + 1) / classes)

        def choose(label: int) -> Labels:
            return _typical(images, passed[label], each, np.random.default_rng([seed, label]))

        with Workers(threads) as workers:
            chosen = workers.map(choose, classes)
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

    def attach(self, net: Sequential) -> None:
        """Let a net's model file carry these donors, in place of any that it has."""
        net.attachments[ATTACHED] = Attachment(*self.to_tensors())

    @classmethod
    def attached(cls, net: Sequential) -> Donors | None:
        """Return the donors that a net's model file carries; None if it has none.

        Raises:
            CheckpointError: they are damaged, or another net's.
        """
        attachment = net.attachments.get(ATTACHED)
        if attachment is None:
            return None
        donors = cls.from_tensors(attachment.tensors, attachment.about)
        donors._check_belong(net)
        return donors

    @classmethod
    def find(cls, net: Sequential) -> Donors:
        """Return the donors that a net's model file carries.

        Raises:
            ConfigError: it has none; says how to get some.
            CheckpointError: they are damaged, or another net's.
        """
        donors = cls.attached(net)
        if donors is None:
            raise ConfigError(
                "donors: this model carries none, so nothing can lend its strokes: gather some by "
                "Donors.from_data(net, images, labels) and keep them with .attach(net), or train "
                "it by `whynet train --donors`"
            )
        return donors

    def _check_belong(self, net: Sequential) -> None:
        """Refuse what a damaged or wrongly joined file may hold."""
        classes = net.output_shape[-1]
        if (
            not all(
                (reader.input_shape, reader.output_shape) == (net.input_shape, net.output_shape)
                for reader in self.readers
            )
            or self.images.shape[1:] != net.input_shape
        ):
            raise CheckpointError("donors: damaged, or of a model for other pictures or classes")
        if len(self) and not 0 <= self.labels.min() <= self.labels.max() < classes:
            raise CheckpointError(f"donors: damaged (expected labels from 0 to {classes - 1})")

    def to_tensors(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return everything as named arrays, and the rest in plain values (for JSON)."""
        tensors: dict[str, NDArray[Any]] = {"images": self.images, "labels": self.labels}
        for number, reader in enumerate(self.readers):
            tensors |= {f"reader_{number}.{name}": w for name, w in reader.weights().items()}
        readers = [
            {
                "network": reader.config(),
                "classes": list(reader.card.classes),
                # It says what turns the reader's outputs into probabilities.
                "recipe": None if reader.card.recipe is None else reader.card.recipe.config(),
            }
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
            readers = tuple(
                _reader(told, f"reader_{number}.", tensors)
                for number, told in enumerate(about["readers"])
            )
            images, labels = np.asarray(tensors["images"]), np.asarray(tensors["labels"])
            if labels.dtype != np.int64:
                raise ConfigError(f"expected labels as int64, got {labels.dtype}")
            return cls(images, labels, readers, str(about["source"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise CheckpointError(f"donors: damaged or incomplete ({error})") from error


def _reader(
    told: Mapping[str, Any], prefix: str, tensors: Mapping[str, NDArray[Any]]
) -> Sequential:
    """Make a reader again from what is told of it, and the tensors with its prefix."""
    weights = {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
    for name, tensor in weights.items():
        if not (np.abs(tensor) <= np.finfo(np.float32).max).all():  # NaN is not
            raise ConfigError(f"expected finite float32 numbers in {prefix}{name}")
    reader = Sequential.from_config(told["network"], weights=weights)
    recipe = told.get("recipe")
    reader.card = replace(
        reader.card,
        classes=tuple(map(str, told["classes"])),
        recipe=None if recipe is None else Recipe.from_config(recipe),
    )
    return reader


def _passed(
    jury: Jury, images: Grey, labels: NDArray[np.integer[Any]], rng: np.random.Generator
) -> Labels:
    """Return the numbers of pictures of the jury's class that it is sure of, in rising order."""
    numbers: Labels = np.flatnonzero(labels == jury.rival)
    if len(numbers) > _LOOKED_AT:
        numbers = np.sort(rng.choice(numbers, _LOOKED_AT, replace=False))
    if not len(numbers):
        return numbers
    return numbers[jury.slack(images[numbers, ..., 0]) >= 0]


def _typical(images: Grey, numbers: Labels, each: int, rng: np.random.Generator) -> Labels:
    """Return the numbers of those pictures that stand for many, at most ``each``."""
    if len(numbers) <= each:
        return numbers
    # Blurred pictures lose nothing when every other pixel is left out.
    points = blurred(images[numbers, ..., 0].astype(np.float32) / np.float32(255))[:, ::2, ::2]
    return np.sort(numbers[_medoids(points.reshape(len(numbers), -1), each, rng)])


def _medoids(points: Array, count: int, rng: np.random.Generator) -> Labels:
    """Return which points (n, d) are nearest to the centres of k-means, at most ``count``."""
    centres = points[np.sort(rng.choice(len(points), count, replace=False))]
    for _ in range(_ROUNDS):
        # Half the squared distance, less what is the same for all centres.
        owner = (np.square(centres).sum(axis=1) / 2 - points @ centres.T).argmin(axis=1)
        size = np.bincount(owner, minlength=count)
        order = np.argsort(owner, kind="stable")
        begins = np.concatenate([[0], np.cumsum(size)[:-1]])
        used = size > 0
        sums = np.add.reduceat(points[order], begins[used], axis=0)
        centres[used] = sums / size[used, None]
    far = np.square(points).sum(axis=1)[:, None] / 2 - points @ centres.T
    found: Labels = np.unique(far.argmin(axis=0))
    return found
