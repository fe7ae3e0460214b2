"""The numbers of one filter at every place where it stands: a patch, a sum, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.neurons.asked import as_pictures, check_sees_pictures, place_of
from whynet.nn import Activation, BatchNormalization, Conv2D, DepthwiseConv2D, Dropout, Network
from whynet.ops.arrays import Array
from whynet.options import whole
from whynet.train.shards import as_input

_NAMED = {"relu": "ReLU", "leaky_relu": "leaky ReLU"}

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Place:
    """A filter at one place.

    Attributes:
        row, column: of the feature map.
        top, left: of the window in the input; below 0 where it stands on padding.
        patch: (kh, kw) what it sees of the channel that is shown, 0 on padding.
        products: (kh, kw) patch · weights, cell by cell.
        total: their sum.
        others: what the filter's other channels add.
        sum: total + others + bias, as the layer says it.
        after: what becomes of it, name by name, up to what the next layer sees.
    """

    row: int
    column: int
    top: int
    left: int
    patch: Floats = field(repr=False)
    products: Floats = field(repr=False)
    total: float
    others: float
    sum: float
    after: tuple[tuple[str, float], ...]

    @property
    def answer(self) -> float:
        """What stands in the feature map in the end."""
        return self.after[-1][1] if self.after else self.sum


@dataclass(frozen=True, eq=False)
class Sliding:
    """A filter on one picture: all of its numbers.

    Attributes:
        layer: the convolution's name.
        unit: the filter's number.
        channel: of the input, the one that is shown: it adds most where the answer is strongest.
        channels: how many the filter sees.
        below: (h, w) the input's channel.
        padded: (h', w') the same with padding around.
        first: whether that input is the picture itself.
        weights: (kh, kw) of the filter for that channel.
        bias: the filter's; None without one.
        strides: how far it moves, (down, right).
        pads: rows above and columns to the left.
        totals: (rows, columns) what that channel adds at every place.
        others: (rows, columns) what the other channels add.
        sums: (rows, columns) the layer's own output.
        after: what becomes of it, name by name: normalisation and activation, if they follow.
    """

    layer: str
    unit: int
    channel: int
    channels: int
    below: Floats = field(repr=False)
    padded: Floats = field(repr=False)
    first: bool
    weights: Floats = field(repr=False)
    bias: float | None
    strides: tuple[int, int]
    pads: tuple[int, int]
    totals: Floats = field(repr=False)
    others: Floats = field(repr=False)
    sums: Floats = field(repr=False)
    after: tuple[tuple[str, Floats], ...] = field(repr=False)

    @property
    def map(self) -> Floats:
        """(rows, columns) the feature map, as the next layer sees it."""
        return self.after[-1][1] if self.after else self.sums

    @cached_property
    def strongest(self) -> tuple[int, int]:
        """Row and column of the largest answer."""
        row, column = divmod(int(self.map.argmax()), self.map.shape[1])
        return row, column

    def at(self, row: int, column: int) -> Place:
        """Return what happens at one place."""
        down, right = row * self.strides[0], column * self.strides[1]
        height, width = self.weights.shape
        patch = self.padded[down : down + height, right : right + width]
        return Place(
            row=row,
            column=column,
            top=down - self.pads[0],
            left=right - self.pads[1],
            patch=patch,
            products=patch * self.weights,
            total=float(self.totals[row, column]),
            others=float(self.others[row, column]),
            sum=float(self.sums[row, column]),
            after=tuple((name, float(values[row, column])) for name, values in self.after),
        )


def sliding(net: Network, image: NDArray[Any], layer: str | int, unit: int) -> Sliding:
    """Run a picture up to a convolution and take one filter's work apart.

    Args:
        net: any net of pictures.
        image: one picture, as `whynet.Sequential` takes it.
        layer: a convolution's name, or its number from 0.
        unit: the filter's number.

    Raises:
        ConfigError: no such layer or filter, a layer that is no convolution, or not one picture.
        ShapeError: the picture does not fit the net.
    """
    check_sees_pictures(net)
    place = place_of(net, layer)
    chosen = net.layers[place - 1]
    if not isinstance(chosen, Conv2D | DepthwiseConv2D):
        names = ", ".join(convolutions(net))
        raise ConfigError(
            f"expected a convolution ({names or 'this net has none'}), got {chosen.name!r}, "
            f"a {type(chosen).__name__}"
        )
    filters = chosen.output_shape[2]
    unit = whole(unit, f"a filter of {chosen.name!r}", least=0, most=filters - 1)
    pictures = as_pictures(net, image)
    if len(pictures) != 1:
        raise ConfigError(f"expected one picture, got {len(pictures)}")
    x = as_input(pictures, net.dtype)
    for each in net.layers[: place - 1]:
        x, _ = each.forward(x)
    sums, _ = chosen.forward(x)
    after = tuple(
        (name, y[0, ..., unit].astype(np.float64)) for name, y in _after(net, place, sums)
    )

    kernel = chosen.params["kernel"][..., unit].astype(np.float64)  # (kh, kw, channels it sees)
    seen = kernel.shape[2]
    begin = unit // (filters * seen // x.shape[3]) * seen
    padded = np.pad(
        x[0, ..., begin : begin + seen].astype(np.float64), (*chosen.windows.pads, (0, 0))
    )
    down, right = chosen.windows.strides
    patches = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2], (0, 1))
    totals = np.einsum("rcdhw,hwd->rcd", patches[::down, ::right], kernel)
    answers = after[-1][1] if after else sums[0, ..., unit]
    channel = int(totals[np.unravel_index(answers.argmax(), answers.shape)].argmax())
    return Sliding(
        layer=chosen.name,
        unit=unit,
        channel=begin + channel,
        channels=seen,
        below=x[0, ..., begin + channel].astype(np.float64),
        padded=padded[..., channel],
        first=place == 1,
        weights=kernel[..., channel],
        bias=float(chosen.params["bias"][unit]) if chosen.use_bias else None,
        strides=(down, right),
        pads=(chosen.windows.pads[0][0], chosen.windows.pads[1][0]),
        totals=totals[..., channel],
        others=np.delete(totals, channel, axis=2).sum(axis=2),
        sums=sums[0, ..., unit].astype(np.float64),
        after=after,
    )


def convolutions(net: Network) -> list[str]:
    """Return the names of a net's convolutions, from the picture on."""
    return [each.name for each in net.layers if isinstance(each, Conv2D | DepthwiseConv2D)]


def _after(net: Network, place: int, y: Array) -> Iterator[tuple[str, Array]]:
    """Run what treats each feature map alone, cell by cell, and name it."""
    for layer in net.layers[place:]:
        bend = isinstance(layer, Activation) and layer.function != "softmax"
        if not (bend or isinstance(layer, BatchNormalization | Dropout)):
            return
        y, _ = layer.forward(y)
        if isinstance(layer, Activation) and layer.function != "linear":
            yield _NAMED.get(layer.function, layer.function), y
        elif isinstance(layer, BatchNormalization):
            yield "normalised", y
