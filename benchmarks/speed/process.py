"""A side as the parent sees it: a process that answers calls, and can be watched while it works."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from speed.proc import cpu_seconds, tree

PATIENCE = 900.0
"""Seconds after which a side that has not answered is taken for hung."""

_FOLDER = Path(__file__).parent.parent
_LIMITS = ("OMP_", "OPENBLAS_", "MKL_", "KMP_", "GOMP_", "GOTO_", "BLIS_", "VECLIB_", "NUMEXPR_")


class SideError(Exception):
    """A side failed, or did not answer."""


def environment() -> dict[str, str]:
    """This environment without limits on threads: every side is to use what it finds best."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LIMITS)}
    found = [str(_FOLDER), *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(found)}


class Side:
    """A process with one library in it, to be used in a ``with`` block.

    Args:
        kind: a key of `speed.side.KINDS`.

    Attributes:
        worked: CPU seconds that it used in calls, where /proc tells.
    """

    def __init__(self, kind: str) -> None:
        self.kind, self.worked = kind, 0.0
        self._process = subprocess.Popen(
            # -P: whatever lies in the folder we are run from is not what -m means.
            [sys.executable, "-P", "-m", "speed.side", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            # One that is in the midst of a call when we stop waiting is not going to hear.
            process.wait(2 if error[0] is not None else 20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join(2)
        process.stdout.close()

    def call(self, name: str, **arguments: Any) -> Any:
        """Have one of its methods called, and wait for the result.

        Raises:
            SideError: the method raised, the process died, or nothing came in `PATIENCE`.
        """
        return self.watched(lambda: None, name, every=PATIENCE, **arguments)

    def watched(
        self, look: Callable[[], None], name: str, *, every: float, **arguments: Any
    ) -> Any:
        """As `call`, and call ``look`` here every so many seconds until the result is there."""
        assert self._process.stdin is not None
        before = cpu_seconds(self._process.pid)
        try:
            self._process.stdin.write(json.dumps({"call": name, "arguments": arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise SideError(f"{self.kind}: the process has ended") from None
        waited = 0.0
        while True:
            try:
                line = self._answers.get(timeout=every)
                break
            except queue.Empty:
                look()
                waited += every
                if waited > PATIENCE:
                    raise SideError(f"{self.kind}: no answer to {name} in {waited:.0f} s") from None
        if not line:
            raise SideError(f"{self.kind}: the process ended during {name}")
        answer = json.loads(line)
        if "error" in answer:
            raise SideError(f"{self.kind}: {name} failed\n{answer['error']}")
        self.worked += cpu_seconds(self._process.pid) - before
        return answer["result"]

    @property
    def processes(self) -> list[int]:
        """The side's process and all that it has started."""
        return tree(self._process.pid)

    @property
    def idled(self) -> float:
        """CPU seconds used in all between its calls, when it should have used none."""
        return cpu_seconds(self._process.pid) - self.worked

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")
