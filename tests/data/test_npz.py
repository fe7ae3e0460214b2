"""NumPy's .npz: Keras's names, plain names, and nothing that runs code."""

import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whynet.data import read_npz
from whynet.data.npz import npz_splits
from whynet.errors import DataFormatError, DataNotFoundError

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 5, 5), np.uint8)
LABELS = np.array([3, 1, 4, 1])


def test_keras_names_are_splits(tmp_path):
    path = tmp_path / "k.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:1], y_test=LABELS[:1])
    assert npz_splits(path) == ("train", "test")
    train, test = read_npz(path, split="train"), read_npz(path, split="test")
    assert train.images.shape == (4, 5, 5, 1)
    assert (train.name, len(test)) == ("k.npz", 1)


@pytest.mark.parametrize("keys", [("images", "labels"), ("x", "y"), ("X", "Y")])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_one_set_under_its_usual_names(tmp_path, keys, save):
    path = tmp_path / "one.npz"
    save(path, **dict(zip(keys, (IMAGES, LABELS), strict=True)))
    data = read_npz(path)
    assert npz_splits(path) == ()
    np.testing.assert_array_equal(data.images[..., 0], IMAGES)
    np.testing.assert_array_equal(data.known_labels, LABELS)


def test_labels_may_be_missing(tmp_path):
    np.savez(tmp_path / "x.npz", x=IMAGES)
    assert read_npz(tmp_path / "x.npz").labels is None


def test_more_classes_are_counted_over_both_splits(tmp_path):
    path, labels = tmp_path / "letters.npz", np.arange(40) % 26
    images = np.zeros((40, 4, 4), np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images[:3], y_test=labels[:3])
    for split in ("train", "test"):
        assert read_npz(path, split=split).classes == tuple(map(str, range(26)))
    with pytest.raises(DataFormatError, match="from 0 to 9"):
        read_npz(path, split="train", classes=tuple("0123456789"))


def test_an_array_stored_by_columns_keeps_its_order(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.asfortranarray(IMAGES))
    np.testing.assert_array_equal(read_npz(tmp_path / "x.npz").images[..., 0], IMAGES)


def _npy(header: str, content: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def _zip(path, member, content, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr(member, content)


def test_a_pickle_is_refused_and_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("the pickle was opened",)

    header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
    _zip(tmp_path / "trap.npz", "x.npy", _npy(header, pickle.dumps([Trap()])))
    with pytest.raises(DataFormatError, match="never opens"):
        read_npz(tmp_path / "trap.npz")


FLAT = "{'descr': '|u1', 'fortran_order': False, 'shape': %s}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_npy(FLAT % "(9999999, 999, 999)", bytes(9)), "expected 9,980,0.* bytes .* got 9"),
        (_npy(FLAT % "(2, 2, 2)", bytes(7)), "expected 8 bytes .* got 7"),
        (_npy(FLAT % "(2, 2, 2)", bytes(9)), "expected 8 bytes .* got 9"),
        (_npy(FLAT % "(-1, -4, 2)", bytes(8)), "header is damaged|expected 8 bytes"),
        (
            _npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", bytes(4)),
            "plain numbers",
        ),
        (_npy("[" * 9000), "header is damaged"),
        (_npy("__import__('os')"), "header is damaged"),
        (b"\x93NUMPY\x09\x00", "header is damaged"),
        (b"", "header is damaged"),
    ],
)
def test_arrays_that_lie_are_refused(tmp_path, content, message):
    _zip(tmp_path / "bad.npz", "images.npy", content)
    with pytest.raises(DataFormatError, match=message) as caught:
        read_npz(tmp_path / "bad.npz")
    assert str(caught.value).startswith(f"{tmp_path / 'bad.npz'} (images): ")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "bomb.npz"
    _zip(path, "x.npy", bytes(100_000), compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    claim = struct.pack("<I", 100_000)
    assert content.count(claim) == 2
    path.write_bytes(content.replace(claim, struct.pack("<I", 4_000_000_000)))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(DataFormatError, match="claims 4,000,000,000 bytes"):
        read_npz(path)


def test_what_numpy_never_writes_is_refused(tmp_path):
    _zip(tmp_path / "x.npz", "x.npy", b"", compression=zipfile.ZIP_LZMA)
    with pytest.raises(DataFormatError, match="stored or deflated"):
        read_npz(tmp_path / "x.npz")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"arr_0": IMAGES}, "expected an array images or x, got arr_0"),
        ({"x": IMAGES, "y": LABELS[:3]}, "expected 4 labels, one for each image, got 3"),
        ({"x": IMAGES, "y": LABELS + 9}, "labels from 0 to 9, got 12"),
        ({"x": IMAGES * np.nan}, "got nan"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataFormatError, match=message):
        read_npz(tmp_path / "x.npz")


def test_no_zip_at_all(tmp_path):
    (tmp_path / "x.npz").write_text("not a zip")
    with pytest.raises(DataFormatError, match=r"not a readable .npz"):
        read_npz(tmp_path / "x.npz")
    with pytest.raises(DataNotFoundError):
        read_npz(tmp_path / "gone.npz")


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), compress=st.booleans())
def test_a_damaged_file_gives_the_same_set_or_a_data_format_error(tmp_path, data, compress):
    file = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(file, images=IMAGES, labels=LABELS)
    content = bytearray(file.getvalue())
    if data.draw(st.booleans(), "cut"):
        del content[data.draw(st.integers(0, len(content) - 1), "at") :]
    else:
        content[data.draw(st.integers(0, len(content) - 1), "at")] ^= data.draw(st.integers(1, 255))
    (tmp_path / "x.npz").write_bytes(content)
    try:
        back = read_npz(tmp_path / "x.npz")
    except DataFormatError:
        return
    np.testing.assert_array_equal(back.images[..., 0], IMAGES)
    assert back.labels is None or back.labels.tolist() == LABELS.tolist()
