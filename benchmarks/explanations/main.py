"""The command: reads its arguments, measures table after table, prints what came out."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import NoReturn

from explanations import report, side_by_side
from explanations.notes import note
from explanations.sizes import FULL, QUICK
from explanations.subjects import Subjects
from explanations.tables import TABLES


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with 2."""
        self.exit(2, f"{self.prog}: {message} (--help lists what it takes)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    options = _parse(arguments)
    if options.list:
        for name, table in TABLES.items():
            print(f"{name:20}{(table.__doc__ or '').splitlines()[0]}")
        return 0
    about = [report.machine()]
    if missing := side_by_side.missing():
        about.append(f"Without Captum's side: {missing} is missing: {side_by_side.INSTALL}.")
    subjects = Subjects(QUICK if options.quick else FULL, options.test)
    began, made = time.perf_counter(), []
    for name in options.only or TABLES:
        note(f"== {name}")
        made += TABLES[name].measure(subjects)
    seconds = time.perf_counter() - began
    about.append(f"Digits are from {subjects.source}. All tables took {seconds:.0f} s.")
    if options.json:
        tables = {table.name: list(table.rows) for table in made}
        print(json.dumps({"about": about, "tables": tables}, indent=1))
    else:
        print("\n\n".join([*(table.markdown() for table in made), *about]))
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(prog="explanations.py", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", metavar="TABLE", help="this one; repeatable")
    parser.add_argument("--list", action="store_true", help="name the tables and end")
    parser.add_argument("--quick", action="store_true", help="a glance at each, not a result")
    parser.add_argument(
        "--test", action="store_true", help="the test set, and pairs that nothing was chosen by"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.only or () if name not in TABLES]
    if unknown:
        parser.error(f"expected --only with one of {', '.join(TABLES)}, got {unknown[0]!r}")
    return options
