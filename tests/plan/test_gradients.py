"""Plans' gradients against finite differences: all parameters, float64, random upstream."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.gradients import apart, assert_gradients
from helpers.plans import alone, doubtful, stir, teach
from whynet.nn import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Network,
    ReLU,
    Sigmoid,
    Tanh,
)
from whynet.plan import Plan
from whynet.plan.plan import LANE


def winograd_net() -> Network:
    """Lanes, dropout on maps and on vectors, pooling, and a map that tiles do not fit."""
    return Network(
        [
            Conv2D(2, 3, padding="same"),
            ReLU(),
            Conv2D(3, 3, algorithm="winograd"),
            MaxPooling2D(2),
            Tanh(),
            Dropout(0.25),
            Conv2D(2, 3, padding="same", algorithm="winograd"),
            Flatten(),
            Dense(4),
            Sigmoid(),
            Dropout(0.5),
            Dense(3),
        ],
        (8, 7, 1),
        seed=3,
        dtype=np.float64,
    )


def mixed_net() -> Network:
    """Meetings, strides, even filters, depthwise filters, what only layers can do."""
    return Network(
        [
            Conv2D(3, (2, 4), strides=(1, 2), padding="same"),
            BatchNormalization(),
            Tanh(),
            DepthwiseConv2D(2, padding="same"),
            AveragePooling2D(2),
            Dropout(0.25),
            Conv2D(4, 2, groups=1, use_bias=False),
            MaxPooling2D(2, strides=1, padding="same"),
            Tanh(),
            GlobalAveragePooling2D(),
            BatchNormalization(),
            Dense(3),
        ],
        (6, 9, 2),
        seed=3,
        dtype=np.float64,
    )


@pytest.mark.parametrize("make", [winograd_net, mixed_net])
def test_every_parameter(make):
    """With dropout: a generator of the same seed silences the same units each time."""
    net, n, rng = make(), 10, np.random.default_rng(2)
    stir(net, rng)
    x, dy = apart(rng, (n, *net.input_shape)), rng.standard_normal((n, *net.output_shape))
    assert not doubtful(net, x, training=True, margin=1e-4)
    plan = Plan(net, n, training=True)
    assert len(plan.lanes) == (-(-n // LANE) if make is winograd_net else 0)

    def cost() -> float:
        plan.x[...] = x
        alone(plan.forward_shard(np.random.default_rng(7)))
        return float((dy * plan.y).sum())

    _, gradient = teach(plan, x, dy, np.random.default_rng(7))
    assert_gradients(gradient, cost, net.parameters)
