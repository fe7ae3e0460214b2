"""The proof by hand where nets are linear, by loops where they are not, and what it refuses."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from helpers.asked import SIDE, nets, pictures
from whynet.errors import ConfigError, ShapeError
from whynet.explain import Contrast, grad_cam, integrated_gradients
from whynet.explain.proof import proof
from whynet.explain.proof.orders import at_random, largest_first, sobel
from whynet.nn import Dense, Flatten, Network

RNG = np.random.default_rng(11)


def linear(seed=0, shape=(4, 5, 2)):
    """A net without a bend, a picture and the baseline it is compared with, half of it the same."""
    rng = np.random.default_rng(seed)
    net = Network([Flatten(), Dense(3)], shape, dtype=np.float64)
    net.parameters[...] = rng.standard_normal(net.parameters.shape)
    picture, baseline = rng.uniform(0, 1, (2, *shape))
    same = rng.permutation(shape[0] * shape[1])[: shape[0] * shape[1] // 2]
    baseline.reshape(-1, shape[2])[same] = picture.reshape(-1, shape[2])[same]
    contrast = Contrast(net, picture[None], threads=1)
    return contrast, integrated_gradients(contrast, baseline).values[0], baseline


def trapezoids(heights):
    return np.mean([(left + right) / 2 for left, right in pairwise(heights)])


def test_a_linear_net_by_hand():
    contrast, evidence, baseline = linear()
    found = proof(contrast, evidence, baseline)
    share = np.sort(evidence.sum(axis=2)[(contrast.images[0] != baseline).any(axis=2)])[::-1]
    margin, other = contrast.margins()[0], contrast.margins(baseline, np.array([0]))[0]
    assert found.pixels == len(share) == 10
    assert found.margin == pytest.approx(margin)
    assert found.baseline_margin == pytest.approx(other)
    falling = margin - np.concatenate([[0], np.cumsum(share)])
    rising = other + np.concatenate([[0], np.cumsum(share)])
    for curve, expected in (
        (found.evidence.deletion, falling),
        (found.evidence.insertion, rising),
    ):
        np.testing.assert_array_equal(curve.counts, np.arange(11))
        np.testing.assert_allclose(curve.shares, np.linspace(0, 1, 11))
        np.testing.assert_allclose(curve.margins, expected[None], atol=1e-12)
        heights = (expected - other) / abs(margin - other)
        np.testing.assert_allclose(curve.rescaled, heights[None], atol=1e-12)
        assert curve.area == pytest.approx(trapezoids(heights))
        assert curve.areas.tolist() == [curve.area]
        assert curve.spread == 0
        assert curve.probability_area == pytest.approx(trapezoids(curve.probabilities[0]))


@given(st.integers(0, 999))
@settings(max_examples=25)
def test_where_contributions_add_up_for_certain_no_order_beats_the_evidence(seed):
    contrast, evidence, baseline = linear(seed)
    found = proof(contrast, evidence, baseline, draws=8, seed=seed)
    assert found.holds
    assert found.beaten == 8
    assert all(found.beats(order) for order in ("random", "edges", "change"))
    for order in (found.random, found.edges, found.change):
        assert (order.deletion.areas >= found.evidence.deletion.area).all()
        assert (order.insertion.areas <= found.evidence.insertion.area).all()
    against = proof(contrast, -evidence, baseline, draws=8, seed=seed)
    assert not against.holds
    assert against.beaten == 0
    # The reversed order: what came last in one direction comes first in the other.
    assert against.evidence.deletion.area == pytest.approx(found.evidence.insertion.area)


@given(nets(), st.integers(0, 99), st.sampled_from([1, 5, 12, 200]))
@settings(max_examples=25, deadline=None)
def test_every_order_by_loops(net, seed, steps):
    picture, baseline, evidence = pictures(3, seed)
    baseline[2:] = picture[2:]  # fourteen places differ
    evidence = evidence.sum(axis=2)
    contrast = Contrast(net, picture[None], threads=1)
    found = proof(contrast, evidence, baseline, steps=steps, draws=3, seed=seed)
    at = [(row, column) for row in range(2) for column in range(SIDE)]
    counts = np.rint(np.linspace(0, 14, min(steps, 14) + 1)).astype(int)

    def margins_and_answers(first, then, order, passed):
        looks = []
        for count in passed:
            x = first.copy()
            for number in order[:count]:
                x[at[number]] = then[at[number]]
            looks.append(Contrast(net, x[None], contrast.predicted, contrast.rival, threads=1))
        margins = np.array([look.margins()[0] for look in looks])
        return margins, [int(look.logits[0].argmax()) for look in looks]

    size = np.abs(picture - baseline).sum(axis=2)
    known = {"evidence": evidence, "edges": sobel(picture), "change": size}
    orders = {
        name: [largest_first(np.array([values[place] for place in at]), seed)]
        for name, values in known.items()
    }
    orders["random"] = at_random(14, 3, seed)
    answer = int(contrast.logits[0].argmax())
    for name, draws in orders.items():
        there, back = getattr(found, name).deletion, getattr(found, name).insertion
        assert there.counts.tolist() == counts.tolist()
        assert back.counts.tolist() == sorted(14 - counts)
        for draw, order in enumerate(draws):
            margins, answers = margins_and_answers(picture, baseline, order, there.counts)
            np.testing.assert_allclose(there.margins[draw], margins, atol=1e-9)
            left = [count for count, said in zip(counts, answers, strict=True) if said != answer]
            assert there.flips[draw] == (left[0] if left else None)
            # Random orders serve twice: the insertion is that of the order reversed.
            coming = order[::-1] if name == "random" else order
            margins, answers = margins_and_answers(baseline, picture, coming, back.counts)
            np.testing.assert_allclose(back.margins[draw], margins, atol=1e-9)
            there_again = [
                count for count, said in zip(back.counts, answers, strict=True) if said == answer
            ]
            assert back.flips[draw] == there_again[0]


def test_what_does_not_differ_counts_for_nothing():
    contrast, evidence, baseline = linear(3)
    elsewhere = evidence + 100 * (contrast.images[0] == baseline)
    one, two = (proof(contrast, map_, baseline).to_dict() for map_ in (evidence, elsewhere))
    assert one == two
    summed = proof(contrast, evidence.sum(axis=2), baseline).to_dict()
    assert summed == one


def test_random_orders_are_seeded_and_more_begin_with_the_same():
    contrast, evidence, baseline = linear(4)
    few, many = (proof(contrast, evidence, baseline, draws=draws) for draws in (4, 9))
    np.testing.assert_allclose(few.random.deletion.margins, many.random.deletion.margins[:4])
    other = proof(contrast, evidence, baseline, draws=4, seed=1)
    assert (other.random.deletion.margins != few.random.deletion.margins).any()
    areas = many.random.deletion.areas
    assert many.random.deletion.area == pytest.approx(areas.mean())
    assert many.random.deletion.spread == pytest.approx(areas.std())
    np.testing.assert_allclose(many.random.insertion.areas, areas)


def test_ties_are_broken_by_the_seed_alone():
    values = np.array([1.0, 3.0, 1.0, 3.0, 2.0] * 4)
    orders = [largest_first(values, seed) for seed in range(6)]
    for order in orders:
        assert sorted(order) == list(range(20))
        assert (np.diff(values[order]) <= 0).all()
    assert len({tuple(order) for order in orders}) == 6


def test_edges_as_scipy_finds_them():
    picture = RNG.uniform(0, 1, (6, 7, 2))
    expected = sum(
        np.hypot(*(ndimage.sobel(channel, axis, mode="nearest") for axis in (0, 1)))
        for channel in np.moveaxis(picture, 2, 0)
    )
    np.testing.assert_allclose(sobel(picture), expected, atol=1e-12)


def test_without_a_fall_there_is_nothing_to_prove():
    net = Network([Flatten(), Dense(3)], (4, 4, 1), dtype=np.float64)
    net.parameters[...] = 0
    net.layers[-1].params["bias"][...] = [2, 1, 0]
    contrast = Contrast(net, RNG.uniform(0, 1, (4, 4, 1)))
    found = proof(contrast, RNG.uniform(0, 1, (4, 4)), None)
    assert not found.holds
    assert not found.beats("change")
    assert found.beaten == 0
    assert found.margin == found.baseline_margin == 1
    for curve in (found.evidence.deletion, found.random.insertion):
        assert curve.rescaled is curve.areas is curve.area is curve.spread is None
    # The answer never goes; and it is there before a pixel has come back.
    assert found.evidence.deletion.flip is None
    assert found.evidence.insertion.flip == 0
    assert json.loads(json.dumps(found.to_dict()))["orders"]["edges"]["deletion"]["area"] is None


def test_a_baseline_of_larger_margin_still_wants_small_areas():
    net = Network([Flatten(), Dense(2)], (2, 2, 1), dtype=np.float64)
    net.parameters[...] = 0
    net.layers[-1].params["kernel"][:, 0] = [1, 2, -3, -4]
    contrast = Contrast(net, np.ones((2, 2, 1)), 0, 1)
    found = proof(contrast, np.array([[1, 2], [-3, -4]]), None)
    assert (found.margin, found.baseline_margin) == (-4, 0)
    expected = np.array([-4, -6, -7, -4, 0]) / 4
    np.testing.assert_allclose(found.evidence.deletion.rescaled[0], expected)
    assert found.holds


def test_the_middle_flip_of_many_draws():
    contrast, evidence, baseline = linear(0)
    curve = proof(contrast, evidence, baseline, draws=9).random.deletion
    flips = [99 if flip is None else flip for flip in curve.flips]
    middle = sorted(flips)[4]
    assert curve.flip == (None if middle == 99 else middle)


def test_one_pixel_proves_nothing():
    contrast, evidence, _ = linear(1)
    baseline = contrast.images[0].copy()
    baseline[1, 2] += 0.5
    found = proof(contrast, evidence, baseline)
    assert found.pixels == 1
    assert found.evidence.deletion.area == found.random.deletion.area
    assert abs(found.random.deletion.area) == 0.5
    assert not found.holds


def test_all_of_it_as_json():
    contrast, evidence, baseline = linear(5)
    found = proof(contrast, evidence, baseline, steps=4, draws=7)
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["holds"] is found.holds
    assert (told["pixels"], told["draws"], told["beaten"]) == (10, 7, 7)
    assert set(told["orders"]) == {"evidence", "random", "edges", "change"}
    curve = told["orders"]["random"]["insertion"]
    assert curve["area"] == found.random.insertion.area
    assert len(curve["counts"]) == len(curve["margins"]) == len(curve["probabilities"]) == 5
    np.testing.assert_allclose(curve["margins"], found.random.insertion.margins.mean(axis=0))


def test_it_tells_evidence_from_a_blur(digits):
    """Contributions along the path win on a trained net; a map of mere places often does not."""
    net, images, _ = digits
    answers = net.predict(images)
    held, blurred = [], []
    for at in range(12):
        other = images[np.flatnonzero(answers != answers[at])[at]]
        rival = int(net.predict(other)[0])
        contrast = Contrast(net, images[at], rival=rival)
        evidence = integrated_gradients(contrast, other, rule="riemann_middle").values[0]
        held.append(proof(contrast, evidence, other).holds)
        blurred.append(proof(contrast, grad_cam(contrast).values[0], other).holds)
    assert sum(held) >= 11
    assert sum(blurred) <= 9


def test_threads_change_nothing(digits):
    net, images, _ = digits
    evidence = RNG.standard_normal((28, 28))
    one, two = (
        proof(Contrast(net, images[:1], threads=threads), evidence, 0.5).to_dict()
        for threads in (1, 2)
    )
    assert one == two


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"evidence": np.zeros((5, 4))}, ShapeError, r"evidence of shape \(4, 5\) or \(4, 5, 2\)"),
        ({"evidence": np.zeros((4, 5, 1))}, ShapeError, "evidence of shape"),
        ({"evidence": np.full((4, 5), np.nan)}, ConfigError, "finite numbers"),
        ({"evidence": np.full((4, 5), "x")}, ConfigError, "finite numbers"),
        ({"baseline": np.zeros((3, 3, 2))}, ShapeError, "expected"),
        ({"baseline": np.nan}, ConfigError, "a baseline"),
        ({"steps": 0}, ConfigError, "steps as a whole number of at least 1, got 0"),
        ({"draws": 0}, ConfigError, "draws as a whole number of at least 1, got 0"),
        ({"draws": 2.5}, ConfigError, "draws"),
        ({"seed": -1}, ConfigError, "a seed"),
    ],
)
def test_bad_requests(change, error, message):
    contrast, evidence, baseline = linear()
    asked = {"evidence": evidence, "baseline": baseline} | change
    with pytest.raises(error, match=message):
        proof(contrast, **asked)


def test_pictures_that_cannot_be_proven():
    contrast, evidence, baseline = linear()
    with pytest.raises(ConfigError, match="the picture itself: nothing can go"):
        proof(contrast, evidence, contrast.images[0])
    two = Contrast(contrast.net, np.stack([contrast.images[0], baseline]), 0, 1)
    with pytest.raises(ConfigError, match="one picture, got 2"):
        proof(two, evidence, baseline)
    with pytest.raises(ConfigError, match="an order of random, edges, change"):
        proof(contrast, evidence, baseline).beats("magic")
    flat = Network([Dense(3)], (4,), dtype=np.float64)
    with pytest.raises(ShapeError, match=r"a net of pictures .* input shape \(4,\)"):
        proof(Contrast(flat, np.ones(4)), np.zeros(4), None)
