"""Folders of pictures, one folder a class: ``cats/001.png``, ``dogs/001.png``.

A folder may keep ``train/`` and ``test/`` apart, each with the same class folders inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from whynet.data.dataset import Dataset
from whynet.data.files import MAX_BYTES, StrPath
from whynet.data.pictures import MAX_PIXELS, Picture, fit, read_picture
from whynet.errors import DataFormatError, DataNotFoundError

_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"),
    *(".ppm", ".pgm", ".pbm", ".pnm"),
)
_SPLITS = ("train", "test")


def folder_splits(folder: StrPath) -> tuple[str, ...]:
    """Name the splits that a folder keeps apart: ``("train", "test")``, one of them, or none.

    Raises:
        DataNotFoundError: no such folder.
        DataFormatError: it is a file.
    """
    names = {entry.name for entry in _folders(Path(folder))}
    # Two classes might be called train and bus: only these names and no other make splits.
    return tuple(split for split in _SPLITS if split in names) if names <= set(_SPLITS) else ()


def read_folder(
    folder: StrPath,
    *,
    split: str | None = None,
    size: int | tuple[int, int] | None = None,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
) -> Dataset:
    """Read a folder that holds a folder of pictures for every class.

    The classes are the folders' names in order, numbers by value and names by letter. Hidden
    files and folders are skipped, and so is whatever is not named like a picture.

    Pictures stay as they are: grey ones keep one channel and coloured ones three. If a set has
    both, all get three. White paper is not turned into black either.

    Args:
        folder: holds the class folders, or the folder of a split that does.
        split: "train" or "test", to read this folder inside ``folder``; classes are then numbered
            as in ``train``, if that is there.
        size: a side or (height, width), to which every picture is resized by area averaging and
            padded with the colour of its rim; None if all have the same size already.
        max_pixels: larger pictures are refused, each by itself.
        name: what to call the set; the folder's name if None.

    Returns:
        Images (n, height, width, 1 or 3) in the order of classes, then of file names.

    Raises:
        DataNotFoundError: no such folder.
        DataFormatError: no classes, a class without pictures, a file that is no picture, or
            pictures of different sizes though ``size`` is None.
    """
    root = Path(folder)
    inside = root / split if split else root
    classes = _class_names(root / "train" if split and (root / "train").is_dir() else inside)
    strangers = set(_class_names(inside)) - set(classes)
    if strangers:
        raise DataFormatError(
            f"{inside}: expected only classes that {root / 'train'} has, "
            f"got {', '.join(sorted(strangers))}"
        )
    paths = [
        (path, label)
        for label, title in enumerate(classes)
        if (inside / title).is_dir()
        for path in _pictures(inside / title)
    ]
    pictures: list[Picture] = []
    for path, _ in paths:
        picture = read_picture(path, max_pixels=max_pixels)
        if size is not None:
            height, width = (size, size) if isinstance(size, int) else size
            picture = fit(picture, height, width)
        _check_size(picture, path, pictures, [path for path, _ in paths])
        pictures.append(picture)
    channels = max(picture.shape[2] for picture in pictures)
    height, width, _ = pictures[0].shape
    images = np.empty((len(pictures), height, width, channels), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[:] = picture  # one channel spreads over three
    labels = np.array([label for _, label in paths], np.int64)
    return Dataset(images, labels, classes, name or root.resolve().name)


def _check_size(picture: Picture, path: Path, before: list[Picture], paths: list[Path]) -> None:
    if not before:
        if picture.size * len(paths) > MAX_BYTES:
            raise DataFormatError(
                f"{path}: {len(paths):,} pictures of {picture.shape[1]} × {picture.shape[0]} need "
                f"more than {MAX_BYTES:,} bytes; give a smaller size to bring them to"
            )
    elif picture.shape[:2] != before[0].shape[:2]:
        (old_height, old_width), (height, width) = before[0].shape[:2], picture.shape[:2]
        raise DataFormatError(
            f"{path}: expected {old_width} × {old_height} pixels as in {paths[0]}, "
            f"got {width} × {height}; give a size to bring them all to"
        )


def _class_names(folder: Path) -> tuple[str, ...]:
    names = [entry.name for entry in _folders(folder)]
    if not names:
        raise DataFormatError(f"{folder}: expected a folder of pictures for each class, got none")
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))  # 2 before 10
    return tuple(sorted(names))


def _folders(folder: Path) -> Iterator[Path]:
    if not folder.exists():
        raise DataNotFoundError(f"{folder}: no such folder")
    if not folder.is_dir():
        raise DataFormatError(f"{folder}: expected a folder, got a file")
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("."):
            yield entry


def _pictures(folder: Path) -> list[Path]:
    found = [
        entry
        for entry in folder.iterdir()
        if entry.suffix.lower() in _SUFFIXES and not entry.name.startswith(".")
    ]
    if not found:
        raise DataFormatError(f"{folder}: expected pictures such as name.png, got none")
    return sorted(found)
