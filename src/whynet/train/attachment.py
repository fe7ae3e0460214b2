"""What travels in a model file besides the net: arrays and plain values that somebody gave a name.

The net knows nothing of them. Who attached something reads it again, and a program that has never
heard of it keeps it when it saves the model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import CheckpointError, ConfigError

KINDS = ("float32", "float64", "uint8", "int64")
"""Types of number that an attachment may hold."""

_PREFIX = "attached"  # weights are layer.kernel, with one dot; these names have two or more


@dataclass(frozen=True, eq=False)
class Attachment:
    """Arrays by name, and plain values about them.

    Attributes:
        tensors: of the types in `KINDS`; floats are finite.
        about: what JSON can hold.

    Raises:
        ConfigError: it is something else.
    """

    tensors: Mapping[str, NDArray[Any]]
    about: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not isinstance(self.tensors, Mapping) or not isinstance(self.about, Mapping):
            raise ConfigError("expected an attachment of tensors by name, and a table about them")
        for name, tensor in self.tensors.items():
            if not isinstance(name, str) or not name.isprintable() or not name:
                raise ConfigError(f"expected a tensor's name as printable text, got {name!r}")
            known = [np.dtype(kind) for kind in KINDS]
            if not (isinstance(tensor, np.ndarray) and tensor.dtype in known):
                got = getattr(tensor, "dtype", type(tensor).__name__)
                raise ConfigError(f"expected {name} as an array of {', '.join(KINDS)}, got {got}")
            if not np.isfinite(tensor).all():
                raise ConfigError(f"expected finite numbers in {name}, got NaN or infinity")
        try:
            json.dumps(self.about, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ConfigError(f"expected plain values about an attachment ({error})") from error


def pack(
    attachments: Mapping[str, Attachment],
) -> tuple[dict[str, NDArray[Any]], dict[str, dict[str, Any]]]:
    """Return all tensors under names that no weight has, and what the file's JSON says of them.

    Raises:
        ConfigError: something is no `Attachment`, or its name would not be found again.
    """
    tensors: dict[str, NDArray[Any]] = {}
    told = {}
    for title, attached in attachments.items():
        if not isinstance(title, str) or not title.isprintable() or "." in title or not title:
            raise ConfigError(
                f"expected an attachment's name as printable text without dots, got {title!r}"
            )
        if not isinstance(attached, Attachment):
            raise ConfigError(f"attachment {title!r}: expected an Attachment, got {attached!r}")
        tensors |= {f"{_PREFIX}.{title}.{name}": t for name, t in attached.tensors.items()}
        told[title] = {"tensors": list(attached.tensors), "about": attached.about}
    return tensors, told


def unpack(told: Any, tensors: dict[str, NDArray[Any]]) -> dict[str, Attachment]:
    """Read what `pack` returned, and take its tensors away from the others.

    Raises:
        CheckpointError: something is missing or damaged.
    """
    if not isinstance(told, dict):
        raise CheckpointError(f"expected attachments as a table, got {told!r}")
    attachments = {}
    for title, parts in told.items():
        try:
            own = {name: tensors.pop(f"{_PREFIX}.{title}.{name}") for name in parts["tensors"]}
            attachments[title] = Attachment(own, parts["about"])
        except KeyError as error:
            raise CheckpointError(f"attachment {title!r}: {error} is missing") from error
        except (TypeError, ConfigError) as error:
            raise CheckpointError(f"attachment {title!r}: damaged ({error})") from error
    return attachments
