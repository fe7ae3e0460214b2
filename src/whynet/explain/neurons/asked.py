"""What is asked about: which layer of a net, which of its units, on which pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.nn import Network
from whynet.ops.arrays import Integers, Shape
from whynet.options import choice, whole
from whynet.train.loop import all_finite

Units = int | Sequence[int] | Integers
"""Units of a layer by number: feature maps (channels), or the entries of a vector."""


def check_net(net: Network) -> None:
    """Make sure that it is a net.

    Raises:
        ConfigError: it is something else.
    """
    if not isinstance(net, Network):
        raise ConfigError(f"expected a net such as whynet.Sequential, got {net!r}")


def place_of(net: Network, layer: str | int) -> int:
    """Return where a layer's output lies: i is the i-th layer's, counted from 1.

    Args:
        net: any net.
        layer: its name, or its number from 0 (from −1 backwards).

    Raises:
        ConfigError: no such net, or no such layer in it.
    """
    check_net(net)
    names = [each.name for each in net.layers]
    if isinstance(layer, str):
        return names.index(choice(layer, "a layer", names)) + 1
    last = len(names) - 1
    return (
        whole(layer, "a layer's name, or its number", least=-last - 1, most=last) % len(names) + 1
    )


def units_of(shape: Shape, units: Units | None) -> NDArray[np.int64]:
    """Return units by number, (k,), as they were listed; None means all.

    Args:
        shape: of the layer's output: (rows, columns, units) or (units,).
        units: which.

    Raises:
        ConfigError: a unit that is not there, or none at all, or one twice.
    """
    if units is None:
        return np.arange(shape[-1])
    listed: list[Any] = list(units) if isinstance(units, Sequence | np.ndarray) else [units]
    numbers = [whole(unit, "a unit", least=0, most=shape[-1] - 1) for unit in listed]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ConfigError(f"expected one or more different units, got {numbers}")
    return np.array(numbers, np.int64)


def as_pictures(net: Network, images: NDArray[Any]) -> NDArray[Any]:
    """Return pictures (n, *input_shape) as they were given, uint8 or floats.

    Args:
        net: what is to see them.
        images: n, and one channel, may be left out, as with `whynet.Sequential`.

    Raises:
        ConfigError: pixels that are no numbers, or not finite.
        ShapeError: they don't fit the net, or there are none.
    """
    images, shape = np.asarray(images), net.input_shape
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ConfigError(f"expected pixels as uint8 grey levels or as floats, got {images.dtype}")
    if images.dtype.kind == "f" and not all_finite(images):
        raise ConfigError("expected finite pixels, got NaN or infinity")
    wanting = images.shape[-len(shape) :] != shape
    if (
        wanting
        and len(shape) > 1
        and shape[-1] == 1
        and images.shape[1 - len(shape) :] == shape[:-1]
    ):
        images = images[..., None]
    if images.shape == shape:
        images = images[None]
    net.check_input(images)
    if not len(images):
        raise ShapeError("expected at least one picture, got none")
    return images


def check_sees_pictures(net: Network) -> None:
    """Make sure that the net takes pictures (height, width, channels).

    Raises:
        ShapeError: it takes something else, where no pixel has a place.
    """
    if len(net.input_shape) != 3:
        raise ShapeError(
            "expected a net of pictures (height, width, channels), "
            f"got input shape {net.input_shape}"
        )
