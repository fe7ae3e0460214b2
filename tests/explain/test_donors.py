"""Donors are read well, stand for many, and survive being stored."""

import json
import signal
from dataclasses import replace

import numpy as np
import pytest

from helpers.counterfactuals import made
from helpers.training import blobs
from whynet import Dense, Flatten, Sequential
from whynet.errors import CheckpointError, ConfigError, ShapeError
from whynet.explain.counterfactual import counterfactual
from whynet.explain.donors import Donors
from whynet.explain.readers import train_readers


@pytest.fixture(scope="module")
def net():
    return made()[0]


@pytest.fixture(scope="module")
def donors():
    return made()[1]


@pytest.fixture(scope="module")
def shown():
    """Pictures that nobody has seen, with their labels."""
    return made()[2]


def test_every_class_has_donors_that_all_read_rightly(net, donors):
    count = np.bincount(donors.labels, minlength=10)
    assert count.min() >= 10
    assert count.max() <= 60
    for reader in (net, *donors.readers):
        probability = reader.predict_proba(donors.images)[np.arange(len(donors)), donors.labels]
        assert probability.min() > 0.69
    assert donors.nbytes == 784 * len(donors) + 8 * len(donors) + sum(
        4 * reader.parameters.size for reader in donors.readers
    )


def test_readers_are_small_and_have_weights_of_their_own(net, donors):
    assert len(donors.readers) == 2
    assert sum(reader.parameters.size for reader in donors.readers) < 35_000


def test_from_tensors_gives_back_what_was_kept(net, donors, shown):
    tensors, about = donors.to_tensors()
    copies = {name: array.copy() for name, array in tensors.items()}
    back = Donors.from_tensors(copies, json.loads(json.dumps(about)))
    np.testing.assert_array_equal(back.images, donors.images)
    np.testing.assert_array_equal(back.labels, donors.labels)
    assert back.source == donors.source
    before, after = (
        counterfactual(net, shown.images[1], donors=d, threads=1) for d in (donors, back)
    )
    np.testing.assert_array_equal(before.picture, after.picture)


def test_damaged_tensors_are_refused(donors):
    tensors, about = donors.to_tensors()
    for lost in ("images", "labels", "reader_1.dense_1.kernel"):
        with pytest.raises(CheckpointError, match="donors"):
            Donors.from_tensors({k: v for k, v in tensors.items() if k != lost}, about)
    with pytest.raises(CheckpointError, match="int64"):
        Donors.from_tensors(tensors | {"labels": donors.labels.astype(np.int32)}, about)
    for told in ({"source": ""}, {**about, "readers": [3]}, {**about, "readers": None}):
        with pytest.raises(CheckpointError, match="damaged"):
            Donors.from_tensors(tensors, told)
    readers = json.loads(json.dumps(about["readers"]))
    readers[0]["network"]["layers"][1]["units"] = 10**12
    with pytest.raises(CheckpointError, match="damaged"):
        Donors.from_tensors(tensors, about | {"readers": readers})
    kernel = np.full_like(tensors["reader_0.dense_1.kernel"], np.nan)
    with pytest.raises(CheckpointError, match="finite float32 numbers in reader_0"):
        Donors.from_tensors(tensors | {"reader_0.dense_1.kernel": kernel}, about)
    with pytest.raises(CheckpointError, match="uint8 pictures"):
        Donors.from_tensors(tensors | {"images": donors.images[0]}, about)


def test_the_same_seed_chooses_the_same(net, donors, shown):
    chosen = [
        Donors.from_data(net, shown.images, shown.labels, each=5, readers=donors.readers, threads=t)
        for t in (1, 2)
    ]
    np.testing.assert_array_equal(chosen[0].images, chosen[1].images)
    assert np.bincount(chosen[0].labels).max() <= 5


def test_readers_read_pictures_that_they_have_not_seen(net, donors, shown):
    for reader in donors.readers:
        assert (reader.predict(shown.images) == shown.labels).mean() > 0.85


# -- small things ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bars():
    """A net of 8 × 8 pictures with a bar in one of three places; pictures and labels."""
    images, labels = blobs(400)
    net = Sequential([Flatten(), Dense(3)], (8, 8, 1), classes=("top", "middle", "bottom"))
    net.fit(images, labels, epochs=20, lr=0.02, callbacks=[], threads=1)
    return net, images, labels


def test_readers_are_the_same_on_any_number_of_threads(bars):
    net, images, labels = bars
    one, two = (train_readers(net, images, labels, seed=3, threads=t) for t in (1, 2))
    assert len(one) == len(two) == 1  # too small for convolutions
    np.testing.assert_array_equal(one[0].parameters, two[0].parameters)
    assert one[0].card.classes == net.card.classes
    assert one[0].training_state is None
    other = train_readers(net, images, labels, seed=4, threads=1)
    assert (one[0].parameters != other[0].parameters).any()


