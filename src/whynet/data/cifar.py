"""CIFAR-10's binary version: small colour photos in ten classes (A. Krizhevsky, 2009).

A batch is a row of records without any header: one byte for the label, then 1024 bytes of red,
1024 of green and 1024 of blue, each plane row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whynet.data.arrays import to_labels
from whynet.data.dataset import Dataset
from whynet.data.files import StrPath, open_bytes
from whynet.errors import DataFormatError

CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

_SIDE = 32
_RECORD = 1 + 3 * _SIDE * _SIDE
_MOST_RECORDS = 100_000  # the official batches have 10,000


def read_cifar10(batches: StrPath | Sequence[StrPath], *, name: str = "cifar10") -> Dataset:
    """Read one or more of CIFAR-10's binary batches, plain or gzip.

    Args:
        batches: a file such as ``data_batch_1.bin``, or several, which are put one after another.
        name: what to call the set.

    Returns:
        Images (n, 32, 32, 3) and their labels.

    Raises:
        DataNotFoundError: a file is missing.
        DataFormatError: a file is damaged, is no row of 3073-byte records, or has a label
            above 9.
    """
    paths = [batches] if not isinstance(batches, Sequence) or isinstance(batches, str) else batches
    sets = [_read_batch(path) for path in paths]
    images, labels = (np.concatenate(parts) for parts in zip(*sets, strict=True))
    return Dataset(images, labels, CIFAR10_CLASSES, name)


def _read_batch(path: StrPath) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    with open_bytes(path) as stream:
        content = stream.rest(limit=_MOST_RECORDS * _RECORD)
    if not len(content) or len(content) % _RECORD:
        raise DataFormatError(
            f"{path}: expected CIFAR-10 records of {_RECORD} bytes each, "
            f"got {len(content):,} bytes, which is no whole number of them"
        )
    records = content.reshape(-1, _RECORD)
    planes = records[:, 1:].reshape(-1, 3, _SIDE, _SIDE)
    images = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    return images, to_labels(records[:, 0], str(path), len(CIFAR10_CLASSES))


def cifar10_files(folder: StrPath, split: str) -> list[Path]:
    """Find the batches of a split, in order: ``data_batch_*.bin`` or ``test_batch*.bin``.

    ``.gz`` may follow; a batch that is there plain and packed counts once.
    """
    pattern = "data_batch_*.bin" if split == "train" else "test_batch*.bin"
    found = {path.name.removesuffix(".gz"): path for path in Path(folder).glob(pattern + ".gz")}
    found |= {path.name: path for path in Path(folder).glob(pattern)}
    return [found[name] for name in sorted(found)]
