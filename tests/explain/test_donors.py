"""Donors are read well, stand for many, and survive being stored."""

import json
from dataclasses import replace

import numpy as np
import pytest

from helpers.counterfactuals import made
from whynet import Dense, Flatten, Sequential
from whynet.errors import CheckpointError, ConfigError, ShapeError
from whynet.explain.counterfactual import counterfactual
from whynet.explain.donors import Donors


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
    with pytest.raises(CheckpointError, match="damaged"):
        Donors.from_tensors(tensors, {"source": ""})


def test_the_same_seed_chooses_the_same(net, donors, shown):
    chosen = [
        Donors.from_data(net, shown.images, shown.labels, each=5, readers=donors.readers, threads=t)
        for t in (1, 2)
    ]
    np.testing.assert_array_equal(chosen[0].images, chosen[1].images)
    assert np.bincount(chosen[0].labels).max() <= 5


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
