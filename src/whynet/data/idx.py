"""IDX, the format of MNIST: a magic number, the sizes, then the numbers, all big-endian.

    bytes 0-1   zero
    byte  2     the type: 8 for bytes, up to 14 for 64-bit floats
    byte  3     the rank: how many dimensions
    4 each      the size of every dimension
    the rest    the numbers, last dimension fastest

MNIST's images have rank 3, (n, height, width), and its labels rank 1, (n,).
http://yann.lecun.com/exdb/mnist describes it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.data.arrays import DIGITS, to_images, to_labels
from whynet.data.dataset import Dataset
from whynet.data.files import StrPath, open_bytes, write_atomically
from whynet.errors import DataFormatError

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: StrPath) -> NDArray[Any]:
    """Read an IDX file of any rank, plain or gzip.

    Returns:
        The array in the shape that the file gives it, in this machine's byte order: uint8 for
        images and labels; int8, int16, int32, float32 or float64 where the file says so.

    Raises:
        DataNotFoundError: no such file.
        DataFormatError: not an IDX file, truncated, too long, damaged, or its header promises
            more than the file can hold.
    """
    with open_bytes(path) as stream:
        first, second, code, rank = stream.take(4, "magic number").tolist()
        dtype = _TYPES.get(code)
        if first or second or dtype is None or not rank:
            raise DataFormatError(
                f"{stream.path}: expected an IDX file, which begins with the bytes 0 0, a type "
                f"from 8 to 14 and a rank from 1, got {first} {second} {code} {rank}"
            )
        sizes = stream.take(4 * rank, "sizes").view(">u4").tolist()
        numbers = stream.take(math.prod(sizes) * np.dtype(dtype).itemsize, "numbers")
        stream.end("numbers")
    try:
        array = numbers.view(dtype).reshape(sizes)
    except ValueError as error:  # NumPy stops at 64 dimensions
        raise DataFormatError(f"{path}: expected fewer dimensions, got {rank}") from error
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def write_idx(path: StrPath, array: NDArray[Any]) -> None:
    """Write ``array`` as an IDX file, atomically; as a gzip if the name ends in ``.gz``.

    Args:
        path: the file to make or to replace.
        array: rank 1 to 255; uint8, int8, int16, int32, float32 or float64.

    Raises:
        DataFormatError: IDX has no code for such a type or rank.
    """
    import gzip

    codes = {np.dtype(name).newbyteorder("="): code for code, name in _TYPES.items()}
    code = codes.get(array.dtype.newbyteorder("="))
    if code is None or not 1 <= array.ndim <= 255 or max(array.shape) >= 2**32:
        raise DataFormatError(
            f"{path}: expected uint8, int8, int16, int32, float32 or float64 of rank 1 or more "
            f"for an IDX file, got {array.dtype} of shape {array.shape}"
        )
    header = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + array.astype(_TYPES[code]).tobytes()
    if str(path).endswith(".gz"):
        content = gzip.compress(content, mtime=0)  # no clock in it: same array, same bytes
    with write_atomically(path) as file:
        file.write(content)


def read_idx_set(
    images: StrPath, labels: StrPath, *, name: str, classes: Sequence[str] = DIGITS
) -> Dataset:
    """Read a pair of IDX files, one of images and one of labels, as a `Dataset`.

    Args:
        images: uint8 of rank 3, (n, height, width), or rank 4 with the channels last.
        labels: uint8 of rank 1, (n,).
        name: what to call the set.
        classes: the names of the classes, in label order.

    Raises:
        DataNotFoundError: one of the files is missing.
        DataFormatError: as for `read_idx`, or the two do not fit each other or ``classes``.
    """
    pictures = read_idx(images)
    if pictures.dtype != np.uint8 or pictures.ndim not in (3, 4):
        raise DataFormatError(
            f"{images}: expected uint8 images of rank 3, "
            f"got {pictures.dtype} of shape {pictures.shape}"
        )
    answers = to_labels(read_idx(labels), str(labels), len(classes))
    if len(answers) != len(pictures):
        raise DataFormatError(
            f"{labels}: expected {len(pictures)} labels, one for each image in {images}, "
            f"got {len(answers)}"
        )
    return Dataset(to_images(pictures, str(images)), answers, tuple(classes), name)


def idx_files(folder: StrPath, split: str) -> tuple[Path, Path] | None:
    """Find the images and the labels of a split by the names that MNIST gave them.

    These are ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``, with ``t10k`` for the
    test set; ``.gz`` may follow, and some tools write a dot before ``idx``.

    Returns:
        The two paths, or None if one of them is missing.
    """
    prefix = "train" if split == "train" else "t10k"
    found = []
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        stem = f"{prefix}-{kind}"
        names = (stem, f"{stem}.gz", stem.replace("-idx", ".idx"))
        found += [path for name in names if (path := Path(folder) / name).is_file()][:1]
    return (found[0], found[1]) if len(found) == 2 else None
