"""Forward and backward never assign to the layer, nor to what they are given.

So a layer may serve any number of workers at once.
"""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from helpers.gradients import apart
from helpers.layers import EXAMPLES, Example, every_differentiable, every_example
from whynet.nn import BatchNormalization, Conv2D, Dense, Dropout, Flatten, Layer, Network, ReLU
from whynet.nn.layer import LAYERS
from whynet.ops.arrays import Scratch

modes = pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])


def built(example: Example, dtype=np.float64) -> Layer:
    layer = example.make()
    layer.name = "served"
    rng = np.random.default_rng(0)
    layer.build(example.input_shape, rng, dtype)
    for array in (layer.params | layer.state).values():
        array[...] = rng.uniform(0.5, 1.5, array.shape)
    return layer


def draw(layer: Layer, seed: int, n: int = 3):
    """An input and an upstream gradient that may not be written to."""
    rng = np.random.default_rng(seed)
    arrays = apart(rng, (n, *layer.input_shape)), rng.standard_normal((n, *layer.output_shape))
    for array in arrays:
        array.flags.writeable = False
    return arrays


def forward(layer: Layer, x, seed: int, *, training: bool, scratch: Scratch | None = None):
    return layer.forward(x, training=training, rng=np.random.default_rng(seed), scratch=scratch)


def assert_same(results, expected) -> None:
    (y, dx, grads), (right_y, right_dx, right_grads) = results, expected
    np.testing.assert_array_equal(y, right_y)
    np.testing.assert_array_equal(dx, right_dx)
    assert grads.keys() == right_grads.keys()
    for name, gradient in grads.items():
        np.testing.assert_array_equal(gradient, right_grads[name])


def step(layer: Layer, seed: int, *, training: bool, scratch: Scratch | None = None):
    """One forward and one backward pass, alone. Copied, so that views cannot change later."""
    x, dy = draw(layer, seed)
    y, cache = forward(layer, x, seed, training=training, scratch=scratch)
    dx, grads = layer.backward(dy, cache)
    return copy.deepcopy((y, dx, grads))


def test_the_examples_show_every_layer_class():
    concrete = {name for name, kind in LAYERS.items() if not kind.__abstractmethods__}
    ours = {name for name in concrete if LAYERS[name].__module__.startswith("whynet.")}
    assert {type(example.make()).__name__ for example in EXAMPLES} >= ours


@modes
@every_example
def test_passes_leave_the_layer_as_it_was(example: Example, training: bool):
    layer = built(example)
    for array in (layer.params | layer.state).values():
        array.flags.writeable = False
    before, contents = dict(vars(layer)), copy.deepcopy(vars(layer))
    inner = {held: dict(before[held]) for held in ("params", "state")}

    x, dy = draw(layer, seed=1)
    _, cache = forward(layer, x, 1, training=training)
    if example.differentiable:
        layer.backward(dy, cache)

    after = vars(layer)
    assert after.keys() == before.keys()
    for name, value in before.items():
        assert after[name] is value
    for held, arrays in inner.items():
        assert after[held].keys() == arrays.keys()
        for name, array in arrays.items():
            assert after[held][name] is array
            np.testing.assert_array_equal(array, contents[held][name])
    for name in before.keys() - inner.keys():
        assert after[name] == contents[name]


@modes
@every_example
def test_passes_leave_their_arguments_as_they_were(example: Example, training: bool):
    layer = built(example)
    # Read-only arrays would raise at plain assignments; the copies see through any view.
    x, dy = draw(layer, seed=2)
    x_before, dy_before = x.copy(), dy.copy()
    _, cache = forward(layer, x, 2, training=training)
    if example.differentiable:
        layer.backward(dy, cache)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dy, dy_before)


@modes
@every_differentiable
def test_backward_can_be_asked_twice(example: Example, training: bool):
    """It leaves the cache as it found it, too."""
    layer = built(example)
    x, dy = draw(layer, seed=3)
    y, cache = forward(layer, x, 3, training=training)
    first = copy.deepcopy((y, *layer.backward(dy, cache)))
    assert_same((y, *layer.backward(dy, cache)), first)


