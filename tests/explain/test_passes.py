"""Explanations run nets by plans: with the numbers of the layers' own passes, whoever asks."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from helpers.asked import nets, pictures
from helpers.plans import assert_close, doubtful, stir
from whynet.errors import NotDifferentiableError
from whynet.explain import Contrast
from whynet.explain import span as spans
from whynet.explain.passes import Pass, logit, margin, probability, unit_output, value_and_gradients
from whynet.explain.span import Span
from whynet.nn import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    Network,
    ReLU,
    Softmax,
    Step,
    Tanh,
)


def small(*end, dtype: type = np.float64) -> Network:
    layers = [
        Conv2D(16, padding="same"),
        BatchNormalization(),
        ReLU(),
        Conv2D(16),
        MaxPooling2D(),
        Dropout(0.5),
        Flatten(),
        Dense(4),
        *end,
    ]
    net = Network(layers, (7, 7, 2), dtype=dtype, seed=2)
    stir(net, np.random.default_rng(0))
    return net


def whole(net: Network) -> Span:
    return Span(net, 0, len(net.layers))


def assert_same(found: Pass, right: Pass, tolerance: float) -> None:
    assert_close(found.values, right.values, tolerance)
    for name in ("features", "gradients"):
        mine, known = getattr(found, name), getattr(right, name)
        assert mine.keys() == known.keys()
        for place in known:
            assert_close(mine[place], known[place], tolerance)


@settings(max_examples=60)
@given(net=nets(), n=st.integers(1, 40), data=st.data())
def test_plans_and_layers_agree(net, n, data):
    note(str(net.config()))
    places = data.draw(st.sets(st.integers(0, len(net.layers))))
    x, span = pictures(n, seed=n), whole(net)
    score = data.draw(st.sampled_from([margin, logit, probability]))
    of = np.arange(n) % 3
    ask = score(of, (of + 1) % 3) if score is margin else score(of)
    assume(not doubtful(net, x, training=False, margin=1e-9))
    for _ in range(2):  # by a new plan, and by one that was used
        found = value_and_gradients(span, x, ask, places)
        assert_same(found, value_and_gradients(net.layers, x, ask, places), 1e-9)


def test_blocks_of_any_length_share_a_few_plans():
    net, span = small(), whole(small())
    for n in range(1, 41):
        x = np.random.default_rng(n).standard_normal((n, 7, 7, 2))
        ask = unit_output((2,))
        found = value_and_gradients(span, x, ask, (0, 3))
        assert_same(found, value_and_gradients(net.layers, x, ask, (0, 3)), 1e-10)
        assert found.gradients[0].shape == x.shape
    assert len(span._idle) <= 8


def test_layers_from_the_middle():
    net = small(Tanh())
    x = np.random.default_rng(1).standard_normal((9, 7, 7, 16))
    ask = unit_output((3, 1, 0))
    found = value_and_gradients(Span(net, 1, 4), x, ask, (0, 2))
    assert_same(found, value_and_gradients(net.layers[1:4], x, ask, (0, 2)), 1e-10)


def test_softmax_at_the_end_is_left_out():
    net = small(Softmax(), dtype=np.float32)
    x = np.random.default_rng(1).uniform(0, 1, (5, 7, 7, 2)).astype(np.float32)
    contrast = Contrast(net, x, 0, 1)
    ask = margin(contrast.predicted, contrast.rival)
    right = value_and_gradients(net.layers[:-1], x, ask, (0, 4))
    assert_close(contrast.margins(), right.values, 1e-5)
    assert_close(contrast.gradients(), right.gradients[0], 1e-4)
    assert_close(contrast.gradients(layer=3), right.gradients[4], 1e-4)


def test_parameters_count_as_they_are():
    net, rng = small(), np.random.default_rng(3)
    x, span, ask = rng.standard_normal((6, 7, 7, 2)), whole(net), unit_output((1,))
    for _ in range(3):
        stir(net, rng)
        for places in ((), (0,)):
            found = value_and_gradients(span, x, ask, places)
            assert_same(found, value_and_gradients(net.layers, x, ask, places), 1e-10)


def test_results_are_the_callers_to_keep():
    net, rng = small(), np.random.default_rng(4)
    span, everywhere = whole(net), range(len(net.layers) + 1)
    ask = unit_output((1,))
    first = value_and_gradients(span, rng.standard_normal((6, 7, 7, 2)), ask, everywhere)
    kept = copy.deepcopy(first)
    value_and_gradients(span, rng.standard_normal((6, 7, 7, 2)), ask, everywhere)
    assert_same(first, kept, 0)


def test_threads_share_a_span():
    net, span, ask = small(), whole(small()), unit_output((0,))
    blocks = [np.random.default_rng(i).standard_normal((3 + i % 5, 7, 7, 2)) for i in range(24)]

    def run(x):
        return value_and_gradients(span, x, ask, (0, 4))

    with ThreadPoolExecutor(4) as pool:
        for x, found in zip(blocks, pool.map(run, blocks), strict=True):
            assert_same(found, value_and_gradients(net.layers, x, ask, (0, 4)), 1e-10)


def test_nothing_is_left_on_the_layers():
    net = small()
    before = [dict(vars(layer)) for layer in net.layers]
    contrast = Contrast(net, np.ones((3, 7, 7, 2)))
    contrast.gradients(), contrast.gradients(layer=2)
    for layer, held in zip(net.layers, before, strict=True):
        assert vars(layer).keys() == held.keys()
        assert all(vars(layer)[name] is value for name, value in held.items())


def test_a_plan_that_failed_is_not_used_again():
    net = Network([Flatten(), Dense(5), Step(), Dense(3)], (2, 2, 1), dtype=np.float64)
    span, x = whole(net), np.ones((2, 2, 2, 1))
    with pytest.raises(NotDifferentiableError):
        value_and_gradients(span, x, unit_output((0,)), (0,))
    assert not span._idle
    assert value_and_gradients(span, x, unit_output((0,)), (3,)).gradients[3].shape == (2, 5)


def test_idle_plans_are_bounded(monkeypatch):
    span = whole(small())
    with span.lent(8, (0,)) as plan:
        monkeypatch.setattr(spans, "IDLE_BYTES", 2.5 * plan.memory.total)
    for place in range(6):
        with span.lent(8, (place,)):
            pass
        assert sum(plan.memory.total for plan in span._idle) <= spans.IDLE_BYTES
    assert span._idle[-1].places == (5,)


def test_without_places_inside_a_plan_predicts():
    span, x = whole(small()), np.ones((2, 7, 7, 2))
    for places in ((), (8,)):
        found = value_and_gradients(span, x, unit_output((0,)), places)
        assert found.features.keys() == found.gradients.keys() == set(places)
    assert [plan.places for plan in span._idle] == [()]