def test_progress_rises_to_the_end(bars):
    shares = []
    donors = Donors.from_data(*bars, each=10, threads=1, progress=shares.append)
    assert 0 < shares[0] < 0.1
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert np.bincount(donors.labels).tolist() == [10, 10, 10]


@pytest.mark.parametrize("share", [0.0, 0.7])
def test_ctrl_c_ends_it_whatever_is_under_way(bars, share):
    told = []

    def press(done):
        told.append(done)
        if done > share:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        Donors.from_data(*bars, threads=1, progress=press)
    assert told[-1] > share
    assert len([done for done in told if done > share]) == 1


@pytest.mark.parametrize("count", [1, 2, 30])
def test_few_pictures(bars, count):
    net, images, labels = bars
    donors = Donors.from_data(net, images[:count], labels[:count], threads=1)
    assert len(donors) <= count
    assert donors.images.shape[1:] == (8, 8, 1)
    tensors, about = donors.to_tensors()
    assert len(Donors.from_tensors(tensors, about)) == len(donors)


def test_no_pictures(bars):
    net, images, labels = bars
    with pytest.raises(ConfigError, match="at least one example"):
        Donors.from_data(net, images[:0], labels[:0])


# -- in the model file ----------------------------------------------------------------------------


def test_they_travel_with_the_model(bars, tmp_path):
    net, images, labels = bars
    donors = Donors.from_data(net, images, labels, each=10, source="bars", threads=1)
    donors.attach(net)
    net.save(tmp_path / "net")
    net.attachments.clear()
    again = Sequential.load(tmp_path / "net")
    found = Donors.find(again)
    np.testing.assert_array_equal(found.images, donors.images)
    np.testing.assert_array_equal(found.labels, donors.labels)
    assert found.source == "bars"
    for mine, other in zip(found.readers, donors.readers, strict=True):
        assert mine.card.classes == other.card.classes
        np.testing.assert_array_equal(mine.predict_proba(images), other.predict_proba(images))
    assert Donors.attached(again) is not None
    replace(donors, images=images[:1], labels=labels[:1]).attach(again)
    assert len(Donors.find(again)) == 1


def test_a_model_without_donors_says_how_to_get_some(bars):
    net = bars[0]
    assert Donors.attached(net) is None
    with pytest.raises(
        ConfigError, match=r"from_data\(net.*\.attach\(net\), or .* --donors`"
    ) as told:
        Donors.find(net)
    assert "\n" not in str(told.value)


def test_a_reader_keeps_what_makes_its_outputs_probabilities(bars):
    _, images, labels = bars
    reader = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    reader.fit(images, labels, cost="sigmoid_cross_entropy", epochs=1, callbacks=[], threads=1)
    donors = Donors(images[:2], labels[:2], (reader,))
    back = Donors.from_tensors(*donors.to_tensors()).readers[0]
    np.testing.assert_array_equal(back.predict_proba(images), reader.predict_proba(images))


def test_donors_of_another_model_are_refused(bars, donors, net):
    small, images, labels = bars
    own = Donors.from_data(small, images, labels, each=5, threads=1)
    two_classes = Sequential([Flatten(), Dense(2)], (8, 8, 1))
    for target, others, says in (
        (two_classes, own, "for other pictures or classes"),
        (two_classes, replace(own, readers=()), "labels from 0 to 1"),
        (small, replace(own, readers=donors.readers), "for other pictures or classes"),
        (small, replace(own, images=np.zeros((len(own), 9, 8, 1), np.uint8)), "for other pictures"),
        (small, replace(own, labels=own.labels - 1), "labels from 0 to 2"),
    ):
        others.attach(target)
        try:
            with pytest.raises(CheckpointError, match=says):
                Donors.find(target)
        finally:
            target.attachments.clear()


def test_bad_data(net, donors, shown):
    images, labels = shown.images[:20], shown.labels[:20]
    for wrong, error, says in (
        ((images / 255, labels), ConfigError, "uint8 grey levels"),
        ((images[:, :20], labels), ShapeError, "pictures of shape"),
        ((images, labels[:3]), ShapeError, "20 labels"),
        ((images, labels + 9), ConfigError, "from 0 to 9"),
    ):
        with pytest.raises(error, match=says):
            Donors.from_data(net, *wrong, readers=())
    with pytest.raises(ConfigError, match="at least 1 of each class"):
        Donors.from_data(net, images, labels, each=0, readers=())
    with pytest.raises(ShapeError, match="uint8 pictures"):
        replace(donors, images=donors.images[..., 0])
    with pytest.raises(ShapeError, match="labels"):
        replace(donors, labels=donors.labels[:2])


def test_the_writer_knows_digits_and_ticks_only():
    letters = Sequential([Flatten(), Dense(3)], classes=("a", "b", "c"))
    with pytest.raises(ConfigError, match=r"model of a, b, c: use Donors\.from_data"):
        Donors.from_writer(letters)
