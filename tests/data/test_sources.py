"""Sets by name and by path."""

import gzip
import sys
import types

import numpy as np
import pytest
from PIL import Image

import whynet.data
from whynet.data import NAMES, SOURCES, Dataset, load, places, write_idx
from whynet.errors import ConfigError, DataFormatError, DataNotFoundError

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 5, 5), np.uint8)
LABELS = (np.arange(12) % 10).astype(np.uint8)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A world without data sets."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("WHYNET_DATA", raising=False)
    return tmp_path


def write_set(folder, *, suffix="", prefixes=("train", "t10k")):
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, n in zip(prefixes, (12, 3), strict=False):
        write_idx(folder / f"{prefix}-images-idx3-ubyte{suffix}", IMAGES[:n])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte{suffix}", LABELS[:n])


def test_the_names():
    assert NAMES == ("strokes", "ticks", "mnist", "fashion-mnist", "kmnist", "cifar10")
    assert all(len(source.classes) in (2, 10) for source in SOURCES.values())


def test_a_named_set_is_looked_for_in_whynet_data_then_in_the_cache(home, monkeypatch):
    monkeypatch.setenv("WHYNET_DATA", str(home / "mine"))
    write_set(home / "cache" / "whynet" / "kmnist")
    assert load("kmnist").classes[1] == "ki"
    write_set(home / "mine" / "kmnist", suffix=".gz")
    write_idx(home / "mine" / "kmnist" / "train-labels-idx1-ubyte.gz", LABELS[::-1].copy())
    data = load("kmnist")
    assert data.known_labels.tolist() == LABELS[::-1].tolist()
    assert data.name == "kmnist train"
    assert len(load("kmnist", split="test")) == 3


def test_a_missing_set_says_how_to_get_it(home, monkeypatch):
    with pytest.raises(DataNotFoundError, match="`whynet data get mnist` downloads it") as caught:
        load("mnist", split="test")
    assert str(home / "cache" / "whynet" / "mnist") in str(caught.value)
    monkeypatch.setenv("WHYNET_DATA", str(home / "mine"))
    write_set(home / "mine" / "mnist", prefixes=("train",))
    with pytest.raises(DataNotFoundError, match="no test set"):
        load("mnist", split="test")


def test_cifar10_with_some_of_its_batches(home, monkeypatch):
    monkeypatch.setenv("WHYNET_DATA", str(home))
    (home / "cifar10").mkdir()
    (home / "cifar10" / "data_batch_3.bin.gz").write_bytes(gzip.compress(bytes(3073 * 2)))
    (home / "cifar10" / "test_batch_first_1000.bin").write_bytes(bytes(3073))
    assert load("cifar10").name == "cifar10 train (1 of 5 batches)"
    assert load("cifar10", split="test").name == "cifar10 test"
    assert len(load(home / "cifar10")) == 2


def test_a_name_wins_over_a_file_unless_it_is_a_path(home, monkeypatch):
    monkeypatch.chdir(home)
    write_set(home / "mnist")
    assert len(load("./mnist")) == 12
    assert len(load(home / "mnist", split="test")) == 3
    with pytest.raises(DataNotFoundError, match="whynet data get"):
        load("mnist")


def test_half_an_idx_folder(home):
    write_set(home / "half", prefixes=("train",))
    with pytest.raises(DataNotFoundError, match="expected the files of a test set"):
        load(home / "half", split="test")


def test_a_set_in_one_piece_is_divided_and_says_so(home):
    path = home / "digits.npz"
    np.savez(path, images=IMAGES, labels=LABELS)
    train, test = load(path, seed=3), load(path, split="test", seed=3)
    assert (len(train), len(test)) == (10, 2)
    assert train.name == "digits.npz train (10 of 12 pictures, seed 3)"
    both = np.concatenate([train.images, test.images])
    assert {image.tobytes() for image in both} == {image.tobytes() for image in IMAGES}
    np.testing.assert_array_equal(load(str(path), seed=3).images, train.images)
    assert load(path, seed=4).images.tobytes() != train.images.tobytes()


def test_splits_inside_an_npz(home):
    np.savez(home / "k.npz", x_train=IMAGES, y_train=LABELS)
    assert load(home / "k.npz").name == "k.npz train"
    with pytest.raises(DataNotFoundError, match="expected a test set, got only train"):
        load(home / "k.npz", split="test")


def test_a_csv_without_labels_is_all_test(home):
    (home / "test.csv").write_text("1,2,3,4\n5,6,7,8\n")
    assert len(load(home / "test.csv", split="test")) == 2
    with pytest.raises(DataFormatError, match="no labels, so there is nothing to train on"):
        load(home / "test.csv")


