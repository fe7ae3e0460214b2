"""IDX files: round trips, and every way to be broken."""

import gzip
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from whynet.data import read_idx, read_idx_set, write_idx
from whynet.data.idx import idx_files
from whynet.errors import DataFormatError, DataNotFoundError

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
per_example = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("name", ["array", "array.gz"])
@per_example
@given(
    array=hnp.arrays(
        st.sampled_from(["u1", "i1", ">i2", "<i4", "<f4", ">f8"]),
        hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
    )
)
def test_what_is_written_is_read(tmp_path, name, array):
    write_idx(tmp_path / name, array)
    back = read_idx(tmp_path / name)
    assert back.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(back, array)


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "x", np.array([[1, -2]], np.int16))
    expected = bytes([0, 0, 0x0B, 2]) + struct.pack(">IIhh", 1, 2, 1, -2)
    assert (tmp_path / "x").read_bytes() == expected


def test_a_gzip_is_the_same_each_time(tmp_path):
    write_idx(tmp_path / "a.gz", IMAGES)
    write_idx(tmp_path / "b.gz", IMAGES)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_types_that_idx_does_not_know_are_not_written(tmp_path):
    with pytest.raises(DataFormatError, match="int64"):
        write_idx(tmp_path / "x", np.zeros(3, np.int64))
    with pytest.raises(DataFormatError, match="rank 1"):
        write_idx(tmp_path / "x", np.array(3, np.uint8))
    assert not list(tmp_path.iterdir())


HEADER = bytes([0, 0, 8, 3]) + struct.pack(">III", 2, 3, 4)
BAD = {
    "a wrong magic number": (b"\x00\x01" + HEADER[2:] + bytes(24), "expected an IDX file"),
    "a type that is none": (b"\x00\x00\x07\x03" + HEADER[4:] + bytes(24), "expected an IDX file"),
    "rank 0": (bytes([0, 0, 8, 0, 5]), "expected an IDX file"),
    "text": (b"label,pixel0\n", "expected an IDX file"),
    "half a magic number": (b"\x00\x00", "magic number"),
    "a header cut short": (HEADER[:9], "12 bytes of sizes"),
    "numbers cut short": (HEADER + bytes(23), "24 bytes of numbers"),
    "one byte too many": (HEADER + bytes(25), "more bytes"),
    "terabytes": (bytes([0, 0, 8, 3]) + b"\xff" * 12 + bytes(9), "at the very most"),
    "terabytes in a gzip": (
        gzip.compress(bytes([0, 0, 8, 3]) + b"\x7f" * 12 + bytes(9), mtime=0),
        "at the very most",
    ),
    "200 dimensions": (bytes([0, 0, 8, 200]) + struct.pack(">I", 1) * 200 + b"x", "dimensions"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_end_in_one_sentence(tmp_path, case):
    content, message = BAD[case]
    (tmp_path / "bad.idx").write_bytes(content)
    with pytest.raises(DataFormatError, match=message) as caught:
        read_idx(tmp_path / "bad.idx")
    assert "bad.idx" in str(caught.value)
    assert "\n" not in str(caught.value)


@per_example
@given(data=st.data())
def test_a_damaged_gzip_gives_the_same_array_or_a_data_format_error(tmp_path, data):
    write_idx(tmp_path / "x.gz", IMAGES)
    content = bytearray((tmp_path / "x.gz").read_bytes())
    if data.draw(st.booleans(), "cut"):
        del content[data.draw(st.integers(0, len(content) - 1), "at") :]
    else:
        content[data.draw(st.integers(0, len(content) - 1), "at")] ^= data.draw(st.integers(1, 255))
    (tmp_path / "x.gz").write_bytes(content)
    try:
        back = read_idx(tmp_path / "x.gz")
    except DataFormatError:
        return
    np.testing.assert_array_equal(back, IMAGES)


@per_example
@given(content=st.binary(max_size=60), honest_start=st.booleans())
def test_noise_is_never_another_error(tmp_path, content, honest_start):
    (tmp_path / "x").write_bytes(bytes([0, 0, 8, 1]) * honest_start + content)
    with suppress(DataFormatError):
        read_idx(tmp_path / "x")


def test_a_pair_becomes_a_dataset(tmp_path):
    write_idx(tmp_path / "i", IMAGES)
    write_idx(tmp_path / "l", np.array([7, 0], np.uint8))
    data = read_idx_set(tmp_path / "i", tmp_path / "l", name="two")
    assert data.images.shape == (2, 3, 4, 1)
    assert data.known_labels.tolist() == [7, 0]
    assert data.images.flags.writeable


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES, np.array([7, 0, 1], np.uint8), "expected 2 labels"),
        (IMAGES, np.array([7, 10], np.uint8), "labels from 0 to 9, got 10 at row 1"),
        (IMAGES, IMAGES, "one whole number for each label"),
        (IMAGES[0], np.array([7, 0, 1], np.uint8), "rank 3"),
        (IMAGES.astype(np.int16), np.array([7, 0], np.uint8), "uint8"),
        (IMAGES[:, :, :0], np.array([7, 0], np.uint8), "at least one pixel"),
    ],
)
def test_pairs_that_do_not_fit_are_refused(tmp_path, images, labels, message):
    write_idx(tmp_path / "i", images)
    write_idx(tmp_path / "l", labels)
    with pytest.raises(DataFormatError, match=message):
        read_idx_set(tmp_path / "i", tmp_path / "l", name="two")


def test_files_are_found_under_all_their_names(tmp_path):
    assert idx_files(tmp_path, "train") is None
    (tmp_path / "train-images.idx3-ubyte").touch()
    (tmp_path / "train-labels-idx1-ubyte.gz").touch()
    pair = idx_files(tmp_path, "train")
    assert pair is not None
    assert [path.name for path in pair] == ["train-images.idx3-ubyte", "train-labels-idx1-ubyte.gz"]
    assert idx_files(tmp_path, "test") is None


def test_mnist_itself(data_dir):
    images = read_idx(data_dir / "mnist" / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(data_dir / "mnist" / "t10k-labels-idx1-ubyte.gz")
    assert images.shape == (10_000, 28, 28)
    assert np.bincount(labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(DataNotFoundError, match="no such file"):
        read_idx(tmp_path / "gone")
