"""A batch in parts, through plans that meet, is the whole batch."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.plans import (
    assert_close,
    assert_same_gradient,
    by_the_layers,
    draw,
    preset_net,
    stir,
    together,
)
from whynet.nn import (
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
    Network,
    Tanh,
)
from whynet.plan import Plan


def net_that_meets() -> Network:
    """On maps in either order, on vectors, and at both ends."""
    return Network(
        [
            BatchNormalization(),
            Conv2D(16, algorithm="winograd"),
            BatchNormalization(),
            Tanh(),
            MaxPooling2D(),
            Conv2D(3, 2),
            BatchNormalization(),
            Flatten(),
            BatchNormalization(),
            Dense(4),
            BatchNormalization(),
        ],
        (9, 8, 2),
        dtype=np.float64,
    )


@pytest.mark.parametrize("sizes", [(10, 10), (9, 1, 12), (20,)], ids=str)
@pytest.mark.parametrize("name", ["tiny", "small", "all over"])
def test_shards_are_the_whole(name, sizes):
    net = net_that_meets() if name == "all over" else preset_net(name)
    rng, n = np.random.default_rng(4), sum(sizes)
    plans = [Plan(net, size, training=True) for size in sizes]
    ends = np.cumsum(sizes)
    parts = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    for _ in range(2):
        stir(net, rng)
        # Far from 0, where careless sums of squares would cancel.
        x, dy = draw(net, n, rng)
        x += 5
        for plan, part in zip(plans, parts, strict=True):
            plan.x[...] = x[part]
        met = together([plan.forward_shard() for plan in plans])
        y = np.concatenate([plan.y for plan in plans])
        for plan, part in zip(plans, parts, strict=True):
            plan.dy[...] = dy[part]
        gradients = [np.full_like(net.parameters, np.nan) for _ in plans]
        together(
            [
                plan.backward_shard(net.by_layer(gradient))
                for plan, gradient in zip(plans, gradients, strict=True)
            ]
        )
        right, right_gradient = by_the_layers(net, x, dy)
        assert_close(y, right, 1e-10)
        assert_same_gradient(net, sum(gradients), right_gradient, 1e-10)
        # All shards were sent the same moments, which are those of the layers.
        normalizations = [layer for layer in net.layers if isinstance(layer, BatchNormalization)]
        for each in met:
            assert len(each) == len(normalizations)
            for mine, first in zip(each, met[0], strict=True):
                np.testing.assert_array_equal(mine, first)
        for mine, theirs in zip(met[0], _moments(net, x), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-9)


def _moments(net: Network, x) -> list:
    """What the layers would have yielded."""
    seen = []
    for layer in net.layers:
        if isinstance(layer, BatchNormalization):
            seen.append(layer.moments(x))
        x, _ = layer.forward(x, training=True)
    return seen
