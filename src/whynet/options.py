"""Making things from plain words: a name and its options, as TOML and model files spell them.

What every option is checked with also lies here, so that the same mistake gets the same sentence
in a layer, an update rule or a file.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import partial
from numbers import Real
from types import NoneType, UnionType
from typing import Any, TypedDict, TypeVar, Unpack, get_args, get_type_hints

from whynet.errors import ConfigError

T = TypeVar("T")


# -- one value --------------------------------------------------------------------------------


class Bounds(TypedDict, total=False):
    """Where a number must lie: at least ``least``, above ``above``, and so on."""

    least: float
    above: float
    most: float
    below: float


_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "least": ("of at least", operator.ge),
    "above": ("above", operator.gt),
    "most": ("at most", operator.le),
    "below": ("below", operator.lt),
}


def number(value: object, what: str, **bounds: Unpack[Bounds]) -> float:
    """Return a number of Python's or NumPy's as a Python float.

    Raises:
        ConfigError: it is no number (True and "1" are none), not finite, or out of bounds.
    """
    found = math.nan
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:  # a whole number beyond all floats
            found = math.inf
    if not (math.isfinite(found) and _within(found, bounds)):
        raise ConfigError(f"expected {what} as a number{_told(bounds)}, got {value!r}")
    return found


def whole(value: object, what: str, **bounds: Unpack[Bounds]) -> int:
    """Return a whole number of Python's or NumPy's as a Python int.

    Raises:
        ConfigError: it is none (True and 2.0 are none), or out of bounds.
    """
    try:
        found = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        found = None
    if found is None or not _within(found, bounds):
        raise ConfigError(f"expected {what} as a whole number{_told(bounds)}, got {value!r}")
    return found


def _within(found: float, bounds: Bounds) -> bool:
    return all(_BOUNDS[name][1](found, bound) for name, bound in bounds.items())


def _told(bounds: Bounds) -> str:
    told = ", ".join(f"{_BOUNDS[name][0]} {bound:,}" for name, bound in bounds.items())
    return told and f" {told}"


def switch(value: object, what: str) -> bool:
    """Return value if it is True or False.

    Raises:
        ConfigError: it is anything else, such as the text "false".
    """
    if not isinstance(value, bool):
        raise ConfigError(f"expected {what} to be true or false, got {value!r}")
    return value


def choice(value: object, what: str, known: Iterable[str]) -> str:
    """Return value if it is one of the known names; ``what`` is "a cost".

    Raises:
        ConfigError: it is another name, or no name at all; the message lists them.
    """
    names = tuple(known)
    if not isinstance(value, str) or value not in names:
        raise ConfigError(f"expected {what} of {', '.join(names)}, got {value!r}")
    return value


def text(value: object, what: str) -> str:
    """Return value if it is text that could name a file.

    Raises:
        ConfigError: it is something else, or holds a NUL.
    """
    if not isinstance(value, str) or "\0" in value:
        raise ConfigError(f"expected {what} as text, got {value!r}")
    return value


# -- fields of a dataclass --------------------------------------------------------------------


def number_fields(owner: object, *names: str, **bounds: Unpack[Bounds]) -> None:
    """Check fields with `number` and keep them as Python floats, which JSON can hold.

    Works on frozen dataclasses too: this is for their ``__post_init__``.
    """
    for name in names:
        object.__setattr__(owner, name, number(getattr(owner, name), name, **bounds))


def whole_fields(owner: object, *names: str, **bounds: Unpack[Bounds]) -> None:
    """Check fields with `whole` and keep them as Python ints; see `number_fields`."""
    for name in names:
        object.__setattr__(owner, name, whole(getattr(owner, name), name, **bounds))


# -- whole things -----------------------------------------------------------------------------


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
    chosen = choice(name, what, sorted(known))
    return build(chosen, known[chosen], options)


def build(title: str, cls: type[T], options: Mapping[str, Any]) -> T:
    """Construct a dataclass from its fields; ``title`` names it in messages.

    Raises:
        ConfigError: an option that it does not take, one of the wrong kind, or one missing.
    """
    if not isinstance(options, Mapping):
        raise ConfigError(f"{title}: expected a table of options, got {options!r}")
    takes = [field for field in fields(cls) if field.init]  # type: ignore[arg-type]
    names = [field.name for field in takes]
    unknown = sorted(set(options) - set(names))
    if unknown:
        raise ConfigError(
            f"{title}: expected options of {', '.join(names) or 'none'}, got {', '.join(unknown)}"
        )
    for field in takes:
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in options:
            raise ConfigError(f"{title}: expected {field.name}, got none")
    try:
        return cls(**options)
    except ConfigError as error:
        raise ConfigError(f"{title}: {error}") from None
    except TypeError as error:
        raise ConfigError(f"{title}: options of the wrong kind ({error})") from None


_READERS: dict[Any, Callable[[object, str], object]] = {
    str: text,
    float: number,
    # What files count fits a float too, so that no later sum or share overflows.
    int: partial(whole, least=0, most=10**15),
}


def read(title: str, cls: type[T], values: Mapping[str, Any]) -> T:
    """Construct a dataclass that checks nothing itself, such as a line of a file.

    Fields declared as text, a number or a whole number must hold one; a whole number counts
    something, so it is at least 0. Fields of other types are the caller's to check.

    Raises:
        ConfigError: a field is missing, unknown, or of the wrong type.
    """
    made = build(title, cls, values)
    for name, declared in get_type_hints(cls).items():
        kinds = get_args(declared) if isinstance(declared, UnionType) else (declared,)
        value = getattr(made, name)
        reader = next((_READERS[kind] for kind in kinds if kind in _READERS), None)
        if reader is None or (value is None and NoneType in kinds):
            continue
        try:
            object.__setattr__(made, name, reader(value, name))
        except ConfigError as error:
            raise ConfigError(f"{title}: {error}") from None
    return made