@modes
@every_differentiable
def test_interleaved_passes_are_what_they_are_alone(example: Example, training: bool):
    layer = built(example)
    alone = [step(layer, seed, training=training) for seed in (4, 5)]
    # One worker's scratch, which both passes use in turn.
    scratch = Scratch()
    (x_one, dy_one), (x_two, dy_two) = draw(layer, 4), draw(layer, 5)
    y_one, cache_one = forward(layer, x_one, 4, training=training, scratch=scratch)
    y_two, cache_two = forward(layer, x_two, 5, training=training, scratch=scratch)
    # The first to go in is the first to come out, so that a stack of caches would be found out.
    back_one = layer.backward(dy_one, cache_one)
    back_two = layer.backward(dy_two, cache_two)
    assert_same((y_one, *back_one), alone[0])
    assert_same((y_two, *back_two), alone[1])


@every_differentiable
def test_parts_of_a_batch_give_sums_that_add_up(example: Example):
    """Gradients are summed over examples, never averaged."""
    layer = built(example)
    x, dy = draw(layer, seed=6, n=5)
    y, cache = layer.forward(x)
    dx, grads = layer.backward(dy, cache)
    parts = []
    for part in (slice(0, 2), slice(2, 5)):
        y_part, cache = layer.forward(x[part])
        parts.append((y_part, *layer.backward(dy[part], cache)))
    np.testing.assert_allclose(np.concatenate([part[0] for part in parts]), y, atol=1e-12)
    np.testing.assert_allclose(np.concatenate([part[1] for part in parts]), dx, atol=1e-12)
    for name, whole in grads.items():
        added = sum(part[2][name] for part in parts)
        np.testing.assert_allclose(added, whole, rtol=1e-12, atol=1e-12)


@every_example
def test_float32_goes_in_and_comes_out(example: Example):
    layer = built(example, np.float32)
    x, dy = (array.astype(np.float32) for array in draw(layer, seed=7))
    for training in (False, True):
        y, cache = forward(layer, x, 7, training=training)
        assert y.dtype == np.float32
        if example.differentiable:
            dx, grads = layer.backward(dy, cache)
            assert dx is not None
            assert dx.dtype == np.float32
            assert all(gradient.dtype == np.float32 for gradient in grads.values())


@every_example
def test_an_empty_batch_passes(example: Example):
    layer = built(example)
    y, cache = layer.forward(np.zeros((0, *layer.input_shape)))
    assert y.shape == (0, *layer.output_shape)
    if example.differentiable:
        dx, grads = layer.backward(np.zeros((0, *layer.output_shape)), cache)
        assert dx is not None
        assert dx.shape == (0, *layer.input_shape)
        for name, gradient in grads.items():
            assert gradient.shape == layer.params[name].shape
            assert not gradient.any()


def test_threads_share_one_net():
    net = Network(
        [
            Conv2D(4, padding="same"),
            BatchNormalization(),
            ReLU(),
            Dropout(0.5),
            Flatten(),
            Dense(3),
        ],
        (8, 8, 2),
        dtype=np.float64,
    )
    net.parameters.flags.writeable = net.state.flags.writeable = False
    scratches = [Scratch() for _ in range(4)]

    def run(seed: int, scratch: Scratch | None = None):
        rng = np.random.default_rng(seed)
        x, dy = rng.standard_normal((6, 8, 8, 2)), rng.standard_normal((6, 3))
        y, caches = net.forward(x, training=True, rng=rng, scratch=scratch)
        return y, *net.backward(dy, caches)

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            together = list(pool.map(run, range(4), scratches))
            for mine, right in zip(together, alone, strict=True):
                for array, expected in zip(mine, right, strict=True):
                    np.testing.assert_array_equal(array, expected)
