"""Every data set by its name or its path: the registry, and `load`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from whynet.data.arrays import DIGITS
from whynet.data.cifar import CIFAR10_CLASSES, cifar10_files, read_cifar10
from whynet.data.csv import read_csv
from whynet.data.dataset import Dataset
from whynet.data.files import StrPath, is_folder
from whynet.data.folders import folder_splits, read_folder
from whynet.data.idx import idx_files, read_idx_set
from whynet.data.npz import npz_splits, read_npz
from whynet.data.places import data_folders
from whynet.errors import ConfigError, DataFormatError, DataNotFoundError

SPLITS = ("train", "test")

HELD_OUT = 6
"""Of a set that comes in one piece, one picture in so many is kept for the test."""

_TEST_START = 10**9
"""Where the drawn test sets begin in their endless sequence, far beyond any training."""

_CIFAR_BATCHES = 5

Size = int | tuple[int, int] | None


@dataclass(frozen=True)
class Source:
    """A data set that has a name.

    Attributes:
        name: what to call it on the command line.
        about: one line for a list of the sets.
        classes: the name of every class, in label order.
        sizes: how many pictures the whole train and test sets have.
        drawn: whether whynet draws it itself; the others are downloaded.
    """

    name: str
    about: str
    classes: tuple[str, ...]
    sizes: tuple[int, int]
    drawn: bool = False


_FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_KUZUSHIJI = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")

SOURCES = {
    source.name: source
    for source in (
        Source("strokes", "digits that whynet writes itself", DIGITS, (60_000, 10_000), drawn=True),
        Source(
            "ticks",
            "ticks and crosses that whynet writes itself",
            ("cross", "tick"),
            (10_000, 2_000),
            drawn=True,
        ),
        Source("mnist", "handwritten digits (LeCun, Cortes, Burges)", DIGITS, (60_000, 10_000)),
        Source("fashion-mnist", "clothes from a shop (Zalando)", _FASHION, (60_000, 10_000)),
        Source("kmnist", "cursive Japanese characters (CODH)", _KUZUSHIJI, (60_000, 10_000)),
        Source("cifar10", "small colour photos (Krizhevsky)", CIFAR10_CLASSES, (50_000, 10_000)),
    )
}
"""The named sets, in the order in which to list them."""

NAMES = tuple(SOURCES)


def load(
    name_or_path: StrPath,
    *,
    split: str = "train",
    examples: int | None = None,
    seed: int = 0,
    size: Size = None,
) -> Dataset:
    """Load a data set by its name or from a path.

    **Names**: strokes and ticks are drawn on the spot. The others are looked for in
    ``$WHYNET_DATA/NAME`` and in the user's cache, and never downloaded from here: that is what
    ``whynet data get NAME`` is for.

    **Paths**: an .npz or .csv file; a folder with the four files of MNIST's layout or with
    CIFAR-10's batches; or a folder of pictures in one folder for each class. A name wins over a
    file of the same name: write ``./mnist``, or give a `Path`, to mean the file. If the path keeps
    train and test apart, these are the splits. If it holds one set, a sixth of it, drawn with
    ``seed``, is the test split and the rest is the train split, and the set's ``name`` says so. A
    set without labels is not divided: all of it is its test split.

    Args:
        name_or_path: one of `NAMES`, or a path.
        split: "train" or "test".
        examples: how many pictures: the first so many of a drawn set; of any other, so many drawn
            at random with ``seed``, in their old order. All if None.
        seed: the same seed gives the same set on every machine.
        size: for folders of pictures, a side or (height, width) to bring them all to.

    Returns:
        The set. Its images have shape (n, height, width, channels).

    Raises:
        ConfigError: no such split, a negative seed, or more examples than there are.
        DataNotFoundError: nothing is there; says what to do about it.
        DataFormatError: something is there, and it is damaged or of no known kind.
    """
    if split not in SPLITS:
        raise ConfigError(f"expected the split train or test, got {split!r}")
    if examples is not None and examples < 1:
        raise ConfigError(f"expected at least 1 example, got {examples}")
    if seed < 0:
        raise ConfigError(f"expected a seed of at least 0, got {seed}")
    source = SOURCES.get(name_or_path) if isinstance(name_or_path, str) else None
    if source is not None and source.drawn:
        return _draw(source, split, examples, seed)
    try:
        if source is not None:
            data = _load_named(source, split)
        else:
            data = _load_path(Path(name_or_path), split, seed, size)
    except PermissionError as error:
        raise DataNotFoundError(f"{error.filename}: cannot be read ({error.strerror})") from error
    return data if examples is None else _some(data, examples, seed)


def _draw(source: Source, split: str, examples: int | None, seed: int) -> Dataset:
    from whynet.data import strokes

    count = examples or source.sizes[SPLITS.index(split)]
    if count > _TEST_START:
        raise ConfigError(f"expected at most {_TEST_START:,} examples, got {count:,}")
    draw = strokes.digits if source.name == "strokes" else strokes.ticks
    drawn: Dataset = draw(count, seed=seed, start=0 if split == "train" else _TEST_START)
    return replace(drawn, name=f"{source.name} {split}")


def _load_named(source: Source, split: str) -> Dataset:
    name = f"{source.name} {split}"
    for folder in data_folders():
        data = _read_known_files(folder / source.name, split, name, source.classes)
        if data is not None:
            return data
    places = " or ".join(str(folder / source.name) for folder in data_folders())
    raise DataNotFoundError(
        f"{source.name}: found no {split} set in {places}; "
        f"`whynet data get {source.name}` downloads it"
    )


def _read_known_files(
    folder: Path, split: str, name: str, classes: tuple[str, ...]
) -> Dataset | None:
    """Read a split in MNIST's or CIFAR-10's layout of files, if the folder has it."""
    if pair := idx_files(folder, split):
        return read_idx_set(*pair, name=name, classes=classes)
    if batches := cifar10_files(folder, split):
        if split == "train" and len(batches) < _CIFAR_BATCHES:
            name += f" ({len(batches)} of {_CIFAR_BATCHES} batches)"
        return read_cifar10(batches, name=name)
    return None


def _load_path(path: Path, split: str, seed: int, size: Size) -> Dataset:
    name = f"{path.resolve().name} {split}"
    splits: tuple[str, ...] = ()
    read: Callable[..., Dataset]
    if is_folder(path):
        data = _read_known_files(path, split, name, DIGITS)
        if data is not None:
            return data
        if any(idx_files(path, other) or cifar10_files(path, other) for other in SPLITS):
            raise DataNotFoundError(f"{path}: expected the files of a {split} set, got none")
        splits, read = folder_splits(path), partial(read_folder, path, size=size, name=name)
    elif path.suffix.lower() == ".npz":
        splits, read = npz_splits(path), partial(read_npz, path, name=name)
    elif path.suffix.lower() == ".csv":
        read = partial(read_csv, path, name=name)
    else:
        with suppress(OSError):  # such as a name that is too long to be one
            if path.exists():
                raise DataFormatError(f"{path}: expected an .npz file, a .csv file or a folder")
        raise DataNotFoundError(_unknown(path))
    return _choose(read, splits, path, split, seed)


def _choose(
    read: Callable[..., Dataset],
    splits: tuple[str, ...],
    path: Path,
    split: str,
    seed: int,
) -> Dataset:
    """Read the split that a path keeps apart, or the path's share of it."""
    if split in splits:
        return read(split=split)
    if splits:
        raise DataNotFoundError(f"{path}: expected a {split} set, got only {splits[0]}")
    whole = read()
    if whole.labels is None:
        if split == "test":
            return whole
        raise DataFormatError(f"{path}: has no labels, so there is nothing to train on")
    if len(whole) < 2:
        raise DataFormatError(f"{path}: expected at least 2 pictures to divide, got {len(whole)}")
    train, test = whole.split(max(1, len(whole) // HELD_OUT), seed)
    part = train if split == "train" else test
    return replace(part, name=f"{whole.name} ({len(part)} of {len(whole)} pictures, seed {seed})")


def _some(data: Dataset, examples: int, seed: int) -> Dataset:
    if examples > len(data):
        raise ConfigError(f"{data.name}: expected at most {len(data)} examples, got {examples}")
    chosen = np.random.default_rng(seed).choice(len(data), examples, replace=False)
    return data[np.sort(chosen)]


def _unknown(path: Path) -> str:
    import difflib

    close = difflib.get_close_matches(os.fspath(path), NAMES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the data sets are {', '.join(NAMES)}"
    return f"{path}: no such file, folder or data set; {hint}"
