"""Morphs go from the picture to the counterfactual and say where the answer flips."""

import numpy as np
import pytest

from helpers.counterfactuals import made
from whynet.errors import ConfigError
from whynet.explain.counterfactual import counterfactual, morph


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


@pytest.mark.parametrize("way", ["strokes", "fade"])
def test_from_the_picture_to_the_counterfactual(net, donors, shown, way):
    for image in shown.images[:5]:
        found = counterfactual(net, image, donors=donors, threads=1)
        way_there = morph(net, found, 9, way=way, threads=1)
        assert len(way_there) == 9
        assert way_there.pictures.dtype == np.uint8
        np.testing.assert_array_equal(way_there.pictures[0], image)
        np.testing.assert_array_equal(way_there.pictures[-1], found.picture)
        np.testing.assert_allclose(way_there.logits, net.outputs(way_there.pictures), atol=1e-3)
        np.testing.assert_allclose(
            way_there.probabilities, net.predict_proba(way_there.pictures), atol=1e-5
        )
        np.testing.assert_array_equal(way_there.answers, net.predict(way_there.pictures))
        low, high = np.minimum(image, found.picture), np.maximum(image, found.picture)
        assert ((way_there.pictures >= low) & (way_there.pictures <= high)).all()


def test_the_answer_flips_where_it_says(net, donors, shown):
    for image in shown.images[:8]:
        found = counterfactual(net, image, donors=donors, threads=1)
        way_there = morph(net, found, 64, threads=1)
        assert net.predict(way_there.flip_picture)[0] == found.label
        assert 0 < way_there.flip <= 1
        assert list(way_there.flips) == sorted(way_there.flips)
        after = way_there.positions >= way_there.flip
        assert (way_there.answers[after] == found.label).all()
        if way_there.flips_once:
            assert (way_there.answers[~after] == found.predicted).all()


def test_bad_requests(net, donors, shown):
    found = counterfactual(net, shown.images[0], donors=donors, threads=1)
    with pytest.raises(ConfigError, match="of at least 2, got 1"):
        morph(net, found, 1)
    with pytest.raises(ConfigError, match="expected a way of"):
        morph(net, found, way="magic")
