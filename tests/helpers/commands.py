"""Running the command line, as users do and as fast as tests like."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


def command(*arguments: object) -> list[str]:
    """The words that start whynet in a process of its own."""
    return [sys.executable, "-m", "whynet", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment, without what could change how whynet prints."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FORCE_")}
    return {**plain, "COLUMNS": "80", "TERM": "dumb", "PYTHONWARNINGS": "error", **changes}


def whynet(*arguments: object, folder: Path | None = None, **changes: str) -> Ran:
    """Run whynet to its end."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(**changes),
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
