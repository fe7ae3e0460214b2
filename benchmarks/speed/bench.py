"""What all works of one run of the benchmark share: options, pictures, jobs, and a voice."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import whynet
from speed.jobs import PICTURES, Job, make_job, save_pictures, steady
from speed.process import Side
from speed.rows import alternate

PEERS = {
    "PyTorch": ("torch", ("torch",)),
    "ONNX Runtime": ("onnxruntime", ("onnxruntime", "onnx")),
    "scikit-learn": ("sklearn", ("sklearn",)),
    "matrix product": ("matmul", ()),
}
"""Each peer's kind of side, and the modules that it needs."""

SPINNING = 0.05
"""Of a core: more than this, used by a side that has nothing to do, disturbs the others."""


class SkippedError(Exception):
    """A work, or a part of it, that cannot be done here; the message says why."""


@dataclass
class Bench:
    """One run of the benchmark.

    Attributes:
        folder: for files, gone afterwards.
        rounds: turns for each side.
        seconds: a turn's length.
        only_check: whether to stop once both sides are known to compute the same.
        fast: the preset that races to 99 %.
        skipped: what was left out, and why.
        remarks: what must be said below the table.
    """

    folder: Path
    rounds: int
    seconds: float
    only_check: bool = False
    fast: str = "fast"
    skipped: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @cached_property
    def pictures(self) -> Path:
        """The pictures that most works train on and ask about."""
        path = self.folder / "pictures.npz"
        self.note(f"{PICTURES:,} pictures of {save_pictures(path, PICTURES)}")
        return path

    def job(self, preset: str, batch: int | None = None) -> Job:
        """Write a job down: a preset's net, its own optimizer at a constant rate."""
        recipe = steady(whynet.load_preset(preset).recipe, batch)
        return make_job(self.new_folder(), preset, self.pictures, recipe)

    def new_folder(self) -> Path:
        """Return the path of a folder that is not there yet."""
        return self.folder / f"job{len(list(self.folder.iterdir()))}"

    @contextmanager
    def sides(self, job: Job, peers: tuple[str, ...]) -> Iterator[dict[str, Side]]:
        """Start whynet ("ours") and some peers, all with the same job."""
        with ExitStack() as opened:
            found = {"ours": opened.enter_context(Side("ours"))}
            for peer in peers:
                found[peer] = opened.enter_context(Side(PEERS[peer][0]))
            for side in found.values():
                if side.kind != "matmul":
                    side.call("open", folder=str(job.folder))
            yield found

    def turns(
        self, sides: Mapping[str, Side], turns: Mapping[str, Callable[[], float]], rounds: int = 0
    ) -> dict[str, list[float]]:
        """Alternate between sides, and say so if one was busy while another had its turn."""
        began, before = time.perf_counter(), {name: side.idled for name, side in sides.items()}
        measured = alternate(turns, rounds or self.rounds)
        elapsed = time.perf_counter() - began
        for name, side in sides.items():
            share = (side.idled - before[name]) / elapsed
            if share > SPINNING:
                self.note(f"  {name} used {share:.0%} of a core while others had their turns")
        return measured

    def note(self, text: str) -> None:
        """Say something to whoever watches; the result alone goes to stdout."""
        print(text, file=sys.stderr, flush=True)

    def remark(self, text: str) -> None:
        """Say something now and below the table."""
        self.remarks.append(text)
        self.note(f"  {text}")

    def skip(self, text: str) -> None:
        """Leave something out, visibly: now and again below the table."""
        self.skipped.append(text)
        self.note(f"  skipped: {text}")
