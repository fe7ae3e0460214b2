"""When the cost or the weights become NaN: training stops and the last good weights are kept.

Warnings are errors in these tests, so they also show that NumPy's never leak.
"""

from pathlib import Path

import numpy as np
import pytest

from helpers.training import StopAt, bits, blobs, full_recipe, small_net
from whynet import SGD, Adam, Dense, Flatten, ReLU, Sequential
from whynet.errors import DivergedError
from whynet.optim import Constant
from whynet.train import Callback, Checkpoint

IMAGES, LABELS = blobs(50)
VALIDATION = blobs(20, seed=1)
FAR_TOO_HIGH = SGD(lr=1e30)


def steady(**changed):
    return full_recipe(**{"schedule": Constant(), "optimizer": SGD(lr=0.01), **changed})


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("l2", [0.0, 1e-3])
@pytest.mark.parametrize("batch_size", [1, 20])
def test_in_the_first_epoch_the_first_weights_come_back(
    threads: int, l2: float, batch_size: int
) -> None:
    net = small_net()
    first = bits(net)
    with pytest.raises(DivergedError) as caught:
        net.train(
            IMAGES,
            LABELS,
            steady(optimizer=FAR_TOO_HIGH, l2=l2, batch_size=batch_size),
            threads=threads,
        )
    assert str(caught.value) == (
        "the cost became infinite or NaN in epoch 1; the first weights were kept: "
        "try a learning rate ten times smaller"
    )
    assert bits(net) == first
    assert len(net.card.history) == 0


def test_later_the_last_epochs_weights_come_back(tmp_path: Path) -> None:
    """Bit for bit, with what the optimizer remembered, so that a lower rate can take over."""
    net = small_net()
    momentum = SGD(lr=0.01, momentum=0.9)
    net.train(IMAGES, LABELS, steady(epochs=2, optimizer=momentum), threads=1)
    good = bits(net)
    velocity = net.training_state.memory["velocity"].copy()
    wild = steady(epochs=5, optimizer=SGD(lr=1e30, momentum=0.9))
    ends = []

    class Last(Callback):
        def on_train_end(self, run) -> None:
            ends.append((run.stopped, bits(net)))

    history = net.train(IMAGES, LABELS, wild, threads=1, resume=True, callbacks=[Last()])
    said = "the cost became infinite or NaN in epoch 3; the weights of epoch 2 were kept"
    assert ends == [(said, good)]
    assert bits(net) == good
    assert len(history) == 2
    np.testing.assert_array_equal(net.training_state.memory["velocity"], velocity)

    net.save(tmp_path / "net.safetensors")
    again = Sequential.load(tmp_path / "net.safetensors")
    again.train(IMAGES, LABELS, steady(epochs=3, optimizer=momentum), threads=1, resume=True)
    whole = small_net()
    whole.train(IMAGES, LABELS, steady(epochs=3, optimizer=momentum), threads=1)
    assert bits(again) == bits(whole)


def test_on_resuming_in_mid_epoch_the_resumed_weights_come_back() -> None:
    net = small_net()
    net.train(IMAGES, LABELS, steady(), callbacks=[StopAt(4)], threads=1)
    good = bits(net)
    ends = []

    class Last(Callback):
        def on_train_end(self, run) -> None:
            ends.append(run.stopped)

    wild = steady(optimizer=FAR_TOO_HIGH)
    net.train(IMAGES, LABELS, wild, threads=1, resume=True, callbacks=[Last()])
    assert bits(net) == good
    assert ends[0].endswith("in epoch 2; the weights that training resumed from were kept")
    net.train(IMAGES, LABELS, steady(), threads=1, resume=True)
    whole = small_net()
    whole.train(IMAGES, LABELS, steady(), threads=1)
    assert bits(net) == bits(whole)


def deep_net() -> Sequential:
    """Eight layers: weights of 1e10 are finite, and their product is not."""
    layers = [Flatten()]
    for _ in range(7):
        layers += [Dense(6, kernel_initializer="he_normal"), ReLU()]
    return Sequential([*layers, Dense(3)], (8, 8, 1), seed=2)


def test_validation_notices_weights_that_are_only_just_finite() -> None:
    """One update an epoch: its cost was measured before it, so only validation can tell."""
    net = deep_net()
    first = bits(net)
    recipe = steady(optimizer=SGD(lr=1e12), batch_size=None, augment=None, epochs=1)
    with pytest.raises(DivergedError, match="the first weights were kept"):
        net.train(IMAGES, LABELS, recipe, validation=VALIDATION, threads=2)
    assert bits(net) == first


def test_prediction_after_an_overflow_does_not_warn() -> None:
    net = deep_net()
    net.parameters[...] = 1e10
    assert not np.isfinite(net.outputs(IMAGES)).all()


def test_stopping_on_the_batch_that_diverged_keeps_good_weights() -> None:
    """A stop asked for after the update that overflowed must not keep what it left."""
    net = small_net()
    first = bits(net)

    class Poison(Callback):
        def on_batch_end(self, run) -> None:
            run.network.parameters[0] = np.inf
            run.stop("interrupted")

    with pytest.raises(DivergedError):
        net.train(IMAGES, LABELS, steady(), callbacks=[Poison()], threads=1)
    assert bits(net) == first


def test_a_checkpoint_never_holds_what_cannot_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    net = small_net()
    loaded = []

    class Poison(Callback):
        """Makes the weights infinite, as an update can just before the next cost shows it."""

        def on_batch_end(self, run) -> None:
            if run.state.batch == 2:
                run.network.parameters[0] = np.inf

    class Look(Callback):
        def on_batch_end(self, run) -> None:
            loaded.append(Sequential.load(path).training_state.batch)

    keep = Checkpoint(lambda run: net.save(path), every=0)
    with pytest.raises(DivergedError):
        net.train(IMAGES, LABELS, steady(), callbacks=[Poison(), keep, Look()], threads=1)
    assert loaded == [1, 1]
    assert bits(Sequential.load(path)) == bits(small_net())


def test_an_optimizer_whose_memory_overflowed_is_no_good_either() -> None:
    """Adam divides by infinity and stands still: the cost stays finite, but nothing is learnt."""
    images = (IMAGES / 255 * 1e30).astype(np.float64)
    net = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    recipe = steady(optimizer=Adam(), augment=None, epochs=2, cost="quadratic")
    with pytest.raises(DivergedError):
        net.train(images, LABELS, recipe, threads=1)


def test_fit_says_it_too() -> None:
    net = small_net()
    with (
        pytest.warns(UserWarning, match="rate-high"),
        pytest.raises(DivergedError, match="try a learning rate ten times smaller"),
    ):
        net.fit(IMAGES, LABELS, optimizer="sgd", lr=1e30, callbacks=[])


@pytest.mark.parametrize("epochs", [1, 5])
@pytest.mark.parametrize("make", [small_net, deep_net])
def test_weights_that_were_kept_can_predict(make, epochs: int) -> None:
    """With one batch an epoch every cost is finite but that of the weights it ends with."""
    net = make()
    first = bits(net)
    recipe = steady(optimizer=SGD(lr=1e30), batch_size=None, augment=None, epochs=epochs)
    with pytest.raises(DivergedError):
        net.train(IMAGES, LABELS, recipe, threads=1)
    assert bits(net) == first
    assert np.isfinite(net.predict_proba(IMAGES)).all()
