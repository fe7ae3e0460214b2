"""What training costs as batches, pictures, layers and teams of workers grow: tables and a plot.

    python benchmarks/scaling.py
    python benchmarks/scaling.py --svg scaling.svg --json

Every point trains a net on random pictures through the public interface, with its defaults, and
takes the median time of a batch. Work is counted as direct convolution does it, whatever the
algorithm.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from speed.clock import LEAST, WARM_UP, median_gap
from speed.main import Parser
from speed.report import machine

import whynet
from whynet.train import Callback, Training

BATCHES = (1, 4, 16, 64, 128, 256, 512)
SIDES = (28, 56, 112, 224)
CHANNELS = (4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Point:
    """One measurement.

    Attributes:
        axis: what is varied.
        value: how much of it.
        images_per_second, ms_per_image, gflop_per_second: what came out.
    """

    axis: str
    value: int
    images_per_second: float
    ms_per_image: float
    gflop_per_second: float


class _Clock(Callback):
    """Notes when batches ended, and stops the run once there are enough of them."""

    def __init__(self, seconds: float) -> None:
        self.ends: list[float] = []
        self._until = time.perf_counter() + seconds

    def on_batch_end(self, run: Training) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())
        if self.ends[-1] > self._until and len(self.ends) > LEAST + WARM_UP:
            run.stop("measured")


def measured(
    axis: str,
    value: int,
    net: whynet.Sequential,
    batch: int,
    seconds: float,
    threads: int | None = None,
) -> Point:
    """Train a net for a while and return its point."""
    rng = np.random.default_rng(0)
    n = 8 * batch  # so that what an epoch's end costs is not in the median
    images = rng.random((n, *net.input_shape), dtype=np.float32)
    labels = rng.integers(0, 10, n)
    clock = _Clock(seconds)
    recipe = whynet.Recipe(batch_size=batch, epochs=10**6)
    net.train(images, labels, recipe, callbacks=[clock], threads=threads)
    each = median_gap(clock.ends) / batch
    layers = [layer.multiply_adds for layer in net.layers]
    # Forward and two gradients, but for the gradient by the pictures themselves.
    flop = 2 * (3 * sum(layers) - next(count for count in layers if count))
    return Point(axis, value, 1 / each, 1e3 * each, flop / each / 1e9)


def convolutional(side: int, width: int) -> whynet.Sequential:
    """Make four convolutions of 3×3, two narrow and two twice as wide, for pictures of any size."""
    layers: list[whynet.Layer] = []
    for filters in (width, 2 * width):
        for _ in range(2):
            layers += [whynet.Conv2D(filters, padding="same"), whynet.ReLU()]
        layers.append(whynet.MaxPooling2D())
    head = [whynet.GlobalAveragePooling2D(), whynet.Dense(10)]
    return whynet.Sequential([*layers, *head], (side, side, 1))


def measure(seconds: float) -> list[Point]:
    """Measure every point, telling whoever watches."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    points = []

    def add(point: Point) -> None:
        print(f"{point.axis} {point.value}", file=sys.stderr)
        points.append(point)

    for batch in BATCHES:
        add(measured("batch size", batch, _classic(), batch, seconds))
    for side in SIDES:
        # Fewer of the large pictures, so that a batch is about as much work.
        batch = max(8, 128 * 28 * 28 // side**2)
        add(measured("image side", side, convolutional(side, 16), batch, seconds))
    for width in CHANNELS:
        add(measured("channels", width, convolutional(28, width), 64, seconds))
    for threads in range(1, (cores or 1) + 1):
        add(measured("cores", threads, _classic(), 128, seconds, threads))
    return points


def _classic() -> whynet.Sequential:
    return whynet.load_preset("numpy-cnn").build()


def table(points: Sequence[Point]) -> str:
    """Return a table for each axis."""
    blocks = []
    for axis in dict.fromkeys(point.axis for point in points):
        lines = [f"{axis:>10}  {'images/s':>10}  {'ms/image':>9}  {'GFLOP/s':>8}"]
        lines += [
            f"{p.value:>10}  {p.images_per_second:>10,.0f}  {p.ms_per_image:>9.3f}  "
            f"{p.gflop_per_second:>8.1f}"
            for p in points
            if p.axis == axis
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


# -- the plot -------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 300, 190, 64, 64, 84


def svg(points: Sequence[Point], about: str) -> str:
    """Return a plot: a panel for each axis, milliseconds an image, both scales logarithmic."""
    axes = list(dict.fromkeys(point.axis for point in points))
    width = 2 * (_WIDTH + _GAP) + _LEFT - _GAP + 24
    height = _TOP + math.ceil(len(axes) / 2) * (_HEIGHT + _GAP) - _GAP + 48
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11" fill="#333">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22" font-size="14">Training: milliseconds an image</text>',
        f'<text x="{_LEFT}" y="38" fill="#777">{_escaped(about)}</text>',
    ]
    for index, axis in enumerate(axes):
        x = _LEFT + index % 2 * (_WIDTH + _GAP)
        y = _TOP + index // 2 * (_HEIGHT + _GAP)
        parts += _panel(x, y, axis, [point for point in points if point.axis == axis])
    return "\n".join([*parts, "</svg>\n"])


def _panel(x: int, y: int, axis: str, points: Sequence[Point]) -> list[str]:
    across = _scale([point.value for point in points], x + 12, x + _WIDTH - 12)
    costs = [point.ms_per_image for point in points]
    ticks = _ticks(min(costs), max(costs))
    up = _scale([*costs, *ticks], y + _HEIGHT - 8, y + 8)
    parts = [
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" fill="#f7f7f5"/>',
        f'<text x="{x + _WIDTH / 2}" y="{y + _HEIGHT + 32}" text-anchor="middle">{axis}</text>',
    ]
    for tick in ticks:
        at = up(tick)
        parts.append(f'<path d="M{x} {at:.1f}h{_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
    parts += [
        f'<text x="{across(point.value):.1f}" y="{y + _HEIGHT + 16}" '
        f'text-anchor="middle">{point.value}</text>'
        for point in points
    ]
    places = [(across(point.value), up(point.ms_per_image)) for point in points]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#0b6e99" stroke-width="2"/>')
    for (a, b), point in zip(places, points, strict=True):
        said = f"{point.ms_per_image:.3f} ms, {point.images_per_second:,.0f} images/s"
        parts.append(
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="#0b6e99">'
            f"<title>{said}</title></circle>"
        )
    return parts


def _scale(values: Sequence[float], start: float, end: float) -> _Logarithmic:
    return _Logarithmic(math.log(min(values)), math.log(max(values)), start, end)


@dataclass(frozen=True)
class _Logarithmic:
    """Places numbers between two ends of a line by their logarithms."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a number; a lone one is put in the middle."""
        share = (
            (math.log(value) - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        )
        return self.start + share * (self.end - self.start)


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten, from just below the lowest to above the highest."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    marks = [m * 10.0**power for power in range(first, last + 1) for m in (1, 2, 5)]
    below = max((mark for mark in marks if mark <= low), default=low)
    above = min((mark for mark in marks if mark >= high), default=high)
    inside = [mark for mark in marks if below <= mark <= above]
    return [inside[0], *(m for m in inside[1:-1] if len(inside) <= 7 or _is_power(m)), inside[-1]]


def _is_power(mark: float) -> bool:
    return math.isclose(math.log10(mark) % 1, 0, abs_tol=1e-9)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and show; returns 0."""
    parser = Parser(prog="scaling.py", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each point, 1 by default")
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a plot")
    options: argparse.Namespace = parser.parse_args(arguments)
    if not 0 < options.seconds < math.inf:
        parser.error(f"expected --seconds above 0, got {options.seconds:g}")
    if options.svg is not None and not options.svg.parent.is_dir():
        parser.error(f"expected --svg in a folder that exists, got {options.svg}")
    about = machine()
    points = measure(options.seconds)
    if options.svg is not None:
        options.svg.write_text(svg(points, about), encoding="utf-8")
    if options.json:
        print(json.dumps([asdict(point) for point in points], indent=2))
    else:
        print(f"{table(points)}\n\n{about}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
