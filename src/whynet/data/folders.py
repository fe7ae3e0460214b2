"""Folders of pictures, one folder a class: ``cats/001.png``, ``dogs/001.png``.

A folder may keep ``train/`` and ``test/`` apart, each with the same class folders inside.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whynet.data.dataset import Dataset
from whynet.data.files import MAX_BYTES, StrPath, is_folder
from whynet.data.pictures import MAX_PIXELS, Picture, fit, read_picture
from whynet.errors import ConfigError, DataFormatError, DataNotFoundError

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
        ConfigError: ``size`` is less than a pixel.
        DataNotFoundError: no such folder.
        DataFormatError: no classes, a class without pictures, a file that is no picture, or
            pictures of different sizes though ``size`` is None.
    """
    if size is not None and min(size if isinstance(size, tuple) else (size,)) < 1:
        raise ConfigError(f"expected a size of at least 1 pixel, got {size}")
    root = Path(folder)
    inside = root / split if split else root
    classes = _class_names(root / "train" if split and is_folder(root / "train") else inside)
    strangers = set(_class_names(inside)) - set(classes)
    if strangers:
        raise DataFormatError(
            f"{inside}: expected only classes that {root / 'train'} has, "
            f"got {', '.join(sorted(strangers))}"
        )
    paths: list[Path] = []
    labels: list[int] = []
    for label, title in enumerate(classes):
        if is_folder(inside / title):
            found = _picture_files(inside / title)
            paths += found
            labels += [label] * len(found)
    pictures = _read_alike(paths, size, max_pixels)
    channels = max(picture.shape[2] for picture in pictures)
    height, width, _ = pictures[0].shape
    images = np.empty((len(pictures), height, width, channels), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[:] = picture  # one channel spreads over three
    return Dataset(images, np.array(labels, np.int64), classes, name or root.resolve().name)


def _read_alike(
    paths: list[Path], size: int | tuple[int, int] | None, max_pixels: int
) -> list[Picture]:
    """Read pictures and bring them to one size, or see to it that they have one."""
    pictures: list[Picture] = []
    for path in paths:
        picture = read_picture(path, max_pixels=max_pixels)
        if size is not None:
            picture = fit(picture, *((size, size) if isinstance(size, int) else size))
        height, width, _ = picture.shape
        if not pictures:
            first_height, first_width = height, width
            if picture.size * len(paths) > MAX_BYTES:
                raise DataFormatError(
                    f"{path}: {len(paths):,} pictures of {width} × {height} need more than "
                    f"{MAX_BYTES:,} bytes; give a smaller size (--size) to bring them to"
                )
        elif (height, width) != (first_height, first_width):
            raise DataFormatError(
                f"{path}: expected {first_width} × {first_height} pixels as in {paths[0]}, "
                f"got {width} × {height}; give a size (--size) to bring them all to"
            )
        pictures.append(picture)
    return pictures


def _class_names(folder: Path) -> tuple[str, ...]:
    names = [entry.name for entry in _folders(folder)]
    if not names:
        raise DataFormatError(f"{folder}: expected a folder of pictures for each class, got none")
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))  # 2 before 10
    return tuple(sorted(names))


def _folders(folder: Path) -> list[Path]:
    return [entry for entry in _entries(folder) if entry.is_dir()]


def _picture_files(folder: Path) -> list[Path]:
    found = [entry for entry in _entries(folder) if entry.suffix.lower() in _SUFFIXES]
    if not found:
        raise DataFormatError(f"{folder}: expected pictures such as name.png, got none")
    return found


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder and is not hidden, in order: no two systems list alike."""
    if not is_folder(folder):
        if folder.exists():
            raise DataFormatError(f"{folder}: expected a folder, got a file")
        raise DataNotFoundError(f"{folder}: no such folder")
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise DataNotFoundError(f"{folder}: cannot be read ({error.strerror})") from error
