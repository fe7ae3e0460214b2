"""The measurements: each takes a work and those of its peers that are there, and returns rows."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from speed.bench import Bench
from speed.check import same_answers, same_training
from speed.process import Side
from speed.rows import Row, compared, spread


@dataclass(frozen=True)
class Work:
    """Something to measure.

    Attributes:
        name: as ``--only`` takes it.
        about: one line for ``--list``.
        targets: for each peer, the ratio asked for and the one hoped for.
        measure: does it.
        options: for ``measure``, beside the bench, the work and the peers.
    """

    name: str
    about: str
    targets: dict[str, tuple[float, float]]
    measure: Callable[..., list[Row]]
    options: dict[str, Any] = field(default_factory=dict)

    def row(self, peer: str, ours: list[float], theirs: list[float], **options: Any) -> Row:
        """Make the row of this work beside one peer; see `compared`."""
        return compared(self.name, peer, ours, theirs, targets=self.targets[peer], **options)


def train(
    bench: Bench, work: Work, peers: tuple[str, ...], *, preset: str, batch: int
) -> list[Row]:
    """Train on batch after batch; pictures a second from the median batch."""
    with bench.sides(bench.job(preset, batch), peers) as sides:
        settings = tuned(bench, sides, training=True, batch=batch)
        for peer in peers:
            apart = same_training(
                sides["ours"], sides[peer], batch, probabilities=peer == "scikit-learn"
            )
            bench.note(f"  same as {peer}: {apart}")
        if bench.only_check:
            return []
        times = _turns(bench, sides, "train")
    return [
        work.row(
            peer,
            times["ours"],
            times[peer],
            unit="images/s",
            setting=settings[peer]["words"],
            show=lambda seconds: batch / seconds,
        )
        for peer in peers
    ]


def predict(
    bench: Bench, work: Work, peers: tuple[str, ...], *, preset: str, batch: int
) -> list[Row]:
    """Predict the same batch again and again; a single picture is shown by its time."""
    with bench.sides(bench.job(preset), peers) as sides:
        settings = tuned(bench, sides, training=False, batch=batch)
        for peer in peers:
            apart = same_answers(sides["ours"], sides[peer], batch)
            bench.note(f"  same as {peer}: {apart}")
        if bench.only_check:
            return []
        times = _turns(bench, sides, "predict", batch=batch)

    def show(seconds: float) -> float:
        return batch / seconds if batch > 1 else 1e6 * seconds

    return [
        work.row(
            peer,
            times["ours"],
            times[peer],
            unit="images/s" if batch > 1 else "µs",
            setting=settings[peer]["words"],
            show=show,
        )
        for peer in peers
    ]


def ceiling(
    bench: Bench, work: Work, peers: tuple[str, ...], *, preset: str, batch: int
) -> list[Row]:
    """Train beside large matrix products: the share of the machine's arithmetic that is used."""
    if bench.only_check:
        return []
    job = bench.job(preset, batch)
    layers = [layer.multiply_adds for layer in job.net.layers]
    first = next(count for count in layers if count)
    # Forward, by the weights, by the input: three passes, but nobody asks for the first layer's dx.
    flop = 2 * (3 * sum(layers) - first)
    with bench.sides(job, peers) as sides:
        times = bench.turns(
            sides,
            {
                "ours": partial(sides["ours"].call, "train", seconds=bench.seconds),
                **{p: partial(sides[p].call, "multiply", seconds=bench.seconds) for p in peers},
            },
        )
    rates = [flop * batch / seconds for seconds in times["ours"]]
    rows = []
    for peer in peers:
        top = max(times[peer])
        least, aim = work.targets[peer]
        rows.append(
            Row(
                work=work.name,
                peer=peer,
                setting=f"float32, all cores; {flop / 1e6:.0f} MFLOP an image",
                ours=statistics.median(rates) / 1e9,
                theirs=top / 1e9,
                unit="GFLOP/s",
                ratio=statistics.median(rates) / top,
                spread=spread([rate / top for rate in rates]),
                least=least,
                aim=aim,
            )
        )
    return rows


def tuned(
    bench: Bench, sides: dict[str, Side], *, training: bool, batch: int
) -> dict[str, dict[str, Any]]:
    """Let every peer find its best setting, alone on the machine, if anything is to be timed."""
    settings: dict[str, dict[str, Any]] = {}
    if bench.only_check:
        return settings
    for name, side in sides.items():
        if name != "ours":
            settings[name] = side.call("tune", training=training, batch=batch)
            bench.note(f"  {name} runs best with: {settings[name]['words']}")
    return settings


def _turns(
    bench: Bench, sides: dict[str, Side], name: str, **options: Any
) -> dict[str, list[float]]:
    return bench.turns(
        sides,
        {
            key: partial(side.call, name, seconds=bench.seconds, **options)
            for key, side in sides.items()
        },
    )
