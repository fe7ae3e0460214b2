"""On pairs that differ in one stroke, the evidence finds that stroke, there or missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import whynet
from whynet.data.strokes.pairs import pairs
from whynet.explain.donors import Donors
from whynet.explain.evidence import evidence

EACH = 5
KINDS = ("4-9", "1-7", "3-8", "5-6")


@pytest.fixture(scope="module")
def benchmark():
    """The benchmark's own scores and simple maps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
        from explanations import scores
        from explanations.simple import SIMPLE

        yield scores, SIMPLE


@pytest.fixture(scope="module")
def asked():
    """A net that has learnt the writer's digits, and donors."""
    drawn = whynet.load("strokes", examples=5000)
    net = whynet.load_preset("lenet").build()
    net.fit(drawn.images, drawn.labels, epochs=2, lr=0.003, callbacks=[])
    return net, Donors.from_data(net, drawn.images, drawn.known_labels, each=60)


@pytest.fixture(scope="module", params=["there", "missing"])
def answers(request, asked):
    """Pictures, our maps and what differs."""
    net, donors = asked
    pictures, maps, changed = [], [], []
    for kind in KINDS:
        drawn = pairs(kind, 3 * EACH, seed=100)
        own, other = drawn.second, drawn.first
        if request.param == "missing":
            own, other = other, own
        a, b = int(own.known_labels[0]), int(other.known_labels[0])
        read = (net.predict(own.images) == a) & (net.predict(other.images) == b)
        for at in np.flatnonzero(read)[:EACH]:
            one = evidence(net, own.images[at], b, donors=donors, threads=1)
            pictures.append(own.images[at])
            maps.append(one.map[..., 0])
            changed.append(drawn.changed[at])
    assert len(maps) > len(KINDS) * EACH // 2
    return np.stack(pictures), np.stack(maps), np.stack(changed)


def test_it_finds_the_stroke(benchmark, answers):
    scores, simple = benchmark
    pictures, maps, changed = answers
    truth = scores.grown(changed)
    point, mass = scores.pointing(maps, truth).mean(), scores.mass(maps, truth).mean()
    assert point > 0.85
    assert mass > 0.75
    for name, make in simple.items():
        theirs = make(pictures)
        assert point > scores.pointing(theirs, truth).mean() + 0.2, name
        assert mass > scores.mass(theirs, truth).mean() + 0.2, name


def test_scores_of_known_maps(benchmark):
    scores, _ = benchmark
    truth = np.zeros((1, 5, 5), bool)
    truth[0, 1, 1:3] = True
    assert scores.grown(truth).sum() == 12
    exact = truth.astype(float)
    assert scores.pointing(exact, truth) == scores.mass(exact, truth) == 1
    assert scores.rank(exact, truth) == 1
    assert scores.pointing(1 - exact, truth) == scores.mass(1 - exact, truth) == 0
    half = np.zeros((1, 5, 5))
    half[0, 1, 1], half[0, 4, 4], half[0, 0, 0] = 2.0, 2.0, -9.0
    assert scores.pointing(half, truth) == scores.mass(half, truth) == 0.5
    assert scores.rank(half, truth) == 0.5
    assert scores.pointing(np.ones((1, 5, 5)), truth) == pytest.approx(2 / 25)
    assert scores.mass(-exact, truth) == 0


def test_correlations_and_similarity_of_known_maps(benchmark):
    scores, _ = benchmark
    maps = np.random.default_rng(0).normal(size=(3, 9, 9))
    np.testing.assert_allclose(scores.rank_correlation(maps, np.exp(maps)), 1)
    np.testing.assert_allclose(scores.rank_correlation(maps, -maps), -1)
    assert (scores.rank_correlation(maps, np.ones_like(maps)) == 0).all()
    np.testing.assert_allclose(scores.similarity(maps, 3 * maps), 1)
    assert (np.abs(scores.similarity(maps, maps[:, ::-1])) < 0.5).all()
