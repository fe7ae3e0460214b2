"""What goes on, for whoever waits."""

import sys
import time

_BEGAN = time.perf_counter()


def note(text: str) -> None:
    """Print a line with the seconds since the beginning, apart from the results."""
    print(f"{time.perf_counter() - _BEGAN:6.1f} s  {text}", file=sys.stderr)
