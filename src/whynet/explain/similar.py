"""It looks like these: the nearest pictures of either class, by what the net makes of them.

Near means near in the net's last hidden layer, where pictures lie that the net treats alike: cases
as explanations (Caruana, Kangarloo, Dionisio, Sinha & Johnson 1999, "Case-based explanation of
non-case-based learning methods"; Papernot & McDaniel 2018, "Deep k-nearest neighbors"). Distances
are Euclidean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.explain.contrast import Contrast
from whynet.explain.donors import Donors
from whynet.explain.passes import value_and_gradients
from whynet.explain.span import Span
from whynet.nn import Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten, Network
from whynet.ops.arrays import Array, Integers
from whynet.options import whole

Examples = Donors | tuple[NDArray[Any], Integers]
"""Pictures (n, h, w, c), as `Contrast` takes them, and their classes (n,) by number."""

Pair = tuple[int, int] | tuple[str, str]
"""The classes a and b, by number or by name."""

PICTURE = "the picture itself"
"""What distances are measured in where a net has no hidden layer."""


@dataclass(frozen=True, eq=False)
class Similar:
    """The examples of one class that are nearest to a picture.

    Attributes:
        label: the class, by number.
        layer: by whose output they are near: its name, or `PICTURE`.
        numbers: (k,) which examples they are, the nearest first; of equals, the first.
        distances: (k,) Euclidean, in that layer's units. 0 for the picture itself.
        answers: (k,) what the net says to each, by number.
        pictures: (k, h, w, c) as they were given.
    """

    label: int
    layer: str
    numbers: Integers
    distances: NDArray[np.float64]
    answers: Integers
    pictures: NDArray[Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.numbers)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the pictures in plain values (for JSON)."""
        return {
            "label": self.label,
            "layer": self.layer,
            "numbers": self.numbers.tolist(),
            "distances": self.distances.tolist(),
            "answers": self.answers.tolist(),
        }


def similar(
    net: Network,
    image: NDArray[Any],
    labels: Pair | None = None,
    *,
    among: Examples,
    count: int = 5,
    layer: str | int | None = None,
    threads: int | None = None,
) -> dict[int, Similar]:
    """Find the examples of two classes that a net sees as nearest to a picture.

    Only examples of these classes are run through the net, a block at a time. To ask about many
    pictures, prepare `Neighbours`.

    Args:
        net: whose features are compared; see `Contrast`.
        image: the picture, as `Contrast` takes it.
        labels: the classes a and b; by default the net's answer and its runner-up.
        among: `Donors`, or pictures and their labels.
        count: how many of each class; fewer where there are no more.
        layer: whose output is compared, by name or number from 0; by default what the last layer of
            weights takes in, and the picture itself if that is all that lies before it.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Returns:
        by class number, a first.

    Raises:
        ConfigError: the image is not one, a class or layer is unknown, or there are no examples of
            a class.
        ShapeError: the image or the examples do not fit the net.
    """
    contrast, examples = _asked(net, image, labels, threads), _checked(net, among)
    sight = _Sight(contrast, _place(contrast, layer))

    def features(numbers: Integers) -> Array:
        return sight.features(examples[0][numbers])

    return _nearest(contrast, examples, sight, count, features)


class Neighbours:
    """Examples with their features at hand, for asking about many pictures.

    Answers are those of `similar`, whose arguments these are. Features are computed once and hold
    n × (the layer's size) numbers: change the net's weights, and prepare again.

    >>> neighbours = Neighbours(net, (images, labels))
    >>> neighbours.similar(image, (9, 4))

    Args:
        net: whose features are compared.
        among: `Donors`, or pictures and their labels.
        layer: whose output is compared.
        threads: how many to use; None takes all cores.
    """

    def __init__(
        self,
        net: Network,
        among: Examples,
        *,
        layer: str | int | None = None,
        threads: int | None = None,
    ) -> None:
        self._net, self._threads = net, threads
        images, _ = self._examples = _checked(net, among)
        contrast = Contrast(net, images[:1], threads=threads)
        self._sight = _Sight(contrast, _place(contrast, layer))

        def run(part: slice) -> Array:
            return self._sight.features(images[part])

        self._features = np.concatenate(contrast.share_out(run, contrast.block, len(images)))

    def __len__(self) -> int:
        return len(self._features)

    def similar(
        self, image: NDArray[Any], labels: Pair | None = None, *, count: int = 5
    ) -> dict[int, Similar]:
        """Find the nearest examples of two classes; see the function of that name."""
        contrast = _asked(self._net, image, labels, self._threads)
        known = self._features.__getitem__
        return _nearest(contrast, self._examples, self._sight, count, known)


