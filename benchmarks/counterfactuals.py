"""Counterfactuals measured: do they hold, how near are they, and who else reads them as the rival?

    WHYNET_DATA=... python benchmarks/counterfactuals.py            # validation pictures
    WHYNET_DATA=... python benchmarks/counterfactuals.py --test     # MNIST's test set, once
    python benchmarks/counterfactuals.py --quick --json

LeNet is trained on all but 5,000 of MNIST's training pictures, and donors are gathered from those.
Of each picture two questions are asked: why not the runner-up, and why not a class drawn at random?
Three ways to answer, on the same questions:

- ours: `whynet.explain.counterfactual`;
- donors: the nearest donors as they are, regions reverted, with one reader (the trial's method);
- gradient: pixel gradient descent on the net's own loss with a penalty on the distance.

Readers who took no part (other seeds, other shapes, other initial weights) say whether they read
the rival too. Choices were made on validation pictures; the test set decided nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import whynet
from whynet.data import Dataset
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual import counterfactual
from whynet.explain.counterfactual import search as searching
from whynet.explain.donors import Donors
from whynet.sequential import Sequential

Grey = NDArray[np.uint8]
Method = Callable[[Grey, int], Grey | None]

HELD_OUT = 5000
UNSEEN = {"lenet": 11, "fast": 12, "mlp": 14}
"""Readers that take no part: presets, and the seeds of their weights."""


@dataclass(frozen=True)
class Question:
    """A picture, the rival, how it was chosen, and the nearest training digit of the rival."""

    image: Grey
    rival: int
    kind: str
    nearest: float


def trained(preset: str, seed: int, data: Dataset, threads: int | None) -> Sequential:
    """Train a preset by its own recipe, in at most three epochs."""
    made = whynet.load_preset(preset)
    net = made.build(data.image_shape, data.classes, seed=seed)
    recipe = replace(made.recipe, seed=seed, epochs=min(3, made.recipe.epochs))
    net.train(data.images, data.known_labels, recipe, threads=threads)
    return net


def questions(net: Sequential, train: Dataset, asked: Dataset, count: int) -> list[Question]:
    """Choose pictures and rivals, and measure how far the nearest real rival is."""
    rng = np.random.default_rng(1)
    flat = {
        label: train.images[train.known_labels == label].reshape(-1, 784).astype(np.float32) / 255
        for label in range(10)
    }
    squares = {label: np.square(rows).sum(axis=1) for label, rows in flat.items()}
    found = []
    for number in rng.choice(len(asked), count, replace=False):
        image = asked.images[number]
        order = net.outputs(image)[0].argsort()[::-1]
        for kind, rival in (("runner-up", int(order[1])), ("random", int(rng.choice(order[1:])))):
            point = image.reshape(-1).astype(np.float32) / 255
            far = squares[rival] - 2 * flat[rival] @ point + point @ point
            found.append(Question(image, rival, kind, float(np.sqrt(max(0.0, far.min())))))
    return found


def plain_donors(net: Sequential, donors: Donors, threads: int | None) -> Method:
    """The nearest donors as they are, without moving or bending, and one reader that is not moved.

    It asks our own search with the parts taken out, so that the difference is theirs.
    """
    one = replace(donors, readers=donors.readers[-1:])

    def method(image: Grey, rival: int) -> Grey | None:
        from whynet.explain.counterfactual import align, jury

        def unmoved(
            ink: NDArray[Any], pool: NDArray[Any], distances: NDArray[Any]
        ) -> tuple[NDArray[Any], NDArray[Any]]:
            soft = align.blurred(pool) - align.blurred(ink)
            near = np.argsort(np.square(soft).sum(axis=(1, 2)), kind="stable")[:8]
            return pool[near], near

        kept = searching._candidates, jury._MOVES, jury.AGREED
        try:
            searching._candidates, jury._MOVES, jury.AGREED = unmoved, (), 0.9
            found = counterfactual(net, image, rival, donors=one, threads=threads)
        finally:
            searching._candidates, jury._MOVES, jury.AGREED = kept
        return None if found is None else found.picture

    return method


def gradient(net: Sequential, threads: int | None) -> Method:
    """Descend margin + c·distance² by pixels until the net says the rival (Wachter et al. 2017)."""

    def method(image: Grey, rival: int) -> Grey | None:
        start = image.astype(np.float32) / 255
        contrast = Contrast(net, image, rival=rival, threads=threads)
        x = start[None].copy()
        for _ in range(200):
            slope = contrast.gradients(x)
            x = x - 0.02 * slope / (np.abs(slope).max() + 1e-12) - 0.002 * (x - start)
            x = np.clip(x, 0, 1)
            levels: Grey = np.rint(x[0] * 255).astype(np.uint8)
            if net.predict_proba(levels, threads=threads)[0, rival] >= searching_sure():
                return levels
        return None

    return method


def searching_sure() -> float:
    """The confidence that our own counterfactuals reach, for a fair comparison."""
    from whynet.explain.counterfactual.jury import SURE

    return SURE


def measure(
    name: str, method: Method, asked: list[Question], net: Sequential, unseen: list[Sequential]
) -> list[dict[str, Any]]:
    """Answer every question; one row for each kind."""
    answers, seconds = [], []
    for question in asked:
        began = time.perf_counter()
        answers.append(method(question.image, question.rival))
        seconds.append(time.perf_counter() - began)
    rows = []
    for kind in sorted({question.kind for question in asked}, reverse=True):
        mine = [i for i, question in enumerate(asked) if question.kind == kind]
        found = [i for i in mine if answers[i] is not None]
        pictures = np.array([answers[i] for i in found])
        rivals = np.array([asked[i].rival for i in found])
        starts = np.array([asked[i].image for i in found])
        near = np.array([asked[i].nearest for i in found])
        l2 = np.sqrt(np.square(pictures / 255 - starts / 255).sum(axis=(1, 2, 3)))
        agree = np.array([reader.predict(pictures) == rivals for reader in unseen])
        rows.append(
            {
                "method": name,
                "rivals": kind,
                "questions": len(mine),
                "valid": float((net.predict(pictures) == rivals).sum() / len(mine)),
                "agreement": float(agree.mean()),
                "each_reader": [float(one) for one in agree.mean(axis=1)],
                "most_readers": float((agree.mean(axis=0) > 0.5).mean()),
                "l2": float(l2.mean()),
                "nearest_training_digit_l2": float(near.mean()),
                "closer": float((l2 < near).mean()),
                "seconds_median": float(np.median([seconds[i] for i in mine])),
                "seconds_worst": float(np.max([seconds[i] for i in mine])),
            }
        )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Put the rows into a Markdown table."""
    lines = [
        "| method | rivals | n | valid % | unseen readers agree % | most of them % | L2 "
        "| nearest training digit | closer % | seconds (worst) |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        each = ", ".join(f"{100 * one:.0f}" for one in row["each_reader"])
        lines.append(
            f"| {row['method']} | {row['rivals']} | {row['questions']} | {100 * row['valid']:.1f} "
            f"| {100 * row['agreement']:.1f} ({each}) | {100 * row['most_readers']:.1f} "
            f"| {row['l2']:.2f} | {row['nearest_training_digit_l2']:.2f} "
            f"| {100 * row['closer']:.0f} | {row['seconds_median']:.3f} "
            f"({row['seconds_worst']:.2f}) |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, help="how many; two questions each (200)")
    parser.add_argument("--test", action="store_true", help="ask about MNIST's test set")
    parser.add_argument("--quick", action="store_true", help="less data, 10 pictures")
    parser.add_argument("--data", default="mnist", help="a data set of digits (mnist)")
    parser.add_argument("--each", type=int, default=300, help="donors of a class (300)")
    parser.add_argument("--threads", type=int, help="how many to use (all cores)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    count = options.pictures or (10 if options.quick else 200)
    if count < 1:
        parser.error(f"expected --pictures of at least 1, got {count}")

    examples = 8000 if options.quick else None
    held_out = 1000 if options.quick else HELD_OUT
    train, validation = whynet.load(options.data, examples=examples).split(held_out, 0)
    asked = whynet.load(options.data, split="test") if options.test else validation
    print("training the net and the readers that take no part", file=sys.stderr)
    net = trained("lenet", 0, train, options.threads)
    unseen = [trained(preset, seed, train, options.threads) for preset, seed in UNSEEN.items()]
    began = time.perf_counter()
    donors = Donors.from_data(
        net, train.images, train.known_labels, each=options.each, threads=options.threads
    )
    print(
        f"{len(donors)} donors and {len(donors.readers)} readers gathered in "
        f"{time.perf_counter() - began:.1f} s, {donors.nbytes:,} bytes",
        file=sys.stderr,
    )

    def ours(image: Grey, rival: int) -> Grey | None:
        found = counterfactual(net, image, rival, donors=donors, threads=options.threads)
        return None if found is None else found.picture

    methods: dict[str, Method] = {
        "ours": ours,
        "donors": plain_donors(net, donors, options.threads),
        "gradient": gradient(net, options.threads),
    }
    to_ask = questions(net, train, asked, count)
    rows = [
        row
        for name, method in methods.items()
        for row in measure(name, method, to_ask, net, unseen)
    ]
    machine = f"{platform.machine()}, NumPy {np.__version__}, threads {options.threads or 'all'}"
    if options.json:
        said = {"asked": asked.name, "donor_bytes": donors.nbytes, "machine": machine}
        print(json.dumps(said | {"rows": rows}, indent=1))
    else:
        print(f"{asked.name}; {machine}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
