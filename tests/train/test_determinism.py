"""The same seed gives the same bits: on any number of workers, however a batch was cut."""

import numpy as np
import pytest

from helpers.training import bits, blobs, full_recipe, small_net
from whynet.nn import BatchNormalization, Conv2D, Dense, Flatten, Network, ReLU, Sigmoid
from whynet.nn.costs import COSTS, as_targets
from whynet.optim import SGD
from whynet.train import shards
from whynet.train.shards import cut, shard_size, tree_sum
from whynet.train.stepper import Stepper
from whynet.train.team import gather, possible
from whynet.train.workers import one_blas_thread

IMAGES, LABELS = blobs(50)

KINDS = ["threads", "processes"] if possible() else ["threads"]


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut batches into shards of 8, as large nets do, so that threads have something to share."""
    monkeypatch.setattr(shards, "WORTHWHILE", 0)
    monkeypatch.setattr(shards, "SMALLEST", 8)
    monkeypatch.setattr(shards, "_SHARE", 10**9)
    assert shard_size(small_net(), 50) == 8


def trained(
    threads: int | None,
    *,
    workers: str = "auto",
    batch_size: int | None = 20,
    seed: int = 7,
    net_seed: int = 0,
):
    net = small_net(net_seed)
    recipe = full_recipe(batch_size=batch_size, seed=seed)
    history = net.train(
        IMAGES,
        LABELS,
        recipe,
        validation=(IMAGES[:30], LABELS[:30]),
        threads=threads,
        workers=workers,
    )
    return bits(net), history


@pytest.mark.usefixtures("small_shards")
@pytest.mark.parametrize("batch_size", [20, 17, 50, None])
@pytest.mark.parametrize("workers", KINDS)
def test_workers_change_nothing(batch_size: int | None, workers: str) -> None:
    """Two batch normalisations and dropout in `small_net`; 4 workers for 3 shards or fewer."""
    one, curves = trained(1, batch_size=batch_size)
    for threads in (2, 3, 4):
        many, same_curves = trained(threads, workers=workers, batch_size=batch_size)
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


def gradient_of(net: Network, x: np.ndarray, labels: np.ndarray, kind: str):
    """Return a batch's gradient, what came with it, and the moments of the first normalisation."""
    targets = as_targets(labels, 3, net.dtype)

    def fetch(chosen, epoch, into):
        into[...] = x[chosen]
        return targets[chosen]

    members = 1 if kind == "alone" else 2
    with one_blas_thread(), gather(members, kind) as team:
        stepper = Stepper(
            net, COSTS["softmax_cross_entropy"], SGD(), {}, fetch, len(x), team, seed=0
        )
        outcome = stepper.update(np.arange(len(x)), epoch=0, step=0, lr=1e-30)
        return stepper.gradient.copy(), outcome


@pytest.mark.parametrize("n", [3, 8, 9, 21, 50])
@pytest.mark.parametrize("kind", ["alone", *KINDS])
def test_shards_add_up_to_the_whole_batch(
    n: int, kind: str, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(shards, "SMALLEST", 8)
    monkeypatch.setattr(shards, "_SHARE", 10**9)
    before = net.state.copy()
    gradient, result = gradient_of(net, x, labels, kind)
    np.testing.assert_allclose(gradient, whole / n, rtol=1e-9, atol=1e-12)
    assert result.cost == pytest.approx(costs.sum())
    assert result.correct == (y.argmax(axis=1) == labels).sum()
    assert result.made
    # Of the running means, a tenth is the whole batch's.
    first = net.layers[1]
    pixels = net.layers[0].forward(x)[0]
    expected = 0.9 * before[:3] + 0.1 * pixels.mean(axis=(0, 1, 2))
    np.testing.assert_allclose(first.state["mean"], expected, rtol=1e-9)


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