def _checked(net: Network, among: Examples) -> tuple[NDArray[Any], Integers]:
    """Return pictures (n, *the net's input shape) and labels (n,) that fit the net."""
    images, labels = (among.images, among.labels) if isinstance(among, Donors) else among
    images, labels = np.asarray(images), np.asarray(labels)
    shape = net.input_shape
    if images.shape[1:] == shape[:-1] and shape[-1] == 1:
        images = images[..., None]
    if images.shape[1:] != shape or not len(images):
        raise ShapeError(
            f"examples: expected pictures of shape (n, {', '.join(map(str, shape))}), as the net "
            f"takes them, got {images.shape}"
        )
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise ShapeError(
            f"examples: expected {len(images)} labels as whole numbers, got {labels.dtype} of "
            f"shape {labels.shape}"
        )
    return images, labels


def _asked(net: Network, image: NDArray[Any], labels: Pair | None, threads: int | None) -> Contrast:
    if labels is not None and (isinstance(labels, str) or len(labels) != 2):
        raise ConfigError(f"expected labels as a pair of classes (a, b), got {labels!r}")
    contrast = Contrast(net, image, *(() if labels is None else labels), threads=threads)
    if len(contrast) != 1:
        raise ConfigError(f"expected one picture, got {len(contrast)}: ask about them one by one")
    return contrast


def _place(contrast: Contrast, layer: str | int | None) -> int:
    """Return where features lie; see `Contrast.place`."""
    if layer is not None:
        return contrast.place(layer)
    weighed = (Dense, Conv2D, DepthwiseConv2D)
    last = max(
        (at for at, each in enumerate(contrast.layers) if isinstance(each, weighed)), default=0
    )
    before = contrast.layers[:last]
    return 0 if all(isinstance(each, Flatten | Dropout) for each in before) else last


class _Sight:
    """What the net makes of pictures, up to one place: where they are near to each other.

    Args:
        contrast: of the net.
        place: see `Contrast.place`.
    """

    def __init__(self, contrast: Contrast, place: int) -> None:
        self._contrast, self._span = contrast, Span(contrast.net, 0, place) if place else None
        self.layer = contrast.layers[place - 1].name if place else PICTURE

    def features(self, pictures: NDArray[Any]) -> Array:
        """Return what lies there for one block of pictures, (k, size)."""
        x = self._contrast.as_images(pictures)
        if self._span is not None:
            with np.errstate(over="ignore", invalid="ignore"):  # as `Contrast` runs them
                x = value_and_gradients(self._span, x, _as_they_are, ()).values
        return x.reshape(len(x), -1)


def _as_they_are(y: Array) -> tuple[Array, Array]:
    return y, y


def _nearest(
    contrast: Contrast,
    examples: tuple[NDArray[Any], Integers],
    sight: _Sight,
    count: int,
    features: Callable[[Integers], Array],
) -> dict[int, Similar]:
    """Compare a picture with the examples of its two classes, block by block.

    Args:
        contrast: the picture, and the classes.
        examples: pictures and labels.
        sight: gives the picture's own features.
        count: how many of each class.
        features: gives the features of the examples of these numbers, (k, size).
    """
    whole(count, "a count", least=1)
    images, labels = examples
    here = sight.features(contrast.images)
    found = {}
    for label in (int(contrast.predicted[0]), int(contrast.rival[0])):
        numbers = np.flatnonzero(labels == label)
        if not len(numbers):
            raise ConfigError(
                f"examples: expected some of class {contrast.classes[label]!r}, got none among "
                f"{len(labels)}: give more, or ask about another class"
            )

        def distances(part: slice, numbers: Integers = numbers) -> NDArray[np.float64]:
            apart = features(numbers[part]) - here
            far: NDArray[np.float64] = np.sqrt(np.square(apart).sum(axis=1, dtype=np.float64))
            return far

        far = np.concatenate(contrast.share_out(distances, contrast.block, len(numbers)))
        order = np.argsort(far, kind="stable")[:count]
        numbers, far = numbers[order], far[order]
        # The same picture's features may be rounded otherwise in a block of another size.
        same = contrast.as_images(images[numbers]) == contrast.images
        far[same.reshape(len(far), -1).all(axis=1)] = 0
        order = np.argsort(far, kind="stable")
        numbers, far = numbers[order], far[order]
        found[label] = Similar(
            label=label,
            layer=sight.layer,
            numbers=numbers,
            distances=far,
            answers=Contrast(contrast.net, images[numbers], threads=contrast.threads).predicted,
            pictures=images[numbers],
        )
    return found
