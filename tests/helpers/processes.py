"""What the system knows about processes: children, open files, processor time."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def until(met: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait for something, for a while; say whether it came."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def children(pid: int) -> set[int]:
    """The processes that this one has started, zombies too."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found.update(int(child) for child in (task / "children").read_text().split())
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return state(pid) not in ("", "Z", "X")


def state(pid: int) -> str:
    """The letter that `ps` shows; empty if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def processor_seconds(pid: int) -> float:
    """How long a process has been at work."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def resident(pid: int | str = "self") -> int:
    """Bytes of memory that a process has for itself, and its share of what several have.

    Mapped files are left out: its share of NumPy's grows when another program leaves.
    """
    kinds = ("Pss_Anon:", "Pss_Shmem:")
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = [int(line.split()[1]) for line in lines if line.startswith(kinds)]
    assert len(found) == len(kinds), "the kernel does not say"
    return sum(found) * 1024


def kill(pid: int) -> None:
    """End a process as the kernel does when memory runs out."""
    os.kill(pid, signal.SIGKILL)
