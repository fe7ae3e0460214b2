"""One sentence on stderr, and the exit codes that go with it."""

from __future__ import annotations

import re
import sys

DIVERGED, PIPE_CLOSED, WORKER_GONE, WRONG, INTERRUPTED = 1, 1, 1, 2, 130
"""Exit codes; see `whynet.cli`."""


UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, what turns the direction of writing, and bytes that are no text."""


def printable(text: object) -> str:
    """Return text that a terminal can only print, and not obey; line ends and tabs stay.

    File names and model cards come from anywhere and may hold escape sequences.
    """
    return UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], str(text))


def complain(problem: object) -> None:
    """Say on stderr what went wrong, on one line."""
    print("whynet:", printable(" ".join(str(problem).split())), file=sys.stderr)
