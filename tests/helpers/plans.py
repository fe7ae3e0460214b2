"""Driving plans, and nets to drive them with."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from whynet.errors import ConfigError, ShapeError
from whynet.nn import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Network,
    layer_from_config,
)
from whynet.ops.arrays import Array, Shape
from whynet.plan import Plan
from whynet.presets import load_preset

Meeting = Generator[Array, Array, Any]


def alone(meeting: Meeting) -> Any:
    """Run a pass whose one shard is the whole batch: it is sent back its own sums."""
    return together([meeting])[0]


def together(meetings: Sequence[Meeting]) -> list[Any]:
    """Run shards side by side: add up what they yield, send every one the sum."""
    sent, results = None, []
    while not results:
        yielded = []
        for meeting in meetings:
            try:
                # A copy: what a shard yields must not change under it when others are sent sums.
                yielded.append((next(meeting) if sent is None else meeting.send(sent)).copy())
            except StopIteration as finished:
                results.append(finished.value)
        assert not (yielded and results), "expected all shards to meet equally often"
        sent = sum(yielded) if yielded else None
    return results


def ask(plan: Plan, x: Array) -> Array:
    """Run a prediction plan."""
    plan.x[...] = x
    return plan.forward().copy()


def teach(
    plan: Plan, x: Array, dy: Array, rng: np.random.Generator | None = None
) -> tuple[Array, Array]:
    """Run a training plan there and back: y and the gradient of all parameters."""
    plan.x[...] = x
    alone(plan.forward_shard(rng))
    y = plan.y.copy()
    plan.dy[...] = dy
    # What is not filled in shows.
    gradient = np.full_like(plan.network.parameters, np.nan)
    alone(plan.backward_shard(plan.network.by_layer(gradient)))
    return y, gradient


def by_the_layers(net: Network, x: Array, dy: Array) -> tuple[Array, Array]:
    """The same by the layers' own passes."""
    y, caches = net.forward(x, training=True, rng=np.random.default_rng(0))
    return y, net.backward(dy, caches, need_dx=False)[1]


