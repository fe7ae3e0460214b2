"""CIFAR-10's binary batches."""

import gzip

import numpy as np
import pytest

from whynet.data import cifar, read_cifar10
from whynet.data.cifar import CIFAR10_CLASSES, cifar10_files
from whynet.errors import DataFormatError, DataNotFoundError


def record(label, red, green, blue):
    return bytes([label]) + bytes([red]) * 1024 + bytes([green]) * 1024 + bytes([blue]) * 1024


def test_planes_become_channels(tmp_path):
    first = bytearray(record(3, 10, 20, 30))
    first[1 + 33] = 99  # red, second row, second column
    (tmp_path / "b.bin").write_bytes(bytes(first) + record(9, 1, 2, 3))
    data = read_cifar10(tmp_path / "b.bin")
    assert data.images.shape == (2, 32, 32, 3)
    assert data.images[0, 1, 1].tolist() == [99, 20, 30]
    assert data.images[1, 5, 7].tolist() == [1, 2, 3]
    assert [data.classes[label] for label in data.known_labels] == ["cat", "truck"]


def test_batches_are_joined_in_order_and_may_be_packed(tmp_path):
    (tmp_path / "data_batch_2.bin").write_bytes(record(2, 0, 0, 0))
    (tmp_path / "data_batch_1.bin.gz").write_bytes(gzip.compress(record(1, 0, 0, 0)))
    (tmp_path / "data_batch_2.bin.gz").write_bytes(b"the same again, which must not count twice")
    data = read_cifar10(cifar10_files(tmp_path, "train"))
    assert data.known_labels.tolist() == [1, 2]
    assert cifar10_files(tmp_path, "test") == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (record(3, 1, 2, 3)[:-1], "records of 3073 bytes each, got 3,072 bytes"),
        (gzip.compress(b"", mtime=0), "got 0 bytes"),
        (gzip.compress(record(3, 1, 2, 3), mtime=0)[:-4], "damaged or cut short"),
        (record(10, 1, 2, 3), "labels from 0 to 9, got 10"),
        (b"", "empty"),
    ],
)
def test_bad_batches(tmp_path, content, message):
    (tmp_path / "b.bin").write_bytes(content)
    with pytest.raises(DataFormatError, match=message):
        read_cifar10(tmp_path / "b.bin")
    with pytest.raises(DataNotFoundError):
        read_cifar10(tmp_path / "gone.bin")


def test_a_gzip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "_MOST_RECORDS", 10)
    (tmp_path / "b.bin").write_bytes(gzip.compress(bytes(3073 * 11)))
    with pytest.raises(DataFormatError, match="at most 30,730 bytes"):
        read_cifar10(tmp_path / "b.bin")


def test_cifar10_itself(data_dir):
    data = read_cifar10(cifar10_files(data_dir / "cifar10", "test")[0])
    counts = np.bincount(data.known_labels, minlength=len(CIFAR10_CLASSES))
    assert counts.min() > 80
    assert 100 < data.images.mean() < 140
