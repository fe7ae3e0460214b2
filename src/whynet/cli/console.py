"""Who prints what, and where.

People read stdout, live if it is a terminal. Scripts that ask for ``--json`` get one JSON document
on stdout and nothing else there; what people would have read then goes to stderr. Notes and errors
are always on stderr.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from whynet.cli.errors import UNPRINTABLE, printable

if TYPE_CHECKING:
    from rich.console import Console


class Output:
    """Where a command prints.

    Args:
        as_json: whether stdout belongs to a JSON document.
        quiet: whether to keep to errors, and the JSON.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json, self.quiet = as_json, quiet

    @property
    def stream(self) -> TextIO:
        """Where people read."""
        return sys.stderr if self.as_json else sys.stdout

    @cached_property
    def console(self) -> Console:
        """A Rich console on `stream`."""
        from rich.console import Console

        return Console(file=self.stream, quiet=self.quiet, highlight=False)

    @property
    def live(self) -> bool:
        """Whether a person watches a terminal that can be drawn on."""
        return not self.quiet and self.console.is_terminal and not self.console.is_dumb_terminal

    @contextmanager
    def busy(self, doing: str) -> Iterator[None]:
        """Show on a terminal that something takes its time."""
        if not self.live:
            yield
            return
        with self.console.status(f"[dim]{escaped(doing)}[/dim]"):
            yield

    def say(self, text: str = "") -> None:
        """Print a line for people; Rich's markup is understood, and long lines stay whole."""
        if not self.quiet:
            self.console.print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a remark on stderr."""
        if not self.quiet:
            print(f"note: {printable(text)}", file=sys.stderr)

    def document(self, value: Any) -> None:
        """Print the JSON document, if one was asked for."""
        if self.as_json:
            text = json.dumps(plain(value), ensure_ascii=False)
            # Inside of strings, the only place for them, JSON has escapes for such characters.
            print(UNPRINTABLE.sub(lambda found: json.dumps(found[0])[1:-1], text), flush=True)


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: NaN and infinity, which it does not, become null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def percent(fraction: float | None) -> str:
    """Write a fraction as people read it; None as a dash."""
    return "–" if fraction is None else f"{fraction:.2%}"


def escaped(text: object) -> str:
    """Return text in which neither Rich's markup nor a terminal finds anything to obey."""
    from rich.markup import escape

    return escape(printable(text))
