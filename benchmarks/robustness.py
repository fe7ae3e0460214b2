"""How well presets read corrupted digits: accuracy under each of MNIST-C's fifteen, as a table.

    WHYNET_DATA=... python benchmarks/robustness.py              # five presets, MNIST's test set
    WHYNET_DATA=... python benchmarks/robustness.py --quick      # lenet, on validation pictures
    python benchmarks/robustness.py --quick --json
    python benchmarks/robustness.py --times                      # only how long corrupting takes
    python benchmarks/robustness.py --sheet corruptions.png      # only what each of them looks like

Every preset is trained by its own recipe on all but 5,000 of the training pictures, and sees no
corruption while it learns. The test set is looked at once, at the end of a run, and decides
nothing. ``--validation-only`` leaves it alone and corrupts the 5,000 instead, for choosing recipes;
so does ``--quick``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import whynet
from whynet.data.corruptions import CORRUPTIONS, corrupt
from whynet.drawing.raster import Panel, enlarge, framed, png, sheet
from whynet.train import Progress

MODELS = ("mlp", "lenet", "fast-99.4", "small", "tiny")
HELD_OUT = 5000
COLUMNS, SHOWN = 4, 5
"""Of the sheet: pictures in a row, and which digit it shows, as it is stored: white on black."""


def run(model: str, seed: int, *, test: bool, threads: int | None) -> dict[str, Any]:
    """Train a preset by its recipe and mark it on clean pictures and corrupted ones."""
    preset = whynet.load_preset(model)
    train, asked = whynet.load("mnist").split(HELD_OUT, seed)
    net = preset.build(train.image_shape, train.classes, seed=seed)
    began = time.perf_counter()
    net.train(
        train.images,
        train.known_labels,
        replace(preset.recipe, seed=seed),
        callbacks=(Progress(),),
        threads=threads,
    )
    seconds = time.perf_counter() - began
    if test:
        asked = whynet.load("mnist", split="test")
    marks = {}
    for name in ("clean", *CORRUPTIONS):
        images = asked.images if name == "clean" else corrupt(name, asked.images)
        found = net.evaluate(images, asked.known_labels, threads=threads)
        marks[name] = {"accuracy": found.accuracy, "ece": found.ece}
    return {
        "model": model,
        "seed": seed,
        "parameters": int(net.parameters.size),
        "epochs": preset.recipe.epochs,
        "seconds": round(seconds, 1),
        "pictures": "test" if test else "validation",
        "marks": marks,
        "mean": {
            figure: statistics.fmean(marks[name][figure] for name in CORRUPTIONS)
            for figure in ("accuracy", "ece")
        },
    }


def times(n: int) -> dict[str, float]:
    """Return the seconds that corrupting n digits of the built-in writer takes, by name."""
    images = whynet.load("strokes", examples=n).images
    taken = {}
    for name in CORRUPTIONS:
        corrupt(name, images[:10])
        began = time.perf_counter()
        corrupt(name, images)
        taken[name] = time.perf_counter() - began
    return taken


def drawn() -> bytes:
    """Draw a digit of the built-in writer, and what each corruption makes of it, as PNG."""
    digits = whynet.load("strokes", examples=100, seed=SHOWN)
    digit = digits.images[digits.known_labels == SHOWN][:1]
    pictures = {"clean": digit, **{name: corrupt(name, digit) for name in CORRUPTIONS}}
    panels = [
        Panel(framed(enlarge(picture[0].repeat(3, axis=-1), 5)), name.replace("_", " "))
        for name, picture in pictures.items()
    ]
    rows = [panels[start : start + COLUMNS] for start in range(0, len(panels), COLUMNS)]
    return png(sheet(rows))


def tables(rows: list[dict[str, Any]], taken: dict[str, float], n: int) -> str:
    """Put accuracies and times into Markdown: a column for each preset, in per cent."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    lines = [
        "| pictures | " + "".join(f"`{model}` | " for model in models) + f"s for {n:,} |",
        "|---|" + "---:|" * (len(models) + 1),
    ]

    def line(title: str, figures: list[list[float]], last: str) -> str:
        return f"| {title} | " + "".join(f"{_spread(some)} | " for some in figures) + f"{last} |"

    def of(model: str, *path: str) -> list[float]:
        found = []
        for row in rows:
            value: Any = row
            for key in path:
                value = value[key]
            found += [value] if row["model"] == model else []
        return found

    for name in ("clean", *CORRUPTIONS):
        figures = [of(model, "marks", name, "accuracy") for model in models]
        lines.append(line(name, figures, f"{taken[name]:.2f}" if name in taken else ""))
    for title, figure in (("**mean of 15**", "accuracy"), ("mean ECE", "ece")):
        lines.append(line(title, [of(model, "mean", figure) for model in models], ""))
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    percent = [100 * value for value in values]
    spread = f" ± {statistics.stdev(percent):.2f}" if len(percent) > 1 else ""
    return f"{statistics.fmean(percent):.2f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=whynet.preset_names(), default=MODELS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--validation-only", action="store_true")
    parser.add_argument("--quick", action="store_true", help="lenet, one seed, validation")
    parser.add_argument("--times", action="store_true", help="train nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--sheet", type=Path, metavar="OUT.png", help="draw them and do no more")
    options = parser.parse_args()
    if options.seeds < 1:
        parser.error(f"expected --seeds of at least 1, got {options.seeds}")
    if options.sheet is not None:
        options.sheet.write_bytes(drawn())
        return
    if options.quick:
        options.models, options.seeds, options.validation_only = ["lenet"], 1, True
    n, rows = 10_000, []
    for model in [] if options.times else options.models:
        for seed in range(options.seeds):
            print(f"{model}, seed {seed}", file=sys.stderr)
            rows.append(run(model, seed, test=not options.validation_only, threads=options.threads))
    taken = times(n)
    if options.json:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, NumPy {np.__version__}"
        document = {"machine": machine, "runs": rows, "seconds_for_10000": taken}
        print(json.dumps(document))
    else:
        print(tables(rows, taken, n))


if __name__ == "__main__":
    main()
