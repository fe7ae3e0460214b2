"""Bounded reading and atomic writing."""

import errno
import gzip
import os

import pytest

from whynet.data.files import open_bytes, write_atomically
from whynet.errors import DataFormatError, DataNotFoundError


def test_a_gzip_is_known_by_its_beginning_and_not_by_its_name(tmp_path):
    (tmp_path / "packed").write_bytes(gzip.compress(b"whynet"))
    (tmp_path / "plain.gz").write_bytes(b"whynet")
    for name in ("packed", "plain.gz"):
        with open_bytes(tmp_path / name) as stream:
            assert stream.take(6, "text").tobytes() == b"whynet"
            stream.end("text")


def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(DataNotFoundError, match="gone: no such file"), open_bytes("gone"):
        pass
    with (
        pytest.raises(DataFormatError, match="expected a file, got a folder"),
        open_bytes(tmp_path),
    ):
        pass
    with pytest.raises(DataFormatError, match="empty"), open_bytes(tmp_path / "empty"):
        pass


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")

    def refuse(path, mode):  # by hand, since root may read whatever its mode says
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(DataNotFoundError, match="cannot be read"), open_bytes(secret):
        pass


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda b: b[:12], lambda b: b[:-5] + b"12345"]
)
def test_a_damaged_gzip_is_refused(tmp_path, damage):
    path = tmp_path / "x.gz"
    path.write_bytes(damage(gzip.compress(bytes(range(256)) * 9)))

    def read():
        with open_bytes(path) as stream:
            stream.take(256 * 9, "bytes")
            stream.end("bytes")

    with pytest.raises(DataFormatError, match="damaged or cut short"):
        read()


def test_no_more_is_believed_than_deflate_could_hold(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"small"))
    with (
        pytest.raises(DataFormatError, match="1,000,000 bytes of pixels"),
        open_bytes(path) as stream,
    ):
        stream.take(1_000_000, "pixels")


def test_a_gzip_bomb_is_read_no_further_than_the_limit(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(10_000_000)))
    with pytest.raises(DataFormatError, match="at most 1,000 bytes"), open_bytes(path) as stream:
        stream.rest(limit=1_000)


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "result"
    path.write_bytes(b"old")

    def write_half():
        with write_atomically(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with write_atomically(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_into_a_folder_that_is_not_there_says_so(tmp_path):
    with (
        pytest.raises(DataNotFoundError, match="cannot be written"),
        write_atomically(tmp_path / "gone" / "file"),
    ):
        pass


def test_a_device_or_a_folder_is_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(DataNotFoundError, match="cannot be written"), write_atomically(path):
            pass
    assert pipe.is_fifo()
