"""How well each preset reads MNIST: accuracy over seeds, time and parameters, as a table.

    WHYNET_DATA=... python benchmarks/accuracy.py --models sigmoid-30 lenet --seeds 3
    python benchmarks/accuracy.py --models lenet --data strokes --examples 120000 --epochs 12
    python benchmarks/accuracy.py --table        # print what has been measured so far

Every run trains a preset by its own recipe on all but 5,000 of the training pictures and looks at
those 5,000 (validation) after each epoch. MNIST's test set is looked at once, at the end of a run,
and decides nothing; that goes for nets which only ever saw the built-in strokes, too.
``--validation-only`` leaves it alone, for choosing recipes. Runs that are already in the results
file are not repeated, so an interrupted benchmark goes on where it stopped.
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
from whynet.train import Progress, Recipe

RESULTS = Path(__file__).parent / "results" / "accuracy.jsonl"


def run(
    model: str, recipe: Recipe, data: str, examples: int | None, *, test: bool, threads: int | None
) -> dict[str, Any]:
    """Train one preset by a recipe (which holds the seed) and measure it."""
    seed = recipe.seed
    train, held_out = whynet.load(data, seed=seed, examples=examples).split(5000, seed)
    net = whynet.load_preset(model).build(train.image_shape, train.classes, seed=seed)
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
        "examples": len(train),
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
        "| net | trained on | parameters | epochs | seeds | validation % | MNIST test % | a run |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    known = list(whynet.preset_names())

    def group(row: dict[str, Any]) -> tuple[str, int, int, int]:
        return row["data"], known.index(row["model"]), row["examples"], row["epochs"]

    for data, position, examples, epochs in sorted({group(row) for row in rows}):
        some = [row for row in rows if group(row) == (data, position, examples, epochs)]
        seconds = float(np.median([row["seconds"] for row in some]))
        lines.append(
            f"| `{known[position]}` | {data}, {examples:,} "
            f"| {some[0]['parameters']:,} | {epochs} | {len(some)} "
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
    parser.add_argument("--examples", type=int, help="how many pictures to draw or use")
    parser.add_argument("--epochs", type=int, help="in place of the recipe's")
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
            own = whynet.load_preset(model).recipe
            for seed in range(options.seeds):
                recipe = replace(own, seed=seed, epochs=options.epochs or own.epochs)
                wanted = (recipe.config(), model, options.data, options.examples)
                if wanted in [(r["recipe"], r["model"], r["data"], r["asked"]) for r in rows]:
                    continue
                print(f"{model}, seed {seed}", file=sys.stderr)
                row = run(
                    model,
                    recipe,
                    options.data,
                    options.examples,
                    test=not options.validation_only,
                    threads=options.threads,
                )
                rows.append(row | {"asked": options.examples})
                with options.results.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
