"""The pictures that excite a unit most, and the part of them that it sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.explain.neurons.asked import (
    Units,
    as_pictures,
    check_sees_pictures,
    place_of,
    units_of,
)
from whynet.explain.neurons.fields import Field, Position, receptive_field
from whynet.explain.span import Span, in_blocks
from whynet.nn import Network
from whynet.ops.arrays import Array
from whynet.options import whole
from whynet.train.shards import put_input, shard_size


@dataclass(frozen=True, eq=False)
class Patches:
    """What excites one unit most, strongest first: k pictures, k at most the number asked for.

    Attributes:
        unit: its number.
        images: (k,) the pictures' numbers, all different.
        positions: (k, 2) the row and column of the feature map where each excites the unit most;
            (k, 0) for a unit of a vector.
        activations: (k,) what the unit says there.
        fields: which pixels it sees there.
        patches: (k, height, width, channels) these pixels as they were given, with 0 where the
            field leaves the picture.
    """

    unit: int
    images: NDArray[np.int64]
    positions: NDArray[np.int64]
    activations: Array
    fields: tuple[Field, ...] = field(repr=False)
    patches: NDArray[Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.images)


def exciting_patches(
    net: Network,
    layer: str | int,
    images: NDArray[Any],
    *,
    units: Units | None = None,
    count: int = 9,
    threads: int | None = None,
) -> dict[int, Patches]:
    """Find the pictures that excite each unit most, and where (Zeiler & Fergus 2014).

    A picture counts once, by the place that excites the unit most, so that nine patches come from
    nine pictures. Where a unit is 0, as ReLU leaves it when it is off, nothing excites it: a dead
    unit has no patches. Of equals, earlier pictures and places come first.

    Pictures are looked at in blocks, so 60,000 take little more memory than a thousand.

    Args:
        net: a net of pictures.
        layer: its name, or its number from 0.
        images: (n, h, w, c), as `whynet.Sequential` takes them; float pixels are taken as they are.
        units: which units or feature maps; None takes all.
        count: the most patches of a unit.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Returns:
        The patches by the unit's number.

    Raises:
        ConfigError: no such layer or unit, or the net's activations are not finite.
        ShapeError: the images don't fit the net, or it takes no pictures.
    """
    place = place_of(net, layer)
    check_sees_pictures(net)
    shape = net.layers[place - 1].output_shape
    chosen = units_of(shape, units)
    whole(count, "a count of patches", least=1)
    images = as_pictures(net, images)
    span = Span(net, 0, place)

    def look(part: slice) -> _Best:
        with span.outputs(part.stop - part.start, lambda x: put_input(images, x, part)) as y:
            return _best(y.reshape(len(y), -1, shape[-1])[:, :, chosen], part.start, count)

    found: _Best | None = None
    for more in in_blocks(look, len(images), shard_size(net), threads):
        found = more if found is None else found.joined(more, count)
    assert found is not None  # there is at least one picture
    return {
        int(unit): _patches(net, place, int(unit), found.of(at), images)
        for at, unit in enumerate(chosen)
    }


@dataclass(frozen=True, eq=False)
class _Best:
    """The strongest activations so far, (k, units) each: strongest first, 0 for none."""

    activations: Array
    images: NDArray[np.int64]
    places: NDArray[np.int64]

    def joined(self, later: _Best, count: int) -> _Best:
        """Keep the best of both; those of later pictures come after their equals."""
        return _Best(
            np.concatenate([self.activations, later.activations]),
            np.concatenate([self.images, later.images]),
            np.concatenate([self.places, later.places]),
        ).first(count)

    def first(self, count: int) -> _Best:
        """Sort, and keep the first ``count``."""
        strength = np.where(self.activations == 0, -np.inf, self.activations)
        order = np.argsort(-strength, axis=0, kind="stable")[:count]
        return _Best(
            np.take_along_axis(self.activations, order, axis=0),
            np.take_along_axis(self.images, order, axis=0),
            np.take_along_axis(self.places, order, axis=0),
        )

    def of(self, at: int) -> _Best:
        """Return one unit's, (k,) each, without what does not excite it."""
        on = np.flatnonzero(self.activations[:, at])
        return _Best(self.activations[on, at], self.images[on, at], self.places[on, at])


def _best(y: Array, start: int, count: int) -> _Best:
    """Return the best of one block.

    Args:
        y: (n, cells, units).
        start: the number of its first picture.
        count: how many to keep.
    """
    peaks = y.max(axis=1)
    images = np.broadcast_to(np.arange(start, start + len(y))[:, None], peaks.shape)
    best = _Best(peaks, images, np.zeros(peaks.shape, np.int64)).first(count)
    units = np.arange(y.shape[2])
    # Where the peak was is only asked of the few that are kept.
    places = y[best.images - start, :, units].argmax(axis=2)
    return _Best(best.activations, best.images, places)


def _patches(net: Network, place: int, unit: int, best: _Best, images: NDArray[Any]) -> Patches:
    """Cut one unit's patches out."""
    *map_shape, _ = net.layers[place - 1].output_shape
    if map_shape:
        positions = np.stack(np.divmod(best.places, map_shape[1]), axis=1)
        where: list[Position] = [(int(row), int(column)) for row, column in positions]
    else:
        positions = np.zeros((len(best.places), 0), np.int64)
        where = [unit] * len(positions)
    fields = tuple(receptive_field(net, place - 1, position) for position in where)
    cut = [each.cut(images[at]) for each, at in zip(fields, best.images, strict=True)]
    size = receptive_field(net, place - 1, (0, 0) if map_shape else unit).full[2:]
    patches = np.array(cut, images.dtype).reshape(len(cut), *size, images.shape[-1])
    return Patches(unit, best.images, positions, best.activations, fields, patches)
