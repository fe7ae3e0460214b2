"""The result as people and documents read it."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from speed.rows import Row

BEGIN = "<!-- speed: written by `python benchmarks/speed.py --markdown docs/speed.md` -->"
END = "<!-- speed: end -->"

_HEADS = (
    *("work", "peer", "ours", "theirs", "unit"),
    *("ratio", "spread", "at least", "aim", "reached"),
)
_NUMBERS = (2, 3, 5, 6, 7, 8)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as columns of plain text."""
    lines = [list(_HEADS), *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown(rows: Sequence[Row], about: Sequence[str]) -> str:
    """Return the rows as a Markdown table, with what is said about the run below it."""
    marks = ["---:" if column in _NUMBERS else "---" for column in range(len(_HEADS))]
    lines = [list(_HEADS), marks, *(_cells(row, code=True) for row in rows)]
    made = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([*made, "", *(f"{line}\n" for line in about)]).rstrip()


def put_into(path: Path, text: str) -> None:
    """Replace what stands between the two marks of a document.

    Raises:
        ValueError: the marks are not there.
    """
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected {path} to hold the lines {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def machine() -> str:
    """Say in a line what the figures were measured on and with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = [f"Python {platform.python_version()}"]
    for package in ("numpy", "torch", "onnxruntime", "scikit-learn"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return f"{_processor()}, {cores} cores; {', '.join(found)}; {today}{load}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()} ({platform.machine()})"
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cells(row: Row, *, code: bool = False) -> list[str]:
    peer = f"{row.peer} ({row.setting})" if row.setting else row.peer
    return [
        f"`{row.work}`" if code else row.work,
        peer,
        _number(row.ours),
        _number(row.theirs),
        row.unit,
        f"{row.ratio:.2f}",
        f"{row.spread:.2f}",
        f"{row.least:g}",
        f"{row.aim:g}",
        row.reached,
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