def test_folders_of_pictures(home):
    for title, side in (("no", 4), ("yes", 8)):
        (home / "answers" / title).mkdir(parents=True)
        for number in range(3):
            image = Image.new("L", (side, side), number)
            image.save(home / "answers" / title / f"{number}.png")
    assert load(home / "answers", size=8).images.shape == (5, 8, 8, 1)
    assert load(home / "answers", size=8, split="test").classes == ("no", "yes")
    with pytest.raises(DataFormatError, match="give a size"):
        load(home / "answers")


def test_examples_are_drawn_by_seed_and_keep_their_order(home):
    write_set(home / "set")
    some = load(home / "set", examples=5, seed=1)
    at = [IMAGES.tolist().index(image[..., 0].tolist()) for image in some.images]
    assert at == sorted(at)
    assert len(set(at)) == 5
    np.testing.assert_array_equal(load(home / "set", examples=5, seed=1).images, some.images)
    with pytest.raises(ConfigError, match="at most 12 examples, got 13"):
        load(home / "set", examples=13)


def test_questions_that_make_no_sense(home):
    with pytest.raises(ConfigError, match="train or test, got 'dev'"):
        load("mnist", split="dev")
    with pytest.raises(ConfigError, match="at least 1 example"):
        load("mnist", examples=0)
    with pytest.raises(ConfigError, match="seed of at least 0"):
        load("mnist", seed=-1)
    with pytest.raises(DataNotFoundError, match="did you mean mnist"):
        load("mnits")
    with pytest.raises(DataNotFoundError, match="the data sets are strokes, ticks"):
        load(home / "nowhere")
    with pytest.raises(DataNotFoundError, match="no such file, folder or data set"):
        load("x" * 5000)
    (home / "notes.txt").write_text("x")
    with pytest.raises(DataFormatError, match=r"expected an .npz file, a .csv file or a folder"):
        load(home / "notes.txt")
    (home / "one.csv").write_text("1,2,3,4,5\n")
    with pytest.raises(DataFormatError, match="at least 2 pictures"):
        load(home / "one.csv")


@pytest.mark.parametrize("name", ["strokes", "ticks"])
def test_drawn_sets_are_what_the_list_says(name):
    train, test = load(name, examples=20), load(name, split="test", examples=20)
    assert train.classes == SOURCES[name].classes
    assert train.images.tobytes() != test.images.tobytes()
    np.testing.assert_array_equal(load(name, examples=20).images, train.images)


def test_drawn_sets_train_and_test_far_apart(monkeypatch):
    calls = []

    def draw(n, *, seed=0, start=0, labels=None):
        calls.append((n, seed, start))
        return Dataset(np.zeros((1, 28, 28, 1), np.uint8), np.zeros(1, np.int64), ("0",), "drawn")

    stand_in = types.ModuleType("whynet.data.strokes")
    stand_in.digits = stand_in.ticks = draw
    monkeypatch.setitem(sys.modules, "whynet.data.strokes", stand_in)
    monkeypatch.setattr(whynet.data, "strokes", stand_in, raising=False)
    assert load("strokes").name == "strokes train"
    load("strokes", split="test", seed=5)
    load("ticks", examples=7)
    (n, seed, start), (m, test_seed, test_start), tick = calls
    assert (n, seed, start) == (60_000, 0, 0)
    assert (m, test_seed) == (10_000, 5)
    assert test_start >= 10**9
    assert tick == (7, 0, 0)
    with pytest.raises(ConfigError, match="at most"):
        load("strokes", examples=test_start + 1)


@pytest.mark.parametrize(
    ("platform", "local", "expected"),
    [
        ("linux", None, "me/.cache/whynet"),
        ("darwin", None, "me/Library/Caches/whynet"),
        ("win32", None, "me/AppData/Local/whynet"),
        ("win32", "local", "local/whynet"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(monkeypatch, platform, local, expected):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    if local:
        monkeypatch.setenv("LOCALAPPDATA", local)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(places.Path, "home", lambda: places.Path("me"))
    assert places.cache_folder().as_posix() == expected


def test_mnist_itself(data_dir, monkeypatch):
    monkeypatch.setenv("WHYNET_DATA", str(data_dir))
    test = load("mnist", split="test")
    assert test.images.shape == (10_000, 28, 28, 1)
    assert test.known_labels[:8].tolist() == [7, 2, 1, 0, 4, 1, 4, 9]
