"""How many digits of composed pages and of real photos are found, and read by a simple net.

    WHYNET_DATA=... python benchmarks/pages.py
    python benchmarks/pages.py --quick --json

Pages are composed from glyphs that the net never saw: MNIST's training pictures 55,000 to 59,999,
or, where MNIST is not there, the built-in writer's. A digit counts as found if the box overlaps its
own by half (intersection over union). Of the others, a box that covers several digits is a merger,
several boxes within one digit are a split, and what covers no digit is false. The net is a LeNet
trained for three epochs with an eleventh class, "not a digit", of squeezed pairs and of halves; it
also decides where to cut and what to join. ``--by-width`` leaves it out of that.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import whynet
from whynet.data.pages import KINDS, Composed, compose
from whynet.data.pictures import read_picture
from whynet.errors import DataFormatError, DataNotFoundError
from whynet.handwriting import prepare
from whynet.handwriting.pages import Page, find_digits

Pictures = NDArray[np.uint8]
Labels = NDArray[Any]

_HELD_OUT = 55_000
_SEED = 1


@dataclass
class Row:
    """What came out on pages of one kind, in digits; lines right, of all; seconds a page."""

    kind: str
    digits: int = 0
    found: int = 0
    merged: int = 0
    split: int = 0
    missed: int = 0
    false: int = 0
    right: int = 0
    lines: int = 0
    lines_right: int = 0
    seconds: list[float] = field(default_factory=list)


# -- the net ------------------------------------------------------------------------------------


def glyphs() -> tuple[str, tuple[Pictures, Labels], tuple[Pictures, Labels]]:
    """Return the source's name, what to train on, and what to compose pages of."""
    try:
        data = whynet.load("mnist")
        images, labels = data.images, data.known_labels
        return (
            "mnist",
            (images[:_HELD_OUT], labels[:_HELD_OUT]),
            (images[_HELD_OUT:], labels[_HELD_OUT:]),
        )
    except DataNotFoundError:
        train = whynet.load("strokes", examples=40_000)
        held_out = whynet.load("strokes", examples=5_000, split="test")
        return (
            "strokes",
            (train.images, train.known_labels),
            (held_out.images, held_out.known_labels),
        )


def no_digits(images: Pictures, count: int, seed: int = 0) -> Pictures:
    """Make what a page offers besides digits: two of them squeezed into one frame, and halves."""
    rng = np.random.default_rng(seed)
    made: list[Pictures] = []
    while len(made) < count:
        one, other = (_ink(images[int(which)]) for which in rng.integers(len(images), size=2))
        if rng.random() < 0.5:
            width = one.shape[1] + other.shape[1] - int(rng.integers(0, 3))
            both = np.zeros((max(len(one), len(other)), width), np.uint8)
            both[: len(one), : one.shape[1]] = one
            place = both[len(both) - len(other) :, width - other.shape[1] :]
            np.maximum(place, other, out=place)
        else:
            wide = one.shape[1]
            if wide < 10:
                continue
            at = int(rng.uniform(0.35, 0.65) * wide)
            both = one[:, :at] if rng.random() < 0.5 else one[:, at:]
        try:
            made.append(prepare(np.pad(both, 20)[..., None]))
        except DataFormatError:
            continue
    return np.stack(made)


