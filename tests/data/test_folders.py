"""Folders of pictures."""

import numpy as np
import pytest
from PIL import Image

from whynet.data import folders, read_folder
from whynet.data.folders import folder_splits
from whynet.errors import ConfigError, DataFormatError, DataNotFoundError


def paint(path, value, size=(4, 3), mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path)


@pytest.fixture
def pets(tmp_path):
    root = tmp_path / "pets"
    for number in (10, 2, 1):
        paint(root / "dog" / f"{number:02}.png", number)
    paint(root / "cat" / "tom.bmp", 99)
    return root


def test_classes_and_pictures_come_in_order(pets):
    data = read_folder(pets)
    assert data.classes == ("cat", "dog")
    assert data.images.shape == (4, 3, 4, 1)
    assert data.images[:, 0, 0, 0].tolist() == [99, 1, 2, 10]
    assert data.known_labels.tolist() == [0, 1, 1, 1]
    assert data.name == "pets"


def test_numbers_are_ordered_by_value(tmp_path):
    for number in (10, 9, 0):
        paint(tmp_path / str(number) / "a.png", number)
    assert read_folder(tmp_path).classes == ("0", "9", "10")


def test_hidden_files_and_other_files_are_skipped(pets):
    (pets / ".git").mkdir()
    (pets / "cat" / ".hidden.png").write_text("no picture")
    (pets / "cat" / "notes.txt").write_text("about Tom")
    (pets / "README").touch()
    assert len(read_folder(pets)) == 4


def test_one_coloured_picture_makes_all_coloured(pets):
    paint(pets / "cat" / "red.png", (255, 0, 0), mode="RGB")
    data = read_folder(pets)
    assert data.images.shape == (5, 3, 4, 3)
    assert data.images[:, 0, 0].tolist()[:2] == [[255, 0, 0], [99, 99, 99]]


def test_splits(pets, tmp_path):
    (tmp_path / "both").mkdir()
    pets.rename(tmp_path / "both" / "train")
    paint(tmp_path / "both" / "test" / "dog" / "x.png", 5)
    assert folder_splits(tmp_path / "both") == ("train", "test")
    assert len(read_folder(tmp_path / "both", split="train")) == 4
    test = read_folder(tmp_path / "both", split="test")
    assert test.classes == ("cat", "dog")
    assert test.known_labels.tolist() == [1]
    paint(tmp_path / "both" / "test" / "cow" / "x.png", 5)
    with pytest.raises(DataFormatError, match=r"expected only classes that .*train has, got cow"):
        read_folder(tmp_path / "both", split="test")


def test_train_may_be_a_class_among_others(pets):
    paint(pets / "train" / "x.png", 5)
    assert folder_splits(pets) == ()
    assert read_folder(pets).classes == ("cat", "dog", "train")


def test_sizes_must_agree_or_be_given(pets):
    paint(pets / "dog" / "99.png", 7, size=(8, 8))
    with pytest.raises(DataFormatError, match=r"99.png: expected 4 × 3 pixels as in .*, got 8 × 8"):
        read_folder(pets)
    assert read_folder(pets, size=6).images.shape == (5, 6, 6, 1)
    resized = read_folder(pets, size=(6, 2))
    assert resized.images.shape == (5, 6, 2, 1)
    assert resized.images[:, 0, 0, 0].tolist() == [99, 1, 2, 10, 7]


def test_a_size_must_be_one(pets):
    with pytest.raises(ConfigError, match="at least 1 pixel"):
        read_folder(pets, size=(4, 0))


def test_bad_folders(pets, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(DataNotFoundError, match="no such folder"):
        read_folder(tmp_path / "gone")
    with pytest.raises(DataFormatError, match="expected a folder, got a file"):
        read_folder(tmp_path / "file")
    with pytest.raises(DataFormatError, match="a folder of pictures for each class, got none"):
        read_folder(tmp_path / "empty")
    monkeypatch.setattr(folders, "MAX_BYTES", 30)
    with pytest.raises(DataFormatError, match="4 pictures of 4 × 3 need more than 30 bytes"):
        read_folder(pets)
    monkeypatch.undo()
    (pets / "ant").mkdir()
    with pytest.raises(DataFormatError, match=r"ant: expected pictures such as name.png, got none"):
        read_folder(pets)
    (pets / "ant" / "a.png").write_text("text")
    with pytest.raises(DataFormatError, match=r"a.png: is not a picture"):
        read_folder(pets)
    (pets / "ant" / "a.png").unlink()
    (pets / "ant" / "a.png").mkdir()
    with pytest.raises(DataFormatError, match="expected a file, got a folder"):
        read_folder(pets)


def test_a_picture_alone_may_be_too_large(pets):
    with pytest.raises(DataFormatError, match="at most 11 pixels"):
        read_folder(pets, max_pixels=11)


def test_the_order_of_the_file_system_does_not_matter(pets, monkeypatch):
    first = read_folder(pets)
    listing = type(pets).iterdir
    monkeypatch.setattr(type(pets), "iterdir", lambda self: reversed(list(listing(self))))
    np.testing.assert_array_equal(read_folder(pets).images, first.images)
