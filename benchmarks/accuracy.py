"""How well each preset reads MNIST: accuracy over seeds, time and parameters, as a table.

    WHYNET_DATA=... python benchmarks/accuracy.py --models sigmoid-30 lenet --seeds 3
    python benchmarks/accuracy.py --table        # print what has been measured so far

Every run trains a preset by its own recipe on 55,000 of MNIST's training images and looks at the
other 5,000 (validation) after each epoch. The test set is looked at once, at the end of a run, and
decides nothing. ``--validation-only`` leaves it alone, for choosing recipes. Runs that are already
in the results file are not repeated, so an interrupted benchmark goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import whynet
from whynet.train import Progress

RESULTS = Path(__file__).parent / "results" / "accuracy.jsonl"


def run(model: str, seed: int, *, test: bool, threads: int | None, data: str) -> dict[str, Any]:
    """Train one preset with one seed and measure it."""
    preset = whynet.load_preset(model)
    train, held_out = whynet.load(data, seed=seed).split(5000, seed)
    net = preset.build(train.image_shape, train.classes, seed=seed)
    recipe = replace(preset.recipe, seed=seed)
    began = time.perf_counter()
    history = net.train(
        train.images,
        train.known_labels,
        recipe,
        validation=(held_out.images, held_out.known_labels),
        callbacks=(Progress(),),
        threads=threads,
    )
    row: dict[str, Any] = {
        "model": model,
        "data": data,
        "seed": seed,
        "parameters": int(net.parameters.size),
        "epochs": recipe.epochs,
        "seconds": round(time.perf_counter() - began, 1),
        "validation_accuracy": history["validation_accuracy"][-1],
        "recipe": recipe.config(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, NumPy {np.__version__}",
    }
    if test:
        digits = whynet.load("mnist", split="test")
        row["test_accuracy"] = net.evaluate(digits.images, digits.known_labels).accuracy
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """Put the measured runs into a Markdown table, mean ± standard deviation over seeds."""
    lines = [
        "| net | trained on | parameters | epochs | seeds | validation % | test % | time a run |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    known = list(whynet.preset_names())
    groups = sorted({(known.index(r["model"]), r["data"], r["epochs"]) for r in rows})
    for position, data, epochs in groups:
        some = [
            r
            for r in rows
            if (r["model"], r["data"], r["epochs"]) == (known[position], data, epochs)
        ]
        seconds = float(np.median([r["seconds"] for r in some]))
        lines.append(
            f"| `{known[position]}` | {data} | {some[0]['parameters']:,} | {epochs} | {len(some)} "
            f"| {_spread([r['validation_accuracy'] for r in some])} "
            f"| {_spread([r['test_accuracy'] for r in some if 'test_accuracy' in r])} "
            f"| {seconds / 60:.1f} min |"
        )
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    if not values:
        return "–"
    percent = 100 * np.array(values)
    if len(values) == 1:
        return f"{percent[0]:.2f}"
    return f"{percent.mean():.2f} ± {percent.std(ddof=1):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(whynet.preset_names()))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", default="mnist", help="what to train on; the test is MNIST's")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--validation-only", action="store_true")
    parser.add_argument("--table", action="store_true", help="only print what was measured")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    rows = []
    if options.results.exists():
        rows = [json.loads(line) for line in options.results.read_text().splitlines()]
    if not options.table:
        options.results.parent.mkdir(exist_ok=True)
        for model in options.models:
            recipe = whynet.load_preset(model).recipe
            for seed in range(options.seeds):
                described = replace(recipe, seed=seed).config()
                done = (
                    r["recipe"] == described and r["model"] == model and r["data"] == options.data
                    for r in rows
                )
                if any(done):
                    continue
                print(f"{model}, seed {seed}", file=sys.stderr)
                row = run(
                    model,
                    seed,
                    test=not options.validation_only,
                    threads=options.threads,
                    data=options.data,
                )
                rows.append(row)
                with options.results.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
