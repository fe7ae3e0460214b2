"""One sentence on stderr, and the exit codes that go with it."""

from __future__ import annotations

import sys

DIVERGED, PIPE_CLOSED, WRONG, INTERRUPTED = 1, 1, 2, 130
"""Exit codes; see `whynet.cli`."""


def complain(problem: object) -> None:
    """Say on stderr what went wrong, on one line."""
    print("whynet:", " ".join(str(problem).split()), file=sys.stderr)
