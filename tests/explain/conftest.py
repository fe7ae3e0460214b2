"""A net that has learnt something, and pictures that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import whynet
from whynet.errors import DataNotFoundError
from whynet.nn import Network, layer_from_config

Digits = tuple[whynet.Sequential, NDArray[np.uint8], NDArray[np.int64]]


@pytest.fixture(scope="session")
def digits() -> Digits:
    """LeNet after two short epochs (about 96 % right), with 100 pictures and their labels."""
    try:
        learnt = whynet.load("mnist", examples=5000)
        unseen = whynet.load("mnist", split="test", examples=100)
    except DataNotFoundError:
        learnt = whynet.load("strokes", examples=5000)
        unseen = whynet.load("strokes", split="test", examples=100)
    net = whynet.load_preset("lenet").build()
    net.fit(learnt.images, learnt.labels, epochs=2, lr=0.003, callbacks=[])
    net.parameters.flags.writeable = net.state.flags.writeable = False
    return net, unseen.images, unseen.labels


@pytest.fixture(scope="session")
def exact(digits: Digits) -> Network:
    """The same net in float64."""
    net = digits[0]
    return Network(
        [layer_from_config(layer.config()) for layer in net.layers],
        net.input_shape,
        dtype=np.float64,
        weights=net.weights(),
    )
