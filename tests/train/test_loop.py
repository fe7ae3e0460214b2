"""What the loop shows the net: every example once an epoch, anew each time; and what it notes."""

import numpy as np
import pytest

from helpers.training import blobs, full_recipe, small_net
from whynet import SGD, Augmentation, BatchNormalization, Dense, Flatten, Recipe, Sequential
from whynet.optim import Cosine
from whynet.train import loop, shards, stepper

IMAGES, LABELS = blobs(50)


def test_every_epoch_deals_all_examples_in_an_order_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marked = IMAGES.copy()
    marked[:, 0, 0, 0] = np.arange(50)
    dealt: list[int] = []
    plain = loop.put_input

    def spy(images, x, chosen):
        dealt.extend(images[chosen][:, 0, 0, 0].tolist())
        return plain(images, x, chosen)

    monkeypatch.setattr(loop, "put_input", spy)
    net = small_net()
    net.train(marked, LABELS, full_recipe(), validation=None, threads=1)
    # After each epoch the first examples are shown once more, to try its weights.
    epochs = [dealt[start : start + 50] for start in range(0, len(dealt), 50 + loop._PROBE)]
    assert [sorted(order) for order in epochs] == [list(range(50))] * 3
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    assert epochs[0] != sorted(epochs[0])


def test_augmentation_is_told_which_example_and_which_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marked = IMAGES.copy()
    marked[:, 0, 0, 0] = np.arange(50)
    told: list[tuple[int, int]] = []

    def spy(self, images, examples, *, seed, epoch):
        assert seed == 7
        np.testing.assert_allclose(images[:, 0, 0, 0] * 255, examples, atol=1e-4)
        told.extend((epoch, int(example)) for example in examples)
        return images

    monkeypatch.setattr(Augmentation, "apply", spy)
    small_net().train(marked, LABELS, full_recipe(), validation=(IMAGES, LABELS), threads=1)
    assert sorted(told) == [(epoch, example) for epoch in range(3) for example in range(50)]


def test_no_two_shards_of_a_run_share_their_random_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys: list[tuple[int, ...]] = []
    plain = stepper.keyed_generator

    def spy(*key: int):
        keys.append(key)
        return plain(*key)

    monkeypatch.setattr(stepper, "keyed_generator", spy)
    monkeypatch.setattr(shards, "WORTHWHILE", 0)
    monkeypatch.setattr(shards, "SMALLEST", 8)
    small_net().train(IMAGES, LABELS, full_recipe(), threads=1)
    assert len(keys) == 3 * (3 + 3 + 2), "batches of 20, 20 and 10 in shards of 8"
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("worthwhile", [0, 10**9])
def test_batch_normalisation_remembers_the_whole_batch(
    worthwhile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once an update: a tenth of the way from 0 and 1 to the batch's mean and variance."""
    monkeypatch.setattr(shards, "WORTHWHILE", worthwhile)
    layers = [BatchNormalization(momentum=0.9), Flatten(), Dense(3)]
    net = Sequential(layers, (8, 8, 1))
    recipe = Recipe(optimizer=SGD(), batch_size=None, epochs=1)
    net.train(IMAGES, LABELS, recipe, threads=1)
    levels = IMAGES / 255
    weights = net.weights()
    np.testing.assert_allclose(
        weights["batchnormalization_1.mean"], [0.1 * levels.mean()], rtol=1e-5
    )
    np.testing.assert_allclose(
        weights["batchnormalization_1.variance"], [0.9 + 0.1 * levels.var(ddof=1)], rtol=1e-5
    )


def test_the_history_notes_the_rate_of_each_epochs_last_update() -> None:
    """Nine updates along half a cosine; the last of each epoch are numbers 2, 5 and 8."""
    recipe = full_recipe(optimizer=SGD(lr=0.5), schedule=Cosine())
    history = small_net().train(IMAGES, LABELS, recipe, threads=1)
    expected = [0.25 * (1 + np.cos(np.pi * step / 9)) for step in (2, 5, 8)]
    assert history["lr"] == pytest.approx(expected)


def test_accuracy_and_cost_are_averaged_over_examples_not_batches() -> None:
    """50 examples in batches of 20, 20 and 10, and a rate so small that nothing is learnt."""
    net = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    before = net.evaluate(IMAGES, LABELS)
    recipe = Recipe(optimizer=SGD(lr=1e-30), batch_size=20, epochs=2)
    for epoch in net.train(IMAGES, LABELS, recipe, threads=1).epochs:
        assert epoch.cost == pytest.approx(before.loss, rel=1e-5)
        assert epoch.accuracy == before.accuracy


def test_l2_pulls_weights_but_not_biases_by_lambda_times_themselves() -> None:
    """One step with and without: they differ by η λ w in every weight, and in nothing else."""
    nets = [Sequential([Flatten(), Dense(3)], (8, 8, 1), seed=1) for _ in range(2)]
    before = nets[0].parameters.copy()
    for net, l2 in zip(nets, (0.0, 0.2), strict=True):
        recipe = Recipe(optimizer=SGD(lr=0.5), batch_size=None, epochs=1, l2=l2)
        net.train(IMAGES, LABELS, recipe, threads=1)
    pulled = nets[0].parameters - nets[1].parameters
    np.testing.assert_allclose(pulled, 0.5 * 0.2 * before * nets[0].decayed, atol=1e-6)
