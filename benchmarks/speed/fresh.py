"""The measurements that need fresh processes every time: imports, peak memory, the race to 99 %."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import whynet
from speed.bench import PEERS, Bench, SkippedError
from speed.check import same_training
from speed.jobs import HELD_OUT, Job, make_job, save_pictures
from speed.measure import Work, tuned
from speed.proc import AVAILABLE, pss
from speed.process import Side, SideError, environment
from speed.rows import Row, alternate
from whynet.optim.schedules import Moment, ReduceOnPlateau

SAMPLE = 0.01
"""Seconds between looks at the memory of a side: several in a batch."""

WANTED = 0.99


def imports(bench: Bench, work: Work, peers: tuple[str, ...]) -> list[Row]:
    """Import each library in processes of its own; Python's own start is not counted."""
    if bench.only_check:
        return []
    module = {"ours": "whynet", **{peer: PEERS[peer][1][0] for peer in peers}}
    for name in module.values():
        _import(name)  # the first time compiles, and reads from the disk
    times = alternate({who: partial(_import, name) for who, name in module.items()}, bench.rounds)
    return [
        work.row(peer, times["ours"], times[peer], unit="ms", show=lambda s: 1e3 * s)
        for peer in peers
    ]


def _import(module: str) -> float:
    """Return the seconds that importing a module takes a new process."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), check=False, timeout=120
    )
    if done.returncode:
        raise SideError(f"import {module} failed\n{done.stderr}")
    return float(done.stdout)


def memory(
    bench: Bench, work: Work, peers: tuple[str, ...], *, preset: str, batch: int
) -> list[Row]:
    """Train for a moment, and note the most memory that the whole family of processes held."""
    if bench.only_check:
        return []
    if not AVAILABLE:
        raise SkippedError(f"{work.name}: memory is measured through Linux's /proc")
    job = bench.job(preset, batch)
    settings = {}
    for peer in peers:  # in another process: trying things out takes memory
        with Side(PEERS[peer][0]) as side:
            side.call("open", folder=str(job.folder))
            settings[peer] = side.call("tune", training=True, batch=batch)
    peaks = alternate(
        {
            "ours": partial(_peak, bench, job, "ours", None),
            **{p: partial(_peak, bench, job, PEERS[p][0], settings[p]) for p in peers},
        },
        min(bench.rounds, 3),
    )
    return [
        work.row(
            peer,
            peaks["ours"],
            peaks[peer],
            unit="MB",
            setting=settings[peer]["words"],
            show=lambda size: size / 1e6,
        )
        for peer in peers
    ]


def _peak(bench: Bench, job: Job, kind: str, setting: dict[str, Any] | None) -> float:
    """Return the most bytes that a side and its workers held while they trained."""
    most = 0
    with Side(kind) as side:

        def look() -> None:
            nonlocal most
            most = max(most, pss(side.processes))

        side.watched(look, "open", every=SAMPLE, folder=str(job.folder))
        if setting is not None:
            channels_last, threads, fused = setting["setting"]
            side.call("use", channels_last=channels_last, threads=threads, fused=fused)
        side.watched(look, "train", every=SAMPLE, seconds=max(bench.seconds, 1.0))
        look()
    return float(most)


def race(bench: Bench, work: Work, peers: tuple[str, ...]) -> list[Row]:
    """Train by a whole recipe to 99 % of the pictures held out, from several seeds."""
    if not bench.fast.endswith(".toml") and bench.fast not in whynet.preset_names():
        raise SkippedError(f"{work.name}: there is no preset named {bench.fast!r}")
    job = bench.job(bench.fast)
    batch = whynet.load_preset(bench.fast).recipe.batch_size or 1
    with bench.sides(job, peers) as sides:
        settings = tuned(bench, sides, training=True, batch=batch)
        for peer in peers:
            apart = same_training(sides["ours"], sides[peer], batch)
            bench.note(f"  same as {peer}: {apart}")
        if bench.only_check:
            return []
        data = bench.folder / "race.npz"
        if not os.environ.get("WHYNET_DATA") or save_pictures(data, None, HELD_OUT) != "mnist":
            raise SkippedError(f"{work.name}: needs MNIST in the folder that WHYNET_DATA names")
        times: dict[str, list[float]] = {name: [] for name in sides}
        marks: dict[str, list[float]] = {name: [] for name in sides}
        for seed in range(min(bench.rounds, 3)):
            run, rates = _race_job(bench, data, seed)
            for name, side in sides.items():
                side.call("open", folder=str(run.folder))
                options = {} if name == "ours" else {"rates": rates}
                end = side.call("race", wanted=WANTED, **options)
                bench.note(
                    f"  seed {seed}, {name}: {end['accuracy']:.2%} after {end['epochs']} epochs, "
                    f"{end['seconds']:.1f} s"
                )
                times[name].append(end["seconds"])
                marks[name].append(end["accuracy"])
    # One picture in 5,000 more or less is chance; a side that falls short on average is not there.
    if any(sum(each) / len(each) < WANTED for each in marks.values()):
        raise SkippedError(f"{work.name}: not everyone came to {WANTED:.0%} on average; see above")
    return [
        work.row(peer, times["ours"], times[peer], unit="s", setting=settings[peer]["words"])
        for peer in peers
    ]


def _race_job(bench: Bench, data: Path, seed: int) -> tuple[Job, list[float]]:
    """Write down the whole recipe with this seed; return also the rate of every step."""
    recipe = replace(whynet.load_preset(bench.fast).recipe, seed=seed)
    if isinstance(recipe.schedule, ReduceOnPlateau):
        raise SkippedError("time-to-99: a schedule that waits for plateaus has no fixed rates")
    n = 60_000 - HELD_OUT
    batches = -(-n // (recipe.batch_size or n))
    steps = recipe.epochs * batches
    moments = (Moment(step=step, steps=steps, epoch=step // batches) for step in range(steps))
    rates = [recipe.optimizer.lr * recipe.schedule.factor(moment) for moment in moments]
    return make_job(bench.new_folder(), bench.fast, data, recipe), rates
