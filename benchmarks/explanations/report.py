"""Tables as people and programs read them."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One table of the benchmark.

    Attributes:
        name: its heading.
        about: what was measured, in a sentence or two.
        rows: by column; the first row's columns are the table's.
        formats: how a column's numbers are written; three decimals by default.
        hidden: columns for programs alone.
    """

    name: str
    about: str
    rows: Sequence[Row]
    formats: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()

    def markdown(self) -> str:
        """Return heading, sentence and rows as Markdown."""
        columns = [column for column in self.rows[0] if column not in self.hidden]
        marks = ["---" if isinstance(self.rows[0][column], str) else "---:" for column in columns]
        lines = [columns, marks]
        lines += [[self._cell(column, row[column]) for column in columns] for row in self.rows]
        made = ["| " + " | ".join(line) + " |" for line in lines]
        return "\n".join([f"### {self.name}", "", self.about, "", *made])

    def _cell(self, column: str, value: Any) -> str:
        if value is None:
            return "–"
        if isinstance(value, float):
            return format(value, self.formats.get(column, ".3f"))
        return str(value)


def machine() -> str:
    """Say in a line what was measured with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = [f"Python {platform.python_version()}"]
    for package in ("numpy", "torch", "captum"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{platform.machine()}, {cores} cores; {', '.join(found)}{load}"
