"""The table of a net, and receptive fields against what gradients reach."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whynet.nn import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Network,
    ReLU,
)


def fields(net: Network) -> dict[str, tuple[int, int]]:
    return {row.name: row.field for row in net.summary().rows}


def test_the_receptive_fields_of_lenet_by_hand():
    net = Network(
        [
            Conv2D(6, 5, padding="same"),
            ReLU(),
            MaxPooling2D(2),
            Conv2D(16, 5),
            MaxPooling2D(2),
            Flatten(),
            Dense(10),
        ],
        (28, 28, 1),
    )
    # 5; 5 + 1·1 = 6; then steps of 2: 6 + 4·2 = 14, 14 + 1·2 = 16.
    assert fields(net) == {
        "conv2d_1": (5, 5),
        "relu_1": (5, 5),
        "maxpooling2d_1": (6, 6),
        "conv2d_2": (14, 14),
        "maxpooling2d_2": (16, 16),
        "flatten_1": (16, 16),
        "dense_1": (28, 28),
    }


layers = st.lists(
    st.builds(
        lambda kind, size, strides: kind(size, strides),
        st.sampled_from(
            [
                lambda size, strides: Conv2D(1, size, strides=strides, kernel_initializer="ones"),
                lambda size, strides: AveragePooling2D(size, strides=strides),
                lambda size, strides: DepthwiseConv2D(
                    size, strides=strides, kernel_initializer="ones"
                ),
            ]
        ),
        st.tuples(st.integers(1, 3), st.integers(1, 3)),
        st.tuples(st.integers(1, 2), st.integers(1, 2)),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(layers)
def test_receptive_fields_are_what_a_gradient_reaches(stack):
    """With positive weights and nothing padded, the pixels that move an output are its field."""
    # A stride beyond the window leaves pixels unseen between, so let windows touch.
    for layer in stack:
        size, stride = layer.window
        layer.strides = tuple(min(a, b) for a, b in zip(size, stride, strict=True))
    net = Network(stack, (27, 27, 1), dtype=np.float64)
    y, caches = net.forward(np.ones((1, 27, 27, 1)))
    dy = np.zeros_like(y)
    dy[0, 0, 0, 0] = 1
    dx, _ = net.backward(dy, caches)
    _, rows, columns, _ = np.nonzero(dx)
    assert net.summary().rows[-1].field == (np.ptp(rows) + 1, np.ptp(columns) + 1)


@pytest.mark.parametrize(
    ("stack", "shape", "expected"),
    [
        (
            [Conv2D(1, (9, 3), padding="same"), Conv2D(1, 9, padding="same")],
            (10, 12, 1),
            (10, 11),
        ),
        ([GlobalAveragePooling2D()], (5, 7, 2), (5, 7)),
        ([Dense(3), ReLU()], (6,), (1, 6)),
        ([Flatten(), Dense(3)], (5, 7), (5, 7)),
    ],
    ids=["larger than the input", "global", "vector", "rank 2"],
)
def test_fields_end_at_the_input(stack, shape, expected):
    assert Network(stack, shape).summary().rows[-1].field == expected


def net() -> Network:
    return Network(
        [Conv2D(4, name="<edges>"), BatchNormalization(), Flatten(), Dense(10)], (28, 28, 1)
    )


def test_the_text():
    assert str(net().summary()).splitlines() == [
        "layer                 type                 output  parameters   sees  multiply-adds",
        "─" * 83,
        "<edges>               Conv2D              26×26×4          40    3×3         24,336",
        "batchnormalization_1  BatchNormalization  26×26×4           8    3×3              0",
        "flatten_1             Flatten                2704           0    3×3              0",
        "dense_1               Dense                    10      27,050  28×28         27,040",
        "input 28×28×1, 27,098 parameters, 51,376 multiply-adds an example",
    ]


def test_the_totals_are_the_nets():
    summary = net().summary()
    assert summary.parameters == net().parameters.size
    assert summary.multiply_adds == net().multiply_adds
    assert repr(summary) == str(summary)


def test_the_html_says_the_same():
    class Cells(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    cells = Cells()
    summary = net().summary()
    cells.feed(summary._repr_html_())
    assert "<edges>" in cells.found  # Escaped on the way: no tag of a name's making.
    for row in summary.rows:
        assert set(row.cells()) <= set(cells.found)
