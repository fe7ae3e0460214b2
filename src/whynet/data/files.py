"""Opening files that may be anything: bounded, gzip or plain, and written all or not at all.

A data file comes from strangers. What a reader here may rely on: it never holds more bytes than
the file can honestly contain, and every way in which a file can be broken ends in one sentence.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from whynet.errors import DataFormatError, DataNotFoundError

StrPath = str | os.PathLike[str]

MAX_BYTES = 2**31
"""No reader holds more than this of one file: three times the largest digit set there is."""

DEFLATE_RATIO = 1032
"""Deflate, the method inside gzip and zip, cannot shrink anything further than this."""


def is_folder(path: StrPath) -> bool:
    """Whether a folder is there. A name that no system allows is none, rather than an error."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False


def existing_file(path: StrPath) -> Path:
    """Return ``path`` as a `Path`, sure that a file with something in it is there.

    Raises:
        DataNotFoundError: nothing is there.
        DataFormatError: it is a folder, or a file of 0 bytes.
    """
    path = Path(path)
    if is_folder(path):
        raise DataFormatError(f"{path}: expected a file, got a folder")
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise DataNotFoundError(f"{path}: no such file") from error
    if size == 0:
        raise DataFormatError(f"{path}: the file is empty (0 bytes)")
    return path


def open_file(path: StrPath) -> io.BufferedReader:
    """Open a file that `existing_file` approves of.

    Raises:
        DataNotFoundError: nothing is there, or it may not be read.
        DataFormatError: it is a folder, or a file of 0 bytes.
    """
    path = existing_file(path)
    try:
        return path.open("rb")
    except OSError as error:
        raise DataNotFoundError(f"{path}: cannot be read ({error.strerror})") from error


@dataclass(frozen=True)
class ByteStream:
    """The bytes of one file, unpacked if it was a gzip, taken in the order in which they lie.

    Attributes:
        path: the file, for messages.
        file: where the bytes come from.
        most: how many bytes there can be at most, judging by the size of the file.
    """

    path: Path
    file: io.BufferedIOBase
    most: int

    def take(self, count: int, what: str) -> NDArray[np.uint8]:
        """Return the next ``count`` bytes, (count,) uint8 and writable.

        Args:
            count: how many; refused before any memory is asked for if there cannot be so many.
            what: the name of these bytes in an error, such as "pixels".

        Raises:
            DataFormatError: the file ends too early.
        """
        if count > self.most:
            raise DataFormatError(
                f"{self.path}: expected {count:,} bytes of {what}, "
                f"got a file that holds {self.most:,} at the very most"
            )
        taken = np.empty(count, np.uint8)
        view = taken.data
        filled = 0
        while filled < count:
            step = self.file.readinto(view[filled:])
            if not step:
                raise DataFormatError(
                    f"{self.path}: the file is truncated: "
                    f"expected {count:,} bytes of {what}, got {filled:,}"
                )
            filled += step
        return taken

    def end(self, what: str) -> None:
        """Make sure that nothing follows; for a gzip, this also compares its checksum.

        Raises:
            DataFormatError: more bytes follow ``what``, or the checksum does not hold.
        """
        if self.file.read(1):
            raise DataFormatError(
                f"{self.path}: expected the file to end after its {what}, got more bytes"
            )

    def rest(self, limit: int) -> NDArray[np.uint8]:
        """Return all that is left, (n,) uint8.

        Args:
            limit: more bytes than this are refused, and never held.

        Raises:
            DataFormatError: there are more, or they are damaged.
        """
        content = self.file.read(limit + 1)
        if len(content) > limit:
            raise DataFormatError(f"{self.path}: expected at most {limit:,} bytes, got more")
        return np.frombuffer(content, np.uint8)


@contextmanager
def open_bytes(path: StrPath) -> Iterator[ByteStream]:
    """Open a file to read its bytes, unpacking it if it begins as a gzip does.

    The beginning decides, not the name: browsers and mirrors unpack files or rename them.

    Raises:
        DataNotFoundError: the file is missing or may not be read.
        DataFormatError: a folder, an empty file or a damaged gzip, also while the block runs.
    """
    import gzip
    import zlib

    path = Path(path)
    with open_file(path) as raw:
        size = path.stat().st_size
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not packed:
            yield ByteStream(path, raw, min(size, MAX_BYTES))
            return
        try:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                most = min(size * DEFLATE_RATIO, MAX_BYTES)
                yield ByteStream(path, unpacked, most)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataFormatError(f"{path}: the gzip file is damaged or cut short") from error


@contextmanager
def write_atomically(path: StrPath) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of ``path`` only once all of it is written.

    Whoever looks sees the old file or the whole new one, whatever happens in between.

    Raises:
        DataNotFoundError: the folder is missing, may not be written to, or ``path`` is no file.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise DataNotFoundError(f"{path}: cannot be written (a folder, a device or a pipe)")
    unfinished = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        file = unfinished.open("xb")
    except OSError as error:
        raise DataNotFoundError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        with file:
            yield file
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
