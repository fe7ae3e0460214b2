"""CSV in the layout of Kaggle's digit recogniser.

    train.csv        label,pixel0,pixel1,...,pixel783     a digit a line, its label first
    test.csv         pixel0,pixel1,...,pixel783           the same without labels
    submission.csv   ImageId,Label                        the answers, numbered from 1

`read_csv` reads the first two, `write_submission` writes the third.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike

from whynet.data.arrays import MOST_CLASSES, numbered_classes
from whynet.data.dataset import Dataset
from whynet.data.files import MAX_BYTES, StrPath, open_file, write_atomically
from whynet.errors import DataFormatError

_MOST_LINE = 2**20  # a picture of 500 × 500; without this, a file without line ends is one line
_QUOTES = b' \t"'


def read_csv(
    path: StrPath, *, classes: Sequence[str] | None = None, name: str | None = None
) -> Dataset:
    """Read square grey pictures from a CSV file, a line each.

    The number of columns tells whether there are labels: a square number of pixels, or one more
    with the label first. A line with the columns' names may come first.

    Args:
        path: the file.
        classes: the names of the classes, in label order. If None, "0" to "9", or to the highest
            label if that is above; see `whynet.data.arrays.numbered_classes`.
        name: what to call the set; the file's name if None.

    Returns:
        Images (n, side, side, 1); ``labels`` is None if the file has none.

    Raises:
        DataNotFoundError: no such file.
        DataFormatError: names the line: a wrong number of columns, a pixel that is no whole
            number from 0 to 255, or a label that is no class.
    """
    pixels = bytearray()
    labels: list[int] = []
    highest, highest_at = -1, ""
    most = (MOST_CLASSES if classes is None else len(classes)) - 1
    columns = side = 0
    with open_file(path) as file:
        for number, fields in _rows(file, str(path)):
            where = f"{path}, line {number}"
            if not columns:
                columns = len(fields)
                side = _side(columns, where)
                labelled = columns != side * side
                if _is_header(fields, labelled=labelled):
                    continue
            if len(fields) != columns:
                raise DataFormatError(f"{where}: expected {columns} columns, got {len(fields)}")
            if labelled:
                label = _whole(fields.pop(0), most, f"{where}: label")
                labels.append(label)
                if label > highest:
                    highest, highest_at = label, where
            try:
                pixels += bytes(map(int, fields))  # refuses all but 0 to 255, at C's speed
            except ValueError:
                pixels += bytes(
                    _whole(field, 255, f"{where}: pixel {column}")
                    for column, field in enumerate(fields)
                )
            if len(pixels) > MAX_BYTES:
                raise DataFormatError(f"{path}: expected at most {MAX_BYTES:,} pixels, got more")
    if not pixels:
        raise DataFormatError(f"{path}: expected a line for each picture, got none")
    if classes is None:
        classes = numbered_classes(highest, len(labels))
        if highest >= len(classes):
            raise DataFormatError(
                f"{highest_at}: label: expected a whole number from 0 to {len(classes) - 1}, "
                f"got '{highest}'"
            )
    images = np.frombuffer(pixels, np.uint8).reshape(-1, side, side, 1)
    answers = np.array(labels, np.int64) if labelled else None
    return Dataset(images, answers, tuple(classes), name or Path(path).name)


def write_submission(
    path: StrPath, labels: ArrayLike, *, classes: Sequence[str] | None = None
) -> None:
    """Write predicted digits as Kaggle wants them, atomically: ``ImageId,Label`` from 1.

    Args:
        path: the file to make or to replace.
        labels: (n,) whole numbers from 0.
        classes: what to write for each of them; the number itself if None.

    Raises:
        DataFormatError: ``labels`` has another shape, or holds anything else.
        DataNotFoundError: the folder is missing, or may not be written to.
    """
    answers = np.asarray(labels)
    if answers.ndim != 1 or answers.dtype.kind not in "iu" or (answers < 0).any():
        raise DataFormatError(
            f"{path}: expected labels as whole numbers from 0 of shape (n,), "
            f"got {answers.dtype} of shape {answers.shape}"
        )
    if classes is not None and len(answers) and answers.max() >= len(classes):
        raise DataFormatError(
            f"{path}: expected labels from 0 to {len(classes) - 1}, got {answers.max()}"
        )
    lines = [
        f"{number},{label if classes is None else _quoted(classes[label])}\n"
        for number, label in enumerate(answers.tolist(), start=1)
    ]
    with write_atomically(path) as file:
        file.write("".join(["ImageId,Label\n", *lines]).encode())


def _quoted(text: str) -> str:
    """Put quotes around what would otherwise be taken for several fields or lines."""
    if not any(sign in text for sign in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def _rows(file: BinaryIO, path: str) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the number and the fields of every line that is not blank."""
    number = 0
    while line := file.readline(_MOST_LINE + 1):
        number += 1
        if len(line) > _MOST_LINE:
            raise DataFormatError(
                f"{path}, line {number}: expected at most {_MOST_LINE:,} characters, got more"
            )
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # Excel's mark for UTF-8
        if line.strip():
            yield number, line.rstrip(b"\r\n").split(b",")


def _side(columns: int, where: str) -> int:
    for pixels in (columns, columns - 1):
        side = math.isqrt(pixels)
        if side >= 2 and side * side == pixels:
            return side
    raise DataFormatError(
        f"{where}: expected 784 pixel columns or another square number, "
        f"with a label column before them or without, got {columns} columns"
    )


def _is_header(fields: list[bytes], *, labelled: bool) -> bool:
    """Tell the columns' names from a picture; names may be numbers, too, as pandas gives them."""
    if labelled and not _is_number(fields[0]):
        return True
    if not any(map(_is_number, fields)):
        return True
    # Counted columns: beyond 255, these cannot be pixels.
    counted = [field.strip(_QUOTES) for field in fields]
    return len(fields) > 256 and counted == [b"%d" % number for number in range(len(fields))]


def _is_number(field: bytes) -> bool:
    try:
        float(field.strip(_QUOTES))
    except ValueError:
        return False
    return True


def _whole(field: bytes, most: int, where: str) -> int:
    """Read a field that may be quoted or written like 7.0, or say what is wrong with it."""
    try:
        value = float(field.strip(_QUOTES))
        if 0 <= value <= most and value == int(value):
            return int(value)
    except ValueError:
        pass
    text = field[:20].decode(errors="replace")
    raise DataFormatError(f"{where}: expected a whole number from 0 to {most}, got {text!r}")
