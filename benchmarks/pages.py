"""How many digits of composed pages and of real photos are found, and read by a simple net.

    WHYNET_DATA=... python benchmarks/pages.py
    python benchmarks/pages.py --quick --json

Pages are composed from glyphs that the net never saw: MNIST's training pictures 55,000 to 59,999,
or, where MNIST is not there, the built-in writer's. A digit counts as found if the box overlaps its
own by half (intersection over union). Of the others, a box that covers several digits is a merger,
several boxes within one digit are a split, and what covers no digit is false. The net is a LeNet
trained for three epochs on whole and on torn digits, with an eleventh class, "not a digit", from
pairs that touch; it also decides where to cut and what to join, unless ``--by-width`` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import whynet
from whynet.data.pages import KINDS, Composed, compose
from whynet.data.pages.ink import broken
from whynet.data.pictures import read_picture
from whynet.errors import DataNotFoundError
from whynet.handwriting.pages import Page, find_digits
from whynet.handwriting.pages.crops import crop
from whynet.handwriting.pages.cuts import find_seams, split
from whynet.handwriting.pages.parts import Part, union

Pictures = NDArray[np.uint8]
Labels = NDArray[Any]
Floats = NDArray[np.float32]

_HELD_OUT = 55_000
_SEED = 2


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


def pieces(images: Pictures, labels: Labels, pairs: int, seed: int = 0) -> tuple[Pictures, Labels]:
    """Cut touching pairs of digits along their seams, in all ways.

    What holds one digit nearly whole and little of the other is that digit, however torn; what
    holds much of both, or too little of one, is class 10, no digit.
    """
    rng = np.random.default_rng(seed)
    made: list[Pictures] = []
    kinds: list[int] = []
    for _ in range(pairs):
        two = rng.integers(len(images), size=2)
        inks = [_ink(images[int(which)]) for which in two]
        one, other = _side_by_side(inks[0], inks[1], rng)
        ink = np.maximum(one, other)
        height = max(len(one) for one in inks)
        marks = (ink > 0.3).astype(np.int32)
        rows, columns = (np.flatnonzero(marks.any(axis)) for axis in (1, 0))
        box = int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
        whole = Part((1,), box)
        seams = sorted(find_seams(whole, marks, height), key=lambda seam: seam.cost)[:3]
        atoms = split(whole, sorted(seams, key=lambda seam: seam.middle), marks)
        for first in range(len(atoms)):
            for last in range(first, len(atoms)):
                part = reduce(union, atoms[first : last + 1])
                inside = np.isin(marks, part.pieces)
                shares = [float(each[inside].sum() / each.sum()) for each in (one, other)]
                kind = _kind(shares, [int(labels[int(which)]) for which in two])
                if kind is not None and (picture := crop(part, ink, marks)) is not None:
                    made.append(picture)
                    kinds.append(kind)
    return np.stack(made), np.array(kinds, labels.dtype)


def _side_by_side(one: Floats, other: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Put two digits on canvases of their own, so that laid over each other they touch."""
    height, width = max(len(one), len(other)) + 8, one.shape[1] + other.shape[1] + 8
    canvases = np.zeros((2, height, width), np.float32)
    tops = [(height - len(ink)) // 2 + int(rng.integers(-3, 4)) for ink in (one, other)]
    canvases[0, tops[0] : tops[0] + len(one), 4 : 4 + one.shape[1]] = one
    gaps = []
    for row in range(len(other)):
        there = np.flatnonzero(canvases[0, tops[1] + row] > 0.5)
        here = np.flatnonzero(other[row] > 0.5)
        if len(there) and len(here):
            gaps.append(int(there[-1] - here[0]))
    left = max(max(gaps, default=one.shape[1]) - int(rng.integers(0, 4)), 0)
    canvases[1, tops[1] : tops[1] + len(other), left : left + other.shape[1]] = other
    return canvases[0], canvases[1]


def _kind(shares: list[float], labels: list[int]) -> int | None:
    """Return the class of what holds such shares of two digits; None if it might be either."""
    for mine, theirs, label in zip(shares, shares[::-1], labels, strict=True):
        if mine > 0.85 and theirs < 0.2:
            return label
    if min(shares) > 0.45 or max(shares) < 0.6:
        return 10
    return None


def _ink(image: Pictures) -> Floats:
    """Return a digit twice as large as it is, cropped, 0 to 1."""
    ink = image[..., 0]
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(ndimage.zoom(part.astype(np.float32) / 255, 2, order=1), np.float32)


def torn(images: Pictures, seed: int = 0) -> Pictures:
    """Leave gaps in the strokes of digits."""
    rng = np.random.default_rng(seed)
    inks = [broken(image[..., 0].astype(np.float32) / 255, 2.5, rng) for image in images]
    return np.rint(np.stack(inks)[..., None] * 255).astype(np.uint8)


def reader(images: Pictures, labels: Labels, *, quick: bool) -> whynet.Sequential:
    """Train the simple net: ten digits, and an eleventh class that is none."""
    if quick:
        images, labels = images[:10_000], labels[:10_000]
    cuts, kinds = pieces(images, labels, 300 if quick else 1500)
    some = slice(None, None, 5)
    pictures = np.concatenate([images, torn(images[some]), cuts])
    answers = np.concatenate([labels, labels[some], kinds])
    made = whynet.load_preset("lenet")
    net = made.build((28, 28, 1), (*(str(digit) for digit in range(10)), "none"), seed=0)
    net.train(pictures, answers, replace(made.recipe, epochs=3, seed=0))
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
    row.false += sum(bool(shared[:, j].sum() < 0.2 * areas(seen[0, j])) for j in rest)
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
