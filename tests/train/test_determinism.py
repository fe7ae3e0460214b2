"""The same seed gives the same bits: on any number of threads, however a batch was cut."""

import numpy as np
import pytest

from helpers.training import bits, blobs, full_recipe, small_net
from whynet.nn import BatchNormalization, Conv2D, Dense, Flatten, Network, ReLU, Sigmoid
from whynet.nn.costs import COSTS, as_targets
from whynet.train import shards
from whynet.train.shards import Gradients, cut, shard_size, tree_sum
from whynet.train.workers import Workers

IMAGES, LABELS = blobs(50)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut batches into shards of 8, as large nets do, so that threads have something to share."""
    monkeypatch.setattr(shards, "WORTHWHILE", 0)
    assert shard_size(small_net()) == 8


def trained(threads: int | None, *, batch_size: int | None = 20, seed: int = 7, net_seed: int = 0):
    net = small_net(net_seed)
    recipe = full_recipe(batch_size=batch_size, seed=seed)
    history = net.train(
        IMAGES, LABELS, recipe, validation=(IMAGES[:30], LABELS[:30]), threads=threads
    )
    return bits(net), history


@pytest.mark.usefixtures("small_shards")
@pytest.mark.parametrize("batch_size", [20, 17, 50, None])
def test_threads_change_nothing(batch_size: int | None) -> None:
    one, curves = trained(1, batch_size=batch_size)
    for threads in (2, 3):
        many, same_curves = trained(threads, batch_size=batch_size)
        assert many == one
        for curve in ("cost", "accuracy", "validation_cost", "validation_accuracy", "lr"):
            assert same_curves[curve] == curves[curve]


@pytest.mark.usefixtures("small_shards")
def test_online_learning_on_threads() -> None:
    assert trained(2, batch_size=1)[0] == trained(1, batch_size=1)[0]


@pytest.mark.usefixtures("small_shards")
def test_seeds_matter() -> None:
    same, other, other_net = trained(2)[0], trained(2, seed=8)[0], trained(2, net_seed=1)[0]
    assert trained(2)[0] == same
    assert other != same
    assert other_net != same


@pytest.mark.parametrize("option", ["augment", "seed", "l2", "schedule"])
def test_every_part_of_the_recipe_matters(option: str) -> None:
    """Otherwise, equal bits above would prove little about it."""
    from whynet.optim import Constant

    changed = {"augment": None, "seed": 9, "l2": 0.0, "schedule": Constant()}[option]
    nets = small_net(), small_net()
    nets[0].train(IMAGES, LABELS, full_recipe(epochs=1), threads=1)
    nets[1].train(IMAGES, LABELS, full_recipe(epochs=1, **{option: changed}), threads=1)
    assert bits(nets[0]) != bits(nets[1])


def test_numpys_global_seed_plays_no_part() -> None:
    first = trained(1)[0]
    np.random.seed(1)  # noqa: NPY002 - what is tested is that nobody listens to it
    assert trained(1)[0] == first


def gradient_of(net: Network, x: np.ndarray, labels: np.ndarray, threads: int = 1):
    targets = as_targets(labels, 3, net.dtype)
    with Workers(threads) as workers:
        result = Gradients(net, COSTS["softmax_cross_entropy"], workers).of_batch(
            len(x), lambda part: (x[part], targets[part]), (0, 2, 0)
        )
        return result.gradient.copy(), result


@pytest.mark.parametrize("n", [3, 8, 9, 21, 50])
@pytest.mark.parametrize("threads", [1, 2])
def test_shards_add_up_to_the_whole_batch(
    n: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against one plain forward and backward pass over the whole batch, in float64.

    Two batch normalisations, so that shards meet four times; no dropout, whose masks are drawn
    by the shard.
    """
    layers = [
        Conv2D(3, 3, use_bias=False),
        BatchNormalization(),
        ReLU(),
        Conv2D(4, 2, padding="same"),
        BatchNormalization(),
        Sigmoid(),
        Flatten(),
        Dense(3),
    ]
    net = Network(layers, (6, 6, 2), seed=3, dtype=np.float64)
    rng = np.random.default_rng(n)
    net.parameters += rng.uniform(-0.5, 0.5, net.parameters.size)
    x, labels = rng.standard_normal((n, 6, 6, 2)), rng.integers(0, 3, n)

    y, caches = net.forward(x, training=True)
    costs, dy = COSTS["softmax_cross_entropy"].compute(y, as_targets(labels, 3, np.float64))
    _, whole = net.backward(dy, caches)

    monkeypatch.setattr(shards, "WORTHWHILE", 0)
    gradient, result = gradient_of(net, x, labels, threads)
    np.testing.assert_allclose(gradient, whole / n, rtol=1e-9, atol=1e-12)
    assert result.cost == pytest.approx(costs.sum())
    assert result.correct == (y.argmax(axis=1) == labels).sum()
    for met in result.met:
        assert (met[0] == n * 16).all(), "each normalisation met every pixel of the batch"


def test_shards_depend_on_the_net_and_the_batch_alone() -> None:
    assert cut(20, 8) == [slice(0, 8), slice(8, 16), slice(16, 20)]
    assert cut(16, 8) == [slice(0, 8), slice(8, 16)]
    assert cut(1, 8) == [slice(0, 1)]
    for net in (small_net(), Network([Flatten(), Dense(10)], (28, 28, 1))):
        size = shard_size(net)
        assert size >= 8
        assert size & (size - 1) == 0, "a power of two"


def test_the_sum_is_a_tree_whose_form_depends_on_the_count() -> None:
    """Five parts: ((p₀ + p₁) + (p₂ + p₃)) + p₄, seen in how float32 rounds."""
    rng = np.random.default_rng(0)
    p = (rng.standard_normal((5, 1000)) * 10.0 ** rng.integers(-3, 4, (5, 1000))).astype(np.float32)
    expected = ((p[0] + p[1]) + (p[2] + p[3])) + p[4]
    in_a_row = (((p[0] + p[1]) + p[2]) + p[3]) + p[4]
    assert (expected != in_a_row).any(), "or this test could not tell them apart"
    total = tree_sum([part.copy() for part in p])
    np.testing.assert_array_equal(total, expected)


@pytest.mark.parametrize("count", range(1, 18))
def test_the_tree_adds_every_part_once(count: int) -> None:
    parts = [np.array([2.0**index]) for index in range(count)]
    assert tree_sum(parts) == 2.0**count - 1
