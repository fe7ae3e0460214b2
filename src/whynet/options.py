"""Making things from plain words: a name and its options, as TOML and model files spell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from whynet.errors import ConfigError

T = TypeVar("T")


def make(what: str, known: Mapping[str, type[T]], name: object, options: Mapping[str, Any]) -> T:
    """Construct the dataclass that ``known`` has under ``name``.

    Args:
        what: what is being made, for the message: "a layer".
        known: the classes to choose from.
        name: which one.
        options: its fields.

    Raises:
        ConfigError: no such name, an option that it does not take, or one missing.
    """
    cls = known.get(name) if isinstance(name, str) else None
    if cls is None:
        raise ConfigError(f"expected {what} of {', '.join(sorted(known))}, got {name!r}")
    return build(str(name), cls, options)


def build(title: str, cls: type[T], options: Mapping[str, Any]) -> T:
    """Construct a dataclass from its fields; ``title`` names it in messages.

    Raises:
        ConfigError: an option that it does not take, one of the wrong kind, or one missing.
    """
    takes = [field.name for field in fields(cls) if field.init]  # type: ignore[arg-type]
    unknown = sorted(set(options) - set(takes))
    if unknown:
        raise ConfigError(
            f"{title}: expected options of {', '.join(takes) or 'none'}, got {', '.join(unknown)}"
        )
    try:
        return cls(**options)
    except ConfigError as error:
        raise ConfigError(f"{title}: {error}") from None
    except TypeError as error:
        # Python's own sentence names the class's __init__, which is nobody's business.
        said = str(error).split("__init__() ")[-1]
        raise ConfigError(f"{title}: options of the wrong kind ({said})") from None