def draw(net: Network, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw inputs and upstream gradients for a net."""
    x = rng.standard_normal((n, *net.input_shape)).astype(net.dtype)
    return x, rng.standard_normal((n, *net.output_shape)).astype(net.dtype)


def stir(net: Network, rng: np.random.Generator) -> None:
    """Move everything learnt and remembered, so that nothing is 0 or 1 by rights of birth."""
    for layer in net.layers:
        for name, parameter in layer.params.items():
            size = 0.1 if name == "kernel" else 0.5
            parameter += (size * rng.standard_normal(parameter.shape)).astype(net.dtype)
        for name, held in layer.state.items():
            low = 0.5 if name == "variance" else -1
            held[...] = rng.uniform(low, 2, held.shape)


def assert_close(mine: Array, right: Array, tolerance: float, *, least: float = 0) -> None:
    """Hold an array to another, relative to the largest number there (or to ``least``)."""
    assert mine.shape == right.shape
    assert mine.dtype == right.dtype
    if mine.size:
        error, size = np.abs(mine - right).max(), max(np.abs(right).max(), least)
        assert error <= tolerance * size, f"off by {error:.1e} where the largest is {size:.1e}"


def assert_same_gradient(net: Network, mine: Array, right: Array, tolerance: float) -> None:
    """Hold every parameter's gradient to the right one, each by its own size.

    Down to a twentieth of the net's largest: the bias in front of batch normalisation has a
    gradient of 0, which nobody finds to eleven digits.
    """
    assert not np.isnan(mine).any()
    least = 0.05 * np.abs(right).max(initial=0)
    for found, expected in zip(net.by_layer(mine), net.by_layer(right), strict=True):
        for name in found:
            assert_close(found[name], expected[name], tolerance, least=least)


def preset_net(name: str, *, dtype: type = np.float64, dropout: bool = False) -> Network:
    """A preset's net in any precision; without its dropout unless that is asked for."""
    config = load_preset(name).build().config()
    for layer in config["layers"]:
        if layer["type"] == "Dropout" and not dropout:
            layer["rate"] = 0.0
    layers = [layer_from_config(layer) for layer in config["layers"]]
    return Network(layers, tuple(config["input_shape"]), dtype=dtype, seed=1)


# -- nets that nobody thought of -------------------------------------------------------------

_either = st.sampled_from(["valid", "same"])
_small = st.integers(1, 4)
_pairs = st.one_of(st.integers(1, 3), st.tuples(_small, _small))


@st.composite
def _convolutions(draw: st.DrawFn) -> Layer:
    options: dict[str, Any] = {"use_bias": draw(st.booleans()), "padding": draw(_either)}
    # Sixteen channels and filters are what Winograd is chosen from, if nobody forces it.
    filters = draw(st.sampled_from([1, 2, 3, 6, 13, 16, 16, 17]))
    kind = draw(st.sampled_from(["plain", "plain", "plain", "any", "grouped", "depthwise"]))
    if kind == "plain":
        algorithm = draw(st.sampled_from(["auto", "winograd", "winograd", "partial_im2col"]))
        return Conv2D(filters, 3, algorithm=algorithm, **options)
    options["strides"] = draw(st.sampled_from([1, 1, 2, (2, 1), 3]))
    if kind == "any":
        names = ["auto", "partial_im2col", "im2col", "reference"]
        return Conv2D(filters, draw(_pairs), algorithm=draw(st.sampled_from(names)), **options)
    algorithm = draw(st.sampled_from(["auto", "auto", "im2col"]))
    if kind == "grouped":
        return Conv2D(
            6, draw(_pairs), groups=draw(st.integers(2, 3)), algorithm=algorithm, **options
        )
    multiplier = draw(st.integers(1, 2))
    return DepthwiseConv2D(
        draw(_pairs), depth_multiplier=multiplier, algorithm=algorithm, **options
    )


@st.composite
def _pools(draw: st.DrawFn) -> Layer:
    kind = draw(st.sampled_from([MaxPooling2D, AveragePooling2D]))
    if draw(st.booleans()):
        return kind(draw(st.sampled_from([1, 2, 2, 3, (2, 1), (1, 3)])))
    return kind(draw(_pairs), strides=draw(_pairs), padding=draw(_either))


def _elementwise(step: bool) -> st.SearchStrategy[Layer]:
    names = ["linear", "relu", "relu", "leaky_relu", "sigmoid", "tanh", "softmax"]
    return st.one_of(
        st.sampled_from(names + ["step"] * step).map(Activation),
        st.sampled_from([0.01, 0.25]).map(lambda slope: LeakyReLU(negative_slope=slope)),
        st.just(0.0).map(Dropout),
    )


@st.composite
def networks(
    draw: st.DrawFn,
    *,
    dtype: type = np.float64,
    step: bool = False,
    normalization: bool = True,
    most: int = 7,
) -> Network:
    """Draw a net of any layers that fit together: pictures first, vectors behind, or either."""
    plain = _elementwise(step)
    if normalization and draw(st.booleans()):  # with it there are no lanes
        plain = st.one_of(plain, plain, st.builds(BatchNormalization))
    side, channels = st.sampled_from([1, 2, *range(4, 14), 8, 12]), st.sampled_from([1, 2, 3, 16])
    shape: Shape = (draw(side), draw(side), draw(channels))
    if draw(st.sampled_from([False] * 9 + [True])):
        shape = (draw(st.integers(1, 9)),)
    given, layers = shape, []
    spatial = st.one_of(_convolutions(), _convolutions(), _pools(), plain)
    for _ in range(draw(st.integers(1, most))):
        layer = draw(spatial)
        try:
            shape = layer_from_config(layer.config()).build(shape, None)
        except (ShapeError, ConfigError):
            continue  # It does not fit here, so this net goes without.
        layers.append(layer)
    if len(shape) == 3 and draw(st.sampled_from([True] * 5 + [False])):
        layers.append(draw(st.sampled_from([Flatten, GlobalAveragePooling2D]))())
        shape = ()
    if len(shape) < 2:
        behind = st.one_of(st.builds(Dense, st.integers(1, 6)), plain, st.builds(Flatten))
        layers.extend(draw(behind) for _ in range(draw(st.integers(0, 4))))
    if not layers:
        layers = [Flatten()]
    return Network(layers, given, dtype=dtype, seed=draw(st.integers(0, 9)))


def doubtful(net: Network, x: Array, *, training: bool, margin: float) -> bool:
    """Whether the last bits decide who wins a max-pool, or on which side of a kink a number lies.

    There two right ways to compute a net may differ by more than bits. Zeros that ReLU left, and
    equals that max pooling copied, are no such cases: they are equal whatever the bits. But a
    channel without variance is, which batch normalisation divides by almost nothing.
    """
    zeros = copies = False
    for layer in net.layers:
        function = getattr(layer, "function", None)
        if function in ("relu", "leaky_relu", "step"):
            near = np.abs(x) < margin
            if (near & ~(zeros & (x == 0))).any():
                return True
        channels = x.reshape(-1, x.shape[-1])
        if isinstance(layer, BatchNormalization) and training and channels.var(axis=0).min() < 1e-4:
            return True
        if isinstance(layer, MaxPooling2D) and np.prod(layer.windows.size) > 1:
            windows = layer.windows
            padded = windows.pad(x, -np.inf)
            seen = np.stack([windows.tap(padded, *cell) for cell in np.ndindex(windows.size)])
            second, first = np.sort(seen, axis=0)[-2:]
            sure = (first == second) & (copies | (zeros & (first == 0)))
            if ((first - second < margin) & ~sure).any():
                return True
        if not isinstance(layer, (Dropout, Flatten, MaxPooling2D)):
            zeros = function == "relu" or (zeros and function == "leaky_relu")
            copies &= function not in (None, "softmax")
        copies |= isinstance(layer, MaxPooling2D)
        x, _ = layer.forward(x, training=training, rng=np.random.default_rng(0))
    return False
