"""Whether data suit a net: the same pictures, the same classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from whynet.errors import ConfigError

if TYPE_CHECKING:
    from whynet.data import Dataset
    from whynet.sequential import Sequential

_MOST_NAMES = 12
"""Classes to list in a message; the rest are counted."""


def picture_size(net: Sequential) -> tuple[int, int] | None:
    """Return the height and width of the pictures that a net takes; None if it takes none."""
    shape = net.input_shape
    return (shape[0], shape[1]) if len(shape) == 3 else None


def check_size(data: Dataset, size: tuple[int, int]) -> None:
    """Refuse pictures that were not brought to the size that was asked for.

    Raises:
        ConfigError: only the pictures of folders are.
    """
    if data.image_shape[:2] != size:
        height, width, _ = data.image_shape
        raise ConfigError(
            f"--size: expected a folder of pictures to bring to {size[0]}×{size[1]}, got "
            f"{data.name}, whose pictures are all of {height}×{width}: leave it out"
        )


def check_pictures(net: Sequential, data: Dataset, model: object) -> None:
    """Refuse pictures of another size or in other colours than a net takes.

    Args:
        net: what is to look at them.
        data: what it is to look at.
        model: the net's file, for the message.

    Raises:
        ConfigError: they differ.
    """
    if len(net.input_shape) != 3 or data.image_shape == net.input_shape:
        return
    raise ConfigError(
        f"{model} takes pictures of {_pictures(net.input_shape)} and {data.name} has pictures of "
        f"{_pictures(data.image_shape)}: choose other --data, or train a net on these"
    )


def _pictures(shape: Sequence[int]) -> str:
    height, width, channels = shape
    return f"{height}×{width} {({1: 'grey', 3: 'RGB'}).get(channels, f'× {channels}')}"


def matched(classes: tuple[str, ...], data: Dataset, model: object) -> Dataset:
    """Return data whose labels count through a net's classes rather than their own.

    Classes go by their names where the net knows them all, and otherwise by their numbers, if
    there are as many of them.

    Args:
        classes: of the net.
        data: what to compare its answers with.
        model: the net's file, for the message.

    Raises:
        ConfigError: the names differ, and so do their numbers: nothing could be compared.
    """
    if data.classes == classes:
        return data
    if set(data.classes) <= set(classes):
        numbers = np.array([classes.index(name) for name in data.classes], np.int64)
        return replace(data, labels=numbers[data.known_labels], classes=classes)
    if len(data.classes) != len(classes):
        raise ConfigError(
            f"{model} answers {listed(classes)} and {data.name} has {listed(data.classes)}: "
            "expected classes that the model knows"
        )
    return data


def listed(names: Sequence[str]) -> str:
    """Write class names in a row, and only count those that would be too many."""
    more = len(names) - _MOST_NAMES
    told = ", ".join(names[:_MOST_NAMES])
    return f"{told} and {more} more" if more > 0 else told