def _ink(image: Pictures) -> Pictures:
    rows, columns = (np.flatnonzero(image[..., 0].any(axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, 0]


def reader(images: Pictures, labels: Labels, *, quick: bool) -> whynet.Sequential:
    """Train the simple net: ten digits, and an eleventh class that is none."""
    if quick:
        images, labels = images[:10_000], labels[:10_000]
    strangers = no_digits(images, len(images) // 5)
    made = whynet.load_preset("lenet")
    net = made.build((28, 28, 1), (*(str(digit) for digit in range(10)), "none"), seed=0)
    net.train(
        np.concatenate([images, strangers]),
        np.concatenate([labels, np.full(len(strangers), 10, labels.dtype)]),
        replace(made.recipe, epochs=3, seed=0),
    )
    return net


@dataclass(frozen=True)
class Judge:
    """Says how surely a picture is a digit, by a net of eleven classes."""

    net: whynet.Sequential

    def __call__(self, pictures: Pictures) -> NDArray[np.floating]:
        """Return the logarithm of the most probable digit's probability, (n,)."""
        probable = self.net.predict_proba(pictures)[:, :10].max(axis=1)
        return np.asarray(np.log(probable + 1e-9))


def read(net: whynet.Sequential, page: Page) -> list[str]:
    """Return the text of each line."""
    return [
        "".join(
            str(digit)
            for digit in net.predict_proba(np.stack([one.picture for one in line]))[:, :10].argmax(
                axis=1
            )
        )
        for line in page.lines
    ]


# -- scores -------------------------------------------------------------------------------------


def areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area of each box (..., 4); 0 of one turned inside out."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def add(row: Row, page: Page, truth: Composed, texts: list[str]) -> None:
    """Count a page's digits by their boxes."""
    written = [one for line in truth.lines for one in line]
    real = np.array([one.box for one in written], float).reshape(-1, 1, 4)
    seen = np.array([one.box for one in page.digits], float).reshape(1, -1, 4)
    low, high = np.maximum(real[..., :2], seen[..., :2]), np.minimum(real[..., 2:], seen[..., 2:])
    shared = areas(np.concatenate([low, high], axis=-1))
    overlap = shared / (areas(real) + areas(seen) - shared)
    of_real, of_seen = shared / areas(real), shared / areas(seen)
    answers = "".join(texts)
    taken: set[int] = set()
    matched: set[int] = set()
    for flat in np.argsort(-overlap, axis=None, kind="stable"):
        i, j = divmod(int(flat), overlap.shape[1])
        if overlap[i, j] < 0.5:
            break
        if i not in matched and j not in taken:
            matched.add(i)
            taken.add(j)
            row.right += answers[j] == str(written[i].label)
    for i in set(range(len(written))) - matched:
        if any((of_real[:, j] > 0.6).sum() > 1 for j in np.flatnonzero(of_real[i] > 0.6)):
            row.merged += 1
        elif (of_seen[i] > 0.6).sum() > 1:
            row.split += 1
        else:
            row.missed += 1
    rest = [j for j in range(overlap.shape[1]) if j not in taken]
    row.false += sum(shared[:, j].sum() < 0.2 * float(areas(seen[0, j])) for j in rest)
    row.digits += len(written)
    row.found += len(matched)
    lines = ["".join(str(one.label) for one in line) for line in truth.lines]
    row.lines += len(lines)
    row.lines_right += sum(line in texts for line in lines)


def photos(net: whynet.Sequential, judge: Judge | None) -> list[dict[str, Any]]:
    """Read the photos of ``$WHYNET_DATA/photos``, if there are any."""
    folder = Path(os.environ.get("WHYNET_DATA", "")) / "photos"
    if not (folder / "labels.json").is_file():
        return []
    known = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [
        {
            "photo": name,
            "expected": lines,
            "read": read(net, find_digits(read_picture(folder / name), judge)),
        }
        for name, lines in known.items()
    ]


def table(rows: list[Row]) -> str:
    """Return a line for each kind of page, in per cent of its digits."""
    heads = ("found", "merged", "split", "missed", "false", "right")
    lines = [
        f"{'pages':10} {'digits':>6} "
        + " ".join(f"{head:>7}" for head in heads)
        + "   lines  s/page"
    ]
    for row in rows:
        shares = (100 * getattr(row, head) / row.digits for head in heads)
        lines.append(
            f"{row.kind:10} {row.digits:6} "
            + " ".join(f"{share:7.1f}" for share in shares)
            + f" {100 * row.lines_right / row.lines:7.1f} {np.median(row.seconds):7.2f}"
        )
    return "\n".join(lines)


def total(rows: list[Row]) -> Row:
    """Add up all kinds."""
    whole = Row("all")
    for row in rows:
        for name in asdict(row):
            if name != "kind":
                setattr(whole, name, getattr(whole, name) + getattr(row, name))
    return whole


def main() -> int:
    """Measure and show; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--pages", type=int, default=10, help="of each kind, 10 by default")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--by-width", action="store_true", help="cut and join without the net")
    parser.add_argument("--quick", action="store_true", help="two pages a kind, a hasty net")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    if options.pages < 1:
        parser.error(f"expected --pages of at least 1, got {options.pages}")
    source, train, held_out = glyphs()
    began = time.perf_counter()
    net = reader(*train, quick=options.quick)
    trained = time.perf_counter() - began
    judge = None if options.by_width else Judge(net)
    rows = []
    for kind in options.kinds:
        row = Row(kind)
        for number in range(2 if options.quick else options.pages):
            images, labels = held_out
            truth = compose(images[..., 0], labels, kind, seed=_SEED, number_of_page=number)
            began = time.perf_counter()
            page = find_digits(truth.picture, judge)
            row.seconds.append(time.perf_counter() - began)
            add(row, page, truth, read(net, page))
        rows.append(row)
        print(kind, file=sys.stderr)
    real = photos(net, judge)
    rows.append(total(rows))
    if options.json:
        print(
            json.dumps(
                {
                    "glyphs": source,
                    "training_seconds": trained,
                    "pages": [asdict(row) for row in rows],
                    "photos": real,
                },
                indent=2,
            )
        )
        return 0
    print(f"glyphs: {source}; net trained in {trained:.0f} s\n\n{table(rows)}")
    for photo in real:
        print(f"{photo['photo']}: {photo['read']}, expected {photo['expected']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
