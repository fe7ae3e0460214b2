"""Ablation: switch units off, and see what becomes of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.explain.contrast import Classes, Contrast
from whynet.explain.neurons.asked import Units, place_of, units_of
from whynet.explain.span import Span, in_blocks
from whynet.nn import Network
from whynet.ops.arrays import Array
from whynet.options import choice

STAND_INS = ("zero", "mean")
"""What a unit says instead: nothing, or at each place its mean over the images."""

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ablation:
    """What a net says to n pictures with all of its units, and without some.

    Attributes:
        layer: the layer's name.
        units: which of its units were switched off.
        to: what they said instead, one of `STAND_INS`.
        logits_before, logits_after: (n, classes).
        predicted, rival: (n,) the classes a and b of the margins z_a − z_b.
        labels: (n,) the truth, if it is known.
    """

    layer: str
    units: tuple[int, ...]
    to: str
    logits_before: Array = field(repr=False)
    logits_after: Array = field(repr=False)
    predicted: Labels = field(repr=False)
    rival: Labels = field(repr=False)
    labels: Labels | None = field(default=None, repr=False)

    @property
    def margins_before(self) -> Array:
        """z_a − z_b with all units, (n,)."""
        return self._margins(self.logits_before)

    @property
    def margins_after(self) -> Array:
        """z_a − z_b without those, (n,)."""
        return self._margins(self.logits_after)

    @property
    def changed(self) -> NDArray[np.bool_]:
        """Whether the likeliest class is another one afterwards, (n,)."""
        before, after = self.logits_before.argmax(axis=1), self.logits_after.argmax(axis=1)
        found: NDArray[np.bool_] = before != after
        return found

    @property
    def accuracy_before(self) -> float | None:
        """The share of right answers with all units; None without labels."""
        return self._accuracy(self.logits_before)

    @property
    def accuracy_after(self) -> float | None:
        """The share of right answers without those; None without labels."""
        return self._accuracy(self.logits_after)

    def _margins(self, logits: Array) -> Array:
        rows = np.arange(len(logits))
        found: Array = logits[rows, self.predicted] - logits[rows, self.rival]
        return found

    def _accuracy(self, logits: Array) -> float | None:
        if self.labels is None:
            return None
        return float((logits.argmax(axis=1) == self.labels).mean())


def ablate(
    net: Network,
    layer: str | int,
    units: Units,
    images: NDArray[Any],
    labels: NDArray[Any] | None = None,
    predicted: Classes | None = None,
    rival: Classes | None = None,
    *,
    to: str = "zero",
    threads: int | None = None,
) -> Ablation:
    """Switch units of a layer off, all at once, and run what lies above them again.

    The layers are run by themselves, with other numbers handed from one to the next: nothing about
    the net is changed. A unit behind a convolution is a feature map.

    Args:
        net: one that ends in logits, or in softmax or sigmoid of logits.
        layer: whose outputs, by name or by number from 0.
        units: which.
        images: (n, h, w, c), as `Contrast` takes them.
        labels: (n,) whole numbers, to measure accuracy.
        predicted: a, one class or one for each picture; by default the net's answer.
        rival: b; by default the likeliest class other than a.
        to: what the units say instead, one of `STAND_INS`. The mean leaves the layers above with
            sums as they are used to, so that less of the change is mere surprise.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Raises:
        ConfigError: as `Contrast`; or no such layer up to the logits, unit or stand-in.
        ShapeError: images or labels don't fit.
    """
    contrast = Contrast(net, images, predicted, rival, threads=threads)
    place = _place(contrast, layer)
    group = units_of(contrast.shape(place), units)
    return _ablations(contrast, place, [group], labels, to)[0]


def ablate_each(
    net: Network,
    layer: str | int,
    images: NDArray[Any],
    labels: NDArray[Any] | None = None,
    predicted: Classes | None = None,
    rival: Classes | None = None,
    *,
    to: str = "zero",
    threads: int | None = None,
) -> dict[int, Ablation]:
    """Switch every unit of a layer off, one at a time: what `ablate` says of each, by its number.

    What lies below the layer is computed once, and above it once for each unit.

    Args:
        net: see `ablate`, as for the others.
        layer: whose outputs.
        images: the pictures.
        labels: the truth.
        predicted: the class a.
        rival: the class b.
        to: what the units say instead.
        threads: how many to use.
    """
    contrast = Contrast(net, images, predicted, rival, threads=threads)
    place = _place(contrast, layer)
    alone = [np.array([unit]) for unit in range(contrast.shape(place)[-1])]
    return dict(enumerate(_ablations(contrast, place, alone, labels, to)))


def _place(contrast: Contrast, layer: str | int) -> int:
    place = place_of(contrast.net, layer)
    if place > len(contrast.layers):
        raise ConfigError(
            f"expected a layer up to the logits, {contrast.layers[-1].name!r}, "
            f"got {contrast.net.layers[place - 1].name!r}"
        )
    return place


def _ablations(
    contrast: Contrast,
    place: int,
    groups: Sequence[NDArray[np.int64]],
    labels: NDArray[Any] | None,
    to: str,
) -> list[Ablation]:
    choice(to, "a stand-in", STAND_INS)
    truth = None if labels is None else _checked(labels, contrast.logits.shape)
    below = Span(contrast.net, 0, place)
    top = len(contrast.layers)
    above = Span(contrast.net, place, top) if place < top else None
    instead = _means(contrast, below) if to == "mean" else np.zeros(below.output_shape)

    def run(part: slice) -> list[Array]:
        x = contrast.images[part]
        with below.outputs(len(x), partial(_put, x)) as y:
            return [_logits(above, y, instead, units) for units in [_NONE, *groups]]

    blocks = in_blocks(run, len(contrast), contrast.block, contrast.threads)
    before, *afters = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return [
        Ablation(
            layer=contrast.layers[place - 1].name,
            units=tuple(units.tolist()),
            to=to,
            logits_before=before,
            logits_after=after,
            predicted=contrast.predicted,
            rival=contrast.rival,
            labels=truth,
        )
        for units, after in zip(groups, afters, strict=True)
    ]


_NONE = np.zeros(0, np.int64)


def _logits(above: Span | None, y: Array, instead: NDArray[Any], units: NDArray[np.int64]) -> Array:
    """Run the layers above from y, (n, *shape), with other numbers for some units."""

    def fill(x: Array) -> None:
        np.copyto(x, y)
        x[..., units] = instead[..., units]

    if above is None:
        logits = np.empty_like(y)
        fill(logits)
        return logits
    with above.outputs(len(y), fill) as found:
        return found.copy()


def _means(contrast: Contrast, below: Span) -> NDArray[np.float64]:
    """Return the mean over the images of every output of some layers."""

    def add_up(part: slice) -> NDArray[np.float64]:
        x = contrast.images[part]
        with below.outputs(len(x), partial(_put, x)) as y:
            added: NDArray[np.float64] = y.sum(axis=0, dtype=np.float64)
            return added

    total = np.zeros(below.output_shape)
    for added in in_blocks(add_up, len(contrast), contrast.block, contrast.threads):
        total += added
    return total / len(contrast)


def _put(y: Array, x: Array) -> None:
    np.copyto(x, y)


def _checked(labels: NDArray[Any], shape: tuple[int, ...]) -> Labels:
    """Read labels for logits of this shape."""
    labels = np.asarray(labels)
    if labels.shape != shape[:1] or labels.dtype.kind not in "iu":
        raise ShapeError(
            f"expected {shape[0]} labels as whole numbers, got {labels.dtype} of shape "
            f"{labels.shape}"
        )
    if not 0 <= labels.min() <= labels.max() < shape[1]:
        raise ConfigError(f"expected labels from 0 to {shape[1] - 1}")
    return labels.astype(np.int64)
