"""The evidence adds up, begins at what it says, and refuses what makes no sense."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.counterfactuals import made
from whynet.errors import ConfigError, ShapeError
from whynet.explain import Contrast, conductances
from whynet.explain.evidence import SURE, blend, evidence
from whynet.explain.paths import TOLERANCE


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


@pytest.fixture(scope="module")
def found(net, donors, shown):
    """Evidence against the runner-up, for a few pictures."""
    return [evidence(net, image, donors=donors, threads=1) for image in shown.images[:5]]


def test_it_adds_up_to_the_margins_change(net, shown, found):
    for image, one in zip(shown.images, found, strict=False):
        contrast = Contrast(net, image)
        before = contrast.margins(one.baseline[None])[0]
        assert one.change == pytest.approx(contrast.margins()[0] - before, abs=1e-4)
        assert one.map.sum(dtype=np.float64) - one.change == pytest.approx(one.residual, abs=1e-9)
        assert abs(one.residual) <= TOLERANCE * abs(one.change) + 1e-5


def test_the_layers_share_the_same_total(net, shown, found):
    contrast = Contrast(net, shown.images[0])
    for share in conductances(contrast, baseline=found[0].baseline).values():
        assert share.total[0] == pytest.approx(found[0].change, rel=2e-4)


def test_only_what_would_change_counts(shown, found):
    for image, one in zip(shown.images, found, strict=False):
        same = one.baseline == image.astype(np.float32) / 255
        assert same.any()
        np.testing.assert_allclose(one.map[same], 0, atol=1e-5)  # (1 − t) v + t v is rounded


def test_it_speaks_of_the_picture_and_its_counterfactual(net, shown, found):
    for image, one in zip(shown.images, found, strict=False):
        assert one.map.shape == one.baseline.shape == image.shape
        assert one.map.dtype == one.baseline.dtype == net.dtype
        np.testing.assert_array_equal(one.counterfactual.original, image)
        assert one.counterfactual.label == Contrast(net, image).rival[0]


def test_the_path_begins_at_a_rival_of_which_the_net_is_sure(net, shown, found):
    for image, one in zip(shown.images, found, strict=False):
        assert Contrast(net, image).margins(one.baseline[None])[0] <= -SURE


def test_no_pixel_goes_further_than_in_one_that_was_found(shown, found):
    for image, one in zip(shown.images, found, strict=False):
        all_of_them = np.concatenate([one.counterfactual.others, image[None]]) / np.float32(255)
        assert (one.baseline >= all_of_them.min(axis=0) - 1e-6).all()
        assert (one.baseline <= all_of_them.max(axis=0) + 1e-6).all()


def test_what_most_agree_on_stays(net, shown, found):
    only = found[0].counterfactual
    image = only.original
    contrast = Contrast(net, image)
    alone = blend(contrast, replace(only, others=only.picture[None]))[0]
    faint = np.abs(only.picture.astype(int) - image) <= 25
    full = only.picture / np.float32(255)
    # Of a single one, all but the faintest changes; or all of it, where the net needs them.
    np.testing.assert_allclose(alone[~faint], full[~faint], atol=1e-6)
    odd = image.copy()
    odd[:2] = 255  # one of four scribbles along the edge
    many = replace(only, others=np.stack([only.picture] * 3 + [np.maximum(only.picture, odd)]))
    start = blend(contrast, many)[0]
    assert np.abs(start[:2] - image[:2] / 255).max() < np.abs(start - image / 255).max() / 3


def test_it_is_the_same_on_any_number_of_threads(net, donors, shown, found):
    again = evidence(net, shown.images[0], donors=donors, threads=2)
    np.testing.assert_array_equal(again.map, found[0].map)
    np.testing.assert_array_equal(again.baseline, found[0].baseline)


def test_the_rival_by_number_and_by_name(net, donors, shown):
    image = shown.images[0]
    rival = int(net.outputs(image)[0].argsort()[-3])
    by_number = evidence(net, image, rival, donors=donors, threads=1)
    by_name = evidence(net, image[..., 0], str(rival), donors=donors, threads=1)
    assert by_number.counterfactual.label == rival
    np.testing.assert_array_equal(by_number.map, by_name.map)


def test_without_a_counterfactual_it_begins_at_black(net, donors, shown):
    image = shown.images[0]
    contrast = Contrast(net, image)
    b = int(contrast.rival[0])
    lying = replace(donors, labels=np.full_like(donors.labels, b), readers=())
    others = net.predict(donors.images) != b
    none = replace(lying, images=lying.images[others], labels=lying.labels[others])
    one = evidence(net, image, donors=none, threads=1)
    assert one.counterfactual is None
    assert not one.baseline.any()
    expected = contrast.margins()[0] - contrast.margins(np.zeros_like(contrast.images))[0]
    assert one.change == pytest.approx(expected, abs=1e-4)


def test_bad_requests(net, donors, shown):
    image = shown.images[0]
    with pytest.raises(ConfigError, match="other than the predicted class"):
        evidence(net, image, int(net.predict(image)[0]), donors=donors)
    with pytest.raises(ConfigError, match="rival"):
        evidence(net, image, 10, donors=donors)
    with pytest.raises(ShapeError):
        evidence(net, image[:20], donors=donors)
    with pytest.raises(ConfigError, match="uint8"):
        evidence(net, image / 255, donors=donors)
    with pytest.raises(ConfigError, match="a tolerance"):
        evidence(net, image, donors=donors, tolerance=0)
