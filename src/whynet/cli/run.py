"""From a command line to an exit code, whatever goes wrong on the way; never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from whynet.cli.errors import DIVERGED, INTERRUPTED, PIPE_CLOSED, WORKER_GONE, WRONG, complain
from whynet.errors import DivergedError, WhynetError, WorkerError


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return code


def _run(arguments: Sequence[str]) -> int:
    import typer

    from whynet.cli.app import app

    try:
        # Outside of standalone mode, Typer hands errors and exit codes over instead of printing.
        code = app(list(arguments), prog_name="whynet", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except DivergedError as error:
        complain(error)
        return DIVERGED
    except WorkerError as error:  # nothing is wrong with the request
        complain(error)
        return WORKER_GONE
    except WhynetError as error:
        complain(error)
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"{error.filename or 'output'}: {error.strerror or error}")
    except MemoryError as error:
        complain(f"not enough memory ({error}): try fewer --examples or a smaller net")
    except (KeyboardInterrupt, typer.Abort):
        complain("interrupted")
        return INTERRUPTED
    except Exception as error:
        # Typer's usage errors; their base class has moved between its versions.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        command = getattr(getattr(error, "ctx", None), "command_path", "whynet")
        complain(f"{message()} (see `{command} --help`)")
    return WRONG
