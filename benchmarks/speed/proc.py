"""What Linux tells about processes in /proc: who started whom, their memory, their work.

Elsewhere everything here is empty or 0, and `AVAILABLE` says so.
"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
AVAILABLE = (PROC / "self" / "smaps_rollup").exists()


def tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir() if AVAILABLE else ():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:  # grows while we walk it
        found += children.get(pid, [])
    return found


def pss(pids: list[int]) -> int:
    """Return the bytes that processes hold, each page shared out among those who share it."""
    total = 0
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            continue
        total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def cpu_seconds(root: int) -> float:
    """Return how long a process, its threads and its descendants have computed so far."""
    if not AVAILABLE:
        return 0.0
    # utime, stime, and the same of children that have ended and been waited for.
    ticks = sum(int(tick) for pid in tree(root) for tick in _stat(pid)[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def others_seconds() -> float:
    """Return the CPU seconds, so far, of everyone on this machine but us and our ended children.

    Only differences mean anything. Time that the host of a virtual machine kept for itself counts.
    """
    if not AVAILABLE:
        return 0.0
    with (PROC / "stat").open() as file:
        ticks = [int(tick) for tick in file.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    own = os.times()
    return (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK") - sum(own[:4])


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name, which may hold anything."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
