"""Kaggle's CSV layout."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whynet.data import csv, read_csv, write_submission
from whynet.errors import DataFormatError, DataNotFoundError

HEADER = "label,pixel0,pixel1,pixel2,pixel3\n"


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "digits.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_training_file(write):
    data = read_csv(write(HEADER + "7,0,1,2,255\n0,9,8,7,6\n"))
    assert data.images.tolist() == [[[[0], [1]], [[2], [255]]], [[[9], [8]], [[7], [6]]]]
    assert data.known_labels.tolist() == [7, 0]
    assert data.name == "digits.csv"
    assert data.images.flags.writeable


def test_a_test_file_has_no_labels(write):
    data = read_csv(write("pixel0,pixel1,pixel2,pixel3\n0,1,2,3\n"))
    assert data.labels is None
    assert data.images.shape == (1, 2, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "7,0,1,2,255",
        "\ufeff" + HEADER + "7,0,1,2,255\n",
        HEADER.replace("\n", "\r\n") + "7,0,1,2,255\r\n\r\n",
        HEADER + '"7","0","1","2","255"\n',
        HEADER + "7.0, 0.0, 1.0, 2.0, 255.0\n",
        '"label","a","b","c","d"\n7,0,1,2,255\n\n\n',
        "label,0,1,2,3\n7,0,1,2,255\n",
    ],
)
def test_other_ways_to_write_the_same(write, text):
    data = read_csv(write(text))
    assert data.images.ravel().tolist() == [0, 1, 2, 255]
    assert data.known_labels.tolist() == [7]


BAD = {
    "ragged": (HEADER + "7,0,1,2,3\n7,0,1,2\n", "line 3: expected 5 columns, got 4"),
    "NaN": (HEADER + "7,0,1,nan,3\n", "line 2: pixel 2: .* got 'nan'"),
    "infinite": (HEADER + "7,0,1,inf,3\n", "got 'inf'"),
    "a fraction": (HEADER + "7,0,1,2.5,3\n", "got '2.5'"),
    "too bright": (HEADER + "7,0,1,256,3\n", "from 0 to 255, got '256'"),
    "negative": (HEADER + "7,-1,1,2,3\n", "pixel 0: .* got '-1'"),
    "a gap": (HEADER + "7,0,,2,3\n", "pixel 1: .* got ''"),
    "a word": (HEADER + "7,0,ink,2,3\n", "got 'ink'"),
    "a label too high": (HEADER + "10,0,1,2,3\n", "label: .* from 0 to 9, got '10'"),
    "a label that is a word": (HEADER + "seven,0,1,2,3\n", "label: .* got 'seven'"),
    "no square": ("1,2,3\n", "line 1: .*another square number.* got 3 columns"),
    "one column": ("hello\n", "got 1 columns"),
    "a submission": ("ImageId,Label\n1,7\n", "got 2 columns"),
    "only a header": (HEADER, "a line for each picture, got none"),
    "blank": ("\n\n", "a line for each picture, got none"),
    "bytes": (b"\x00\xff\xfe\x00" * 9, "got 1 columns"),
    "nothing": ("", "empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_name_the_line(write, case):
    text, message = BAD[case]
    with pytest.raises(DataFormatError, match=message) as caught:
        read_csv(write(text))
    assert "digits.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_one_endless_line_is_refused(write, monkeypatch):
    monkeypatch.setattr(csv, "_MOST_LINE", 100)
    with pytest.raises(DataFormatError, match="at most 100 characters"):
        read_csv(write("1," * 500))


def test_more_classes_can_be_named(write):
    data = read_csv(write(HEADER + "25,0,1,2,3\n"), classes="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert data.classes[25] == "Z"


def test_more_classes_are_counted_if_there_are_pictures_of_them(write):
    data = read_csv(write(HEADER + "".join(f"{label},0,1,2,3\n" for label in range(26))))
    assert data.classes == tuple(map(str, range(26)))
    with pytest.raises(DataFormatError, match=r"line 3: label: .* from 0 to 9, got '25'"):
        read_csv(write(HEADER + "1,0,1,2,3\n25,0,1,2,3\n2,0,1,2,3\n"))
    with pytest.raises(DataFormatError, match="from 0 to 1, got '2'"):
        read_csv(write(HEADER + "2,0,1,2,3\n" * 5), classes=("a", "b"))


@pytest.mark.parametrize("columns", [784, 785])
def test_counted_columns_are_names(write, columns):
    row = ",".join(["1"] * columns)
    data = read_csv(write(",".join(map(str, range(columns))) + f"\n{row}\n{row}\n"))
    assert len(data) == 2
    assert (data.labels is None) == (columns == 784)


def test_a_missing_file():
    with pytest.raises(DataNotFoundError):
        read_csv("gone.csv")


def test_a_submission_is_numbered_from_1(tmp_path):
    path = tmp_path / "submission.csv"
    write_submission(path, np.array([7, 0, 9]))
    assert path.read_bytes() == b"ImageId,Label\n1,7\n2,0\n3,9\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_submission_of_names(tmp_path):
    path = tmp_path / "submission.csv"
    write_submission(path, np.array([1, 0]), classes=("cat", 'a "dog", large'))
    assert path.read_text() == 'ImageId,Label\n1,"a ""dog"", large"\n2,cat\n'
    with pytest.raises(DataFormatError, match="from 0 to 1, got 2"):
        write_submission(path, np.array([2]), classes=("cat", "dog"))


@pytest.mark.parametrize("labels", [np.array([[1]]), np.array([0.5]), np.array([-1]), ["7"]])
def test_a_submission_needs_labels(tmp_path, labels):
    with pytest.raises(DataFormatError, match="whole numbers"):
        write_submission(tmp_path / "submission.csv", labels)
    assert not list(tmp_path.iterdir())


quietly = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quietly
@given(pixels=st.lists(st.lists(st.integers(0, 255), min_size=9, max_size=9), min_size=1))
def test_what_is_written_is_read(write, pixels):
    data = read_csv(write("".join(f"{len(row)},{','.join(map(str, row))}\n" for row in pixels)))
    assert data.images.reshape(-1, 9).tolist() == pixels
    assert set(data.known_labels.tolist()) == {9}


@quietly
@given(text=st.text('0123456789,.\n\r- ae"', min_size=1) | st.binary(min_size=1))
def test_noise_is_never_another_error(write, text):
    with suppress(DataFormatError):
        read_csv(write(text))
