"""Counterfactuals hold when they are asked again, stay near, and refuse what makes no sense."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from helpers.counterfactuals import made
from whynet import Dense, Flatten, Sequential
from whynet.errors import ConfigError, ShapeError
from whynet.explain.counterfactual import counterfactual, morph
from whynet.explain.counterfactual.align import bent, blurred, moved, nearest
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


@pytest.mark.parametrize("rival", range(10))
def test_any_rival_is_what_the_net_answers(net, donors, shown, rival):
    for image in shown.images[:4]:
        if net.predict(image)[0] == rival:
            continue
        found = counterfactual(net, image, rival, donors=donors, threads=1)
        assert found.picture.dtype == np.uint8
        assert found.picture.shape == (28, 28, 1)
        assert net.predict(found.picture)[0] == rival == found.label
        assert found.probability == pytest.approx(net.predict_proba(found.picture)[0, rival])
        before, after = net.outputs(np.stack([image, found.picture]))
        a = found.predicted
        assert found.margin_before == pytest.approx(before[a] - before[rival], abs=1e-4)
        assert found.margin_after == pytest.approx(after[a] - after[rival], abs=1e-4)
        assert found.margin_before > 0 > found.margin_after
        assert found.readers_agree
        assert all(reader.predict(found.picture)[0] == rival for reader in donors.readers)


def test_distances_by_hand(net, donors, shown):
    image = shown.images[5]
    found = counterfactual(net, image, donors=donors, threads=1)
    change = found.picture / 255 - image / 255
    assert found.l1 == pytest.approx(np.abs(change).sum())
    assert found.l2 == pytest.approx(np.sqrt((change**2).sum()))
    assert found.pixels_changed == (change != 0).sum()
    np.testing.assert_array_equal(found.difference, np.rint(change[..., 0] * 255))
    own = donors.images[donors.labels == found.label]
    far = np.sqrt(((own / 255 - image / 255) ** 2).sum(axis=(1, 2, 3)))
    assert found.donor_l2 == pytest.approx(far.min(), rel=1e-5)
    assert donors.labels[found.donor] == found.label
    np.testing.assert_array_equal(found.original, image)


def test_never_farther_than_the_nearest_donor(net, donors, shown):
    for image in shown.images[:30]:
        found = counterfactual(net, image, donors=donors, threads=1)
        assert found.l2 <= found.donor_l2 + 1e-6


def test_all_that_were_found_are_told_the_closest_first(net, donors, shown):
    several = 0
    for image in shown.images[:10]:
        found = counterfactual(net, image, donors=donors, threads=1)
        np.testing.assert_array_equal(found.others[0], found.picture)
        assert (net.predict(found.others) == found.label).all()
        far = np.sqrt(((found.others / 255 - image / 255) ** 2).sum(axis=(1, 2, 3)))
        assert (np.diff(far) >= -1e-6).all()
        assert far[0] == pytest.approx(found.l2)
        several += len(found.others) > 1
    assert several


def test_ink_does_not_break_into_more_pieces(net, donors, shown):
    def pieces(picture):
        return ndimage.label(picture[..., 0] > 80, np.ones((3, 3)))[1]

    for image in shown.images[:30]:
        found = counterfactual(net, image, donors=donors, threads=1)
        most = max(pieces(image), pieces(donors.images[found.donor]))
        assert pieces(found.picture) <= most


def test_the_same_every_time_and_on_any_threads(net, donors, shown):
    image = shown.images[7]
    one, two = (counterfactual(net, image, donors=donors, threads=t) for t in (1, 2))
    np.testing.assert_array_equal(one.picture, two.picture)
    assert replace(one, picture=two.picture, original=two.original) == two


def test_names_will_do_and_the_runner_up_is_the_default(net, donors, shown):
    image = shown.images[3]
    runner_up = int(net.outputs(image)[0].argsort()[-2])
    found = counterfactual(net, image[..., 0], donors=donors, threads=1)
    assert found.label == runner_up
    named = counterfactual(net, image, str(runner_up), donors=donors, threads=1)
    np.testing.assert_array_equal(named.picture, found.picture)


def test_without_readers_the_net_alone_decides(net, donors, shown):
    alone = replace(donors, readers=())
    found = counterfactual(net, shown.images[0], donors=alone, threads=1)
    assert net.predict(found.picture)[0] == found.label
    assert not found.readers_agree


def test_a_net_that_reads_no_donor_as_the_rival_has_no_counterfactual(donors, shown):
    dull = Sequential([Flatten(), Dense(10)])
    dull.parameters[...] = 0
    dull.layers[-1].params["bias"][3] = 1
    assert counterfactual(dull, shown.images[0], 5, donors=donors, threads=1) is None


def test_bad_requests(net, donors, shown):
    image = shown.images[0]
    answer = int(net.predict(image)[0])
    with pytest.raises(ConfigError, match="rival other than the predicted class"):
        counterfactual(net, image, answer, donors=donors)
    with pytest.raises(ConfigError, match="got 10"):
        counterfactual(net, image, 10, donors=donors)
    with pytest.raises(ConfigError, match="got 'eleven'"):
        counterfactual(net, image, "eleven", donors=donors)
    with pytest.raises(ShapeError):
        counterfactual(net, image[:20], donors=donors)
    with pytest.raises(ConfigError, match="one picture, got 2"):
        counterfactual(net, shown.images[:2], 0, donors=donors)
    with pytest.raises(ConfigError, match="whole grey levels as uint8"):
        counterfactual(net, image / 255, donors=donors)
    with pytest.raises(ConfigError, match="finite pixels"):
        counterfactual(net, np.full(image.shape, np.nan), donors=donors)
    rival = (answer + 1) % 10
    rest = donors.labels != rival
    few = Donors(donors.images[rest], donors.labels[rest], donors.readers)
    with pytest.raises(ConfigError, match=rf"none of class '{rival}'.*Donors\.from_data"):
        counterfactual(net, image, rival, donors=few)
    colour = Sequential([Flatten(), Dense(10)], (28, 28, 3))
    with pytest.raises(ConfigError, match="height, width, 1"):
        counterfactual(colour, np.zeros((28, 28, 3), np.uint8), donors=donors)
    small = Sequential([Flatten(), Dense(10)], (8, 8, 1))
    with pytest.raises(ShapeError, match="donors: expected pictures of shape"):
        counterfactual(small, np.zeros((8, 8, 1), np.uint8), donors=donors)


def test_a_broken_net_is_refused(net, donors, shown):
    broken = Sequential([Flatten(), Dense(10)])
    broken.parameters[...] = np.nan
    with pytest.raises(ConfigError, match="finite"):
        counterfactual(broken, shown.images[0], donors=donors)


# -- donors on a picture ------------------------------------------------------------------------


def test_a_moved_donor_is_found_and_brought_back():
    picture = np.zeros((28, 28), np.float32)
    picture[6:20, 9:12] = 1
    other = np.zeros_like(picture)
    other[10, 4:25] = 1
    which, there = nearest(picture, np.stack([other, moved(picture, 2, -3)]), 1)
    assert which.tolist() == [1]
    np.testing.assert_array_equal(there[0], picture)


def test_bending_brings_a_donor_nearer_and_makes_no_ink(shown):
    ones = shown.images[shown.labels == 1][:2, ..., 0].astype(np.float32) / 255
    result = bent(ones[0], ones[1:])
    assert np.square(result - ones[0]).sum() < 0.7 * np.square(ones[1] - ones[0]).sum()
    assert 0 <= result.min() <= result.max() <= ones[1].max() + 1e-6
    np.testing.assert_allclose(bent(ones[0], ones[:1])[0], ones[0], atol=1e-3)


def test_blurring_an_even_picture_changes_nothing():
    np.testing.assert_allclose(blurred(np.full((2, 5, 9), 0.3, np.float32)), 0.3, rtol=1e-5)


# -- the morph ----------------------------------------------------------------------------------


def test_of_other_nets(net, donors, shown):
    found = counterfactual(net, shown.images[0], donors=donors, threads=1)
    dull = Sequential([Flatten(), Dense(10)])
    dull.parameters[...] = 0
    dull.layers[-1].params["bias"][(found.label + 1) % 10] = 1
    with pytest.raises(ConfigError, match="found for another net"):
        morph(dull, found, threads=1)
