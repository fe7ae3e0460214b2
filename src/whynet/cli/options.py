"""Options that several commands take, and checks that cost nothing and so come first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from whynet.errors import ConfigError, DataNotFoundError

ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model file.", show_default=False)
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, the rest on stderr.")
]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1, max=1024, help="How many workers to use.", show_default="all cores", metavar="N"
    ),
]
Examples = Annotated[
    int | None,
    typer.Option(help="How many pictures to use, or to draw.", show_default="all", metavar="N"),
]

Size = Annotated[
    str | None,
    typer.Option(
        help="Bring all pictures of a folder to this size, in pixels.",
        show_default="as they are",
        metavar="N|HxW",
    ),
]

_MOST_SIDE = 10_000


def picked_size(text: str | None) -> tuple[int, int] | None:
    """Read ``28`` or ``32x48`` as a height and a width.

    Raises:
        ConfigError: it is neither.
    """
    if text is None:
        return None
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) <= 2 and all(side.isascii() and side.isdecimal() for side in sides):
        height, width = int(sides[0][:9]), int(sides[-1][:9])
        if min(height, width) >= 1 and max(height, width) <= _MOST_SIDE:
            return height, width
    raise ConfigError(
        f"--size: expected pixels such as 28, or a height and a width such as 32x48, got {text!r}"
    )


def check_writable(path: Path, option: str) -> Path:
    """Return ``path`` if a file could be put there.

    Raises:
        DataNotFoundError: its folder is missing or closed, or it is a folder or a device itself.
    """
    folder = path.parent
    try:
        if path.is_dir():
            raise DataNotFoundError(f"{option}: {path} is a folder; give the name of a file")
        # Files are written by putting a new one in the old one's place: not in that of /dev/null.
        if path.exists() and not path.is_file():
            raise DataNotFoundError(
                f"{option}: {path} is a device or a pipe; give the name of a file"
            )
        if not folder.is_dir():
            raise DataNotFoundError(
                f"{option}: there is no folder {folder} to write {path.name} to"
            )
        if not os.access(folder, os.W_OK):
            raise DataNotFoundError(f"{option}: the folder {folder} may not be written to")
    except (OSError, ValueError) as error:
        if isinstance(error, DataNotFoundError):
            raise
        raise DataNotFoundError(f"{option}: no file can have the name {str(path)[:60]!r}") from None
    return path


def check_examples(examples: int | None) -> None:
    """Refuse numbers of examples whose pictures could never be held.

    Raises:
        ConfigError: fewer than one, or more than the readers of files take either.
    """
    from whynet.data.files import MAX_BYTES

    most = MAX_BYTES // 784
    if examples is not None and not 1 <= examples <= most:
        raise ConfigError(f"--examples: expected 1 to {most:,}, got {examples:,}")


def described(text: str) -> dict[str, Any]:
    """Read ``sgd`` or ``sgd,momentum=0.9,nesterov=true`` as a name and its options.

    Raises:
        ConfigError: a part is not NAME=VALUE.
    """
    kind, *parts = (part.strip() for part in text.split(","))
    options: dict[str, Any] = {"type": kind}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals or name in options:
            raise ConfigError(f"expected {kind},NAME=VALUE,..., got {text!r}")
        options[name] = _value(name, value)
    return options


def _value(name: str, text: str) -> bool | int | float:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise ConfigError(f"expected {name} as a number, true or false, got {text!r}")
