"""The command: reads its arguments, runs the works one after the other, prints what came out."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from speed import report
from speed.bench import PEERS, Bench, SkippedError
from speed.check import MismatchError
from speed.measure import Work
from speed.proc import others_seconds
from speed.process import SideError
from speed.rows import Row
from speed.works import WORKS

INSTALL = "pip install torch==2.13.0 onnx onnxruntime scikit-learn"

_ROUNDS, _QUICK_ROUNDS = 9, 3
_SECONDS, _QUICK_SECONDS = 1.0, 0.3

_DISTURBED = 0.15
"""Of a core: with more than this in others' hands, timings are not results."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with 2."""
        self.exit(2, f"{self.prog}: {message} (--help lists what it takes)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 if a side failed or computed something else, otherwise 0."""
    options = _parse(arguments)
    if options.list:
        for work in WORKS.values():
            print(f"{work.name:22}{work.about}")
        return 0
    about = [report.machine()]
    rounds = options.rounds or (_QUICK_ROUNDS if options.quick else _ROUNDS)
    seconds = _QUICK_SECONDS if options.quick else _SECONDS
    rows: list[Row] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="whynet-speed-") as folder:
        bench = Bench(Path(folder), rounds, seconds, options.check, options.fast)
        bench.note(about[0])
        for name in options.only or WORKS:
            bench.note(name)
            try:
                rows += _measured(bench, WORKS[name])
            except SkippedError as reason:
                bench.skip(str(reason))
            except MismatchError as error:
                bench.note(f"{name}: {error}")
                failed = True
            except SideError as error:
                bench.note(f"{name}: {error}")
                failed = True
    about += bench.remarks
    about.append(f"Medians of {rounds} alternating turns of {seconds:g} s or more.")
    if options.only:
        about.append(f"Only {len(set(options.only))} of {len(WORKS)} works were measured.")
    about += [f"Skipped: {reason}." for reason in bench.skipped]
    if options.json:
        print(json.dumps([row.plain() for row in rows], indent=2))
    elif options.markdown == "-":
        print(report.markdown(rows, about))
    elif options.markdown:
        report.put_into(Path(options.markdown), report.markdown(rows, about))
    elif not options.check:
        print("\n".join([report.table(rows), "", *about]))
    return int(failed)


def _measured(bench: Bench, work: Work) -> list[Row]:
    """Measure a work beside those of its peers that are installed."""
    there = []
    for peer in work.targets:
        missing = [module for module in PEERS[peer][1] if find_spec(module) is None]
        if missing:
            bench.skip(f"{work.name} beside {peer}: {missing[0]} is missing: {INSTALL}")
        else:
            there.append(peer)
    if not there:
        return []
    began, before = time.perf_counter(), others_seconds()
    rows = work.measure(bench, work, tuple(there), **work.options)
    share = (others_seconds() - before) / (time.perf_counter() - began)
    if share < _DISTURBED or not rows:
        return rows
    bench.remark(f"Other programs used {share:.0%} of a core during {work.name}: not a result.")
    # Memory is what it is; but two threads that wait for each other suffer a hundredfold.
    return [replace(row, disturbed=row.unit != "MB") for row in rows]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(prog="speed.py", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", metavar="WORK", help="measure this; repeatable")
    parser.add_argument("--list", action="store_true", help="name the works and end")
    parser.add_argument("--rounds", type=int, help=f"turns for each side, {_ROUNDS} by default")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{_QUICK_ROUNDS} rounds of {_QUICK_SECONDS} s: a glance, not a result",
    )
    parser.add_argument(
        "--check", action="store_true", help="only check that both sides compute the same"
    )
    parser.add_argument(
        "--fast", default="fast", metavar="PRESET", help="the preset or TOML file for time-to-99"
    )
    result = parser.add_mutually_exclusive_group()
    result.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    result.add_argument(
        "--markdown",
        nargs="?",
        const="-",
        metavar="FILE",
        help="print a Markdown table, or put it into a page between its two marks",
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.only or () if name not in WORKS]
    if unknown:
        parser.error(f"expected --only with one of {', '.join(WORKS)}, got {unknown[0]!r}")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"expected --rounds of at least 1, got {options.rounds}")
    return options
