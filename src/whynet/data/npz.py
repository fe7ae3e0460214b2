"""NumPy's .npz: a zip of arrays, as Keras hands out its data sets.

Arrays of Python objects are pickles, and unpickling runs whatever the file says: they are refused
by name, and NumPy's own loader, which could be talked into it, is not used at all.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whynet.data.arrays import (
    DIGITS,
    MOST_CLASSES,
    numbered_classes,
    to_images,
    to_labels,
)
from whynet.data.dataset import Dataset
from whynet.data.files import DEFLATE_RATIO, MAX_BYTES, StrPath, open_file
from whynet.errors import DataFormatError

if TYPE_CHECKING:
    from zipfile import ZipFile

_WHOLE = (("images", "labels"), ("x", "y"))
"""What the two arrays are called in a file that holds one set, best known name first."""


def npz_splits(path: StrPath) -> tuple[str, ...]:
    """Name the splits that a file keeps apart: "train" and "test", one of them, or none.

    Raises:
        DataNotFoundError: no such file.
        DataFormatError: not a readable zip.
    """
    with _Archive(path) as archive:
        return tuple(split for split in ("train", "test") if f"x_{split}" in archive.members)


def read_npz(
    path: StrPath,
    *,
    split: str | None = None,
    classes: Sequence[str] | None = None,
    name: str | None = None,
) -> Dataset:
    """Read pictures and their labels from an .npz file.

    Args:
        path: the file. It holds ``images`` and ``labels``, or ``x`` and ``y``; or, with a split,
            ``x_train`` and ``y_train``, ``x_test`` and ``y_test``. Capitals do not matter. Without
            an array of labels, the set has none.
        split: "train" or "test", or None if the file holds one set.
        classes: the names of the classes, in label order. If None, "0" to "9", or to the highest
            label of all splits if that is above; see `whynet.data.arrays.numbered_classes`.
        name: what to call the set; the file's name if None.

    Returns:
        The set. See `whynet.data.arrays.to_images` for the shapes and ranges that pictures may
        have in the file.

    Raises:
        DataNotFoundError: no such file.
        DataFormatError: not a zip, damaged, arrays missing, of a wrong type or shape, holding
            objects or impossible values, or claiming sizes that the file cannot hold.
    """
    with _Archive(path) as archive:
        pairs = _WHOLE if split is None else ((f"x_{split}", f"y_{split}"),)
        held = [pair for pair in pairs if pair[0] in archive.members]
        if not held:
            wanted = " or ".join(key for key, _ in pairs)
            names = ", ".join(sorted(archive.members)) or "nothing"
            raise DataFormatError(f"{path}: expected an array {wanted}, got {names}")
        images_key, labels_key = held[0]
        images = to_images(archive.read(images_key), f"{path} ({images_key})")
        labels = None
        if labels_key in archive.members:
            where = f"{path} ({labels_key})"
            found = archive.read(labels_key)
            if classes is None:
                classes = _classes(archive, found, labels_key)
            labels = to_labels(found, where, len(classes))
            if len(labels) != len(images):
                raise DataFormatError(
                    f"{where}: expected {len(images)} labels, one for each image, got {len(labels)}"
                )
    titles = DIGITS if classes is None else tuple(classes)
    return Dataset(images, labels, titles, name or archive.path.name)


def _classes(archive: _Archive, found: NDArray[Any], key: str) -> tuple[str, ...]:
    """Name the classes after the labels of all splits: a small one may lack the last classes."""
    others = [other for other in ("y_train", "y_test") if other in archive.members]
    pictures, highest = 0, 0
    for other in others if key in others else [key]:
        array = found if other == key else archive.read(other)
        try:
            labels = to_labels(array, other, MOST_CLASSES)
        except DataFormatError:
            continue  # whoever asks for this split will hear of it
        pictures += len(labels)
        highest = max(highest, int(labels.max(initial=0)))
    return numbered_classes(highest, pictures)


class _Archive:
    """An open .npz: its members by their names in small letters, read with every doubt."""

    def __init__(self, path: StrPath) -> None:
        self.path = Path(path)
        self.members: dict[str, str] = {}

    def __enter__(self) -> _Archive:
        import zipfile

        self._file = open_file(self.path)
        try:
            self._zip: ZipFile = zipfile.ZipFile(self._file)
        except Exception as error:  # zipfile lets a dozen kinds through on a damaged directory
            self._file.close()
            raise DataFormatError(f"{self.path}: is not a readable .npz (zip) file") from error
        for member in self._zip.namelist():
            if member.endswith(".npy"):
                self.members[member.removesuffix(".npy").lower()] = member
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def read(self, key: str) -> NDArray[Any]:
        """Return one array, having believed nothing that its headers say."""
        where = f"{self.path} ({key})"
        content = self._unpack(key, where)
        file = io.BytesIO(content)
        try:
            version = np.lib.format.read_magic(file)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, by_columns, dtype = read_header(file)
        except Exception as error:  # the header is Python text, and can go wrong in as many ways
            raise DataFormatError(f"{where}: the array's header is damaged") from error
        if dtype.hasobject or dtype.kind not in "biuf":
            raise DataFormatError(
                f"{where}: expected an array of plain numbers, got {dtype}; "
                "arrays of objects are pickles, which whynet never opens"
            )
        expected = math.prod(shape) * dtype.itemsize
        held = len(content) - file.tell()
        if expected != held or min(shape, default=0) < 0:
            raise DataFormatError(
                f"{where}: expected {expected:,} bytes for {dtype} of shape {shape}, got {held:,}"
            )
        array = np.frombuffer(content, dtype, offset=file.tell())
        return array.reshape(shape, order="F" if by_columns else "C")

    def _unpack(self, key: str, where: str) -> bytes:
        import zipfile

        member = self._zip.getinfo(self.members[key])
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataFormatError(f"{where}: expected a stored or deflated array, as NumPy writes")
        most = min(self.path.stat().st_size * DEFLATE_RATIO, MAX_BYTES)
        if member.file_size > most:
            raise DataFormatError(
                f"{where}: claims {member.file_size:,} bytes, expected {most:,} at the very most"
            )
        try:
            with self._zip.open(member) as file:
                # One byte more than claimed would be a lie, and zipfile checks the sum at the end.
                return file.read(member.file_size + 1)
        except Exception as error:  # damaged, cut short, encrypted: zipfile has a type for each
            raise DataFormatError(f"{where}: the zip file is damaged or cut short") from error
