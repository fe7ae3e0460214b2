"""The learning-rate finder: what it finds, what it leaves alone, and when it stops."""

import math
import signal

import numpy as np
import pytest

from helpers.training import StopAt, bits, blobs, full_recipe, small_net
from whynet import SGD, Adam, Dense, Flatten, Recipe, Sequential, load
from whynet.errors import ConfigError, DivergedError
from whynet.optim import OneCycle, make_optimizer
from whynet.train import Callback, RangeTest, Training, find_lr, lr_finder, shards
from whynet.train.lr_finder import usual_steps

IMAGES, LABELS = blobs(50)


def found(net: Sequential, threads: int = 1, seed: int = 7, **options) -> RangeTest:
    """A test on more passes than one, with batches that do not divide the examples."""
    recipe = full_recipe(seed=seed)
    return find_lr(net, recipe, IMAGES, LABELS, threads=threads, **{"steps": 60, **options})


def line(x: float, target: float) -> tuple[Sequential, np.ndarray, np.ndarray]:
    """Two straight lines through 0 that begin flat: quadratic costs ½ (w x − t)², t 1 and 0."""
    layer = Dense(2, kernel_initializer="zeros", use_bias=False)
    net = Sequential([layer], (1,), dtype=np.float64)
    return net, np.array([[x]]), np.array([[target, 0.0]])


# -- what it finds ----------------------------------------------------------------------------


def test_on_a_parabola_all_can_be_told_beforehand() -> None:
    """w ← w − η x (w x − t) shrinks the error by 1 − η x² at every step.

    With x = 2 the error grows when η > 2 / x² = ½, and the cost, its square halved, is known for
    every step.
    """
    net, images, labels = line(2.0, 1.0)
    recipe = Recipe(cost="quadratic", optimizer=SGD(), batch_size=1)
    test = find_lr(net, recipe, images, labels, lowest=1e-4, highest=100, steps=200, threads=1)
    error, costs = 1.0, []
    for rate in test.rates:
        costs.append(error**2 / 2)
        error *= 1 - 4 * rate
    exact = np.minimum.accumulate(costs) > 1e-12  # until the error is lost in rounding
    assert exact.sum() > 100
    np.testing.assert_allclose(np.array(test.costs)[exact], np.array(costs)[exact], rtol=1e-6)
    assert test.rates[0] == pytest.approx(1e-4)
    ratios = np.divide(test.rates[1:], test.rates[:-1])
    np.testing.assert_allclose(ratios, 1e6 ** (1 / 199))
    assert test.diverged_at == test.rates[-1]
    assert 0.5 < test.diverged_at < 20
    assert test.steepest < test.suggested < 0.5


def test_a_callback_can_tell_the_next_rate() -> None:
    told = []

    class Ask(Callback):
        def on_train_begin(self, run: Training) -> None:
            told.append(run.lr)

        def on_batch_end(self, run: Training) -> None:
            told.append(run.lr)

    test = found(small_net(), highest=1e-3, callbacks=[Ask()])
    assert tuple(told) == (*test.rates, test.rates[-1])


def test_the_mean_is_free_of_the_bias_of_its_beginning() -> None:
    test = found(small_net())
    assert test.smoothed[0] == pytest.approx(test.costs[0])
    beta = 1 - 1 / 3  # a twentieth of 60 steps
    powers = beta ** np.arange(5)[::-1]
    assert test.smoothed[4] == pytest.approx(np.average(test.costs[:5], weights=powers))


def test_the_first_cost_is_that_of_the_present_weights() -> None:
    """And every cost is the average of its own batch, over the ends of epochs too."""
    net = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    recipe = Recipe(batch_size=20)
    # Rates so low that nothing changes: each pass then meets the same cost.
    test = find_lr(net, recipe, IMAGES, LABELS, lowest=1e-30, highest=1e-29, steps=30, threads=1)
    passes = np.reshape(test.costs, (10, 3)) @ [20, 20, 10] / 50
    probabilities = net.predict_proba(IMAGES)[np.arange(50), LABELS]
    np.testing.assert_allclose(passes, -np.log(probabilities).mean(), rtol=1e-5)
    assert test.diverged_at is None
    assert test.suggested is None


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_suggestion_trains_well(optimizer: str) -> None:
    """As the peak of a cycle: on held-out pictures at least as good as ten times more or less."""
    digits = load("strokes", examples=3000)
    images, labels = digits.images[:2500], digits.known_labels[:2500]
    held_out = digits.images[2500:], digits.known_labels[2500:]

    def accuracy(lr: float) -> float:
        net = Sequential([Flatten(), Dense(10)])
        recipe = Recipe(optimizer=make_optimizer(optimizer, lr), schedule=OneCycle(), epochs=3)
        net.train(images, labels, recipe, threads=1)
        return net.evaluate(*held_out, threads=1).accuracy

    net = Sequential([Flatten(), Dense(10)])
    suggested = net.find_lr(images, labels, optimizer=optimizer, threads=1).suggested
    low, chosen, high = (accuracy(suggested * scale) for scale in (0.1, 1, 10))
    assert chosen > max(low, high) - 0.02
    assert chosen > 0.75


def test_a_net_that_cannot_learn_gets_no_suggestion() -> None:
    """Labels that mean nothing, and pictures that are all alike."""
    labels = np.tile([0, 1, 2], 20)
    net = Sequential([Flatten(), Dense(3, kernel_initializer="zeros")], (8, 8, 1))
    test = net.find_lr(np.zeros((60, 8, 8, 1), np.uint8), labels, batch_size=3, threads=1)
    assert test.suggested is None
    assert test.steepest is None


def test_usual_steps_see_examples_enough() -> None:
    assert [usual_steps(size) for size in (1, 10, 32, 64, 128, None)] == [
        *(10_000, 1000, 313, 200, 200, 200)
    ]


# -- what it leaves alone ---------------------------------------------------------------------


@pytest.mark.parametrize("highest", [1.0, 1e30])
def test_all_is_given_back_to_the_bit(highest: float) -> None:
    """Weights, running means, the optimizer's memory, the card."""
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(), threads=1, callbacks=[StopAt(4)])
    before, card, state = bits(net), net.card.history.config(), net.training_state
    memory = {name: array.tobytes() for name, array in state.memory.items()}
    position = (state.epoch, state.batch, state.cost)
    seen = set()

    class Look(Callback):
        def on_batch_end(self, run) -> None:
            seen.add(bits(net))

    net.find_lr(IMAGES, LABELS, highest=highest, steps=40, callbacks=[Look()], threads=1)
    assert len(seen) > 5  # it did train
    assert bits(net) == before
    assert net.card.history.config() == card
    assert net.training_state is state
    assert {name: array.tobytes() for name, array in state.memory.items()} == memory
    assert (state.epoch, state.batch, state.cost) == position
    # So what was broken off goes on as if nothing had been asked in between.
    net.train(IMAGES, LABELS, full_recipe(), threads=1, resume=True)
    whole = small_net()
    whole.train(IMAGES, LABELS, full_recipe(), threads=1)
    assert bits(net) == bits(whole)


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "WORTHWHILE", 0)
    one = found(small_net())
    assert found(small_net(), threads=2) == one
    assert found(small_net(), seed=8) != one


def test_an_error_on_the_way_gives_the_weights_back() -> None:
    net = small_net()

    class Fail(Callback):
        def on_batch_end(self, run) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        found(net, callbacks=[Fail()])
    assert bits(net) == bits(small_net())


def test_ctrl_c_gives_the_weights_back() -> None:
    net = small_net()

    class Press(Callback):
        def on_batch_end(self, run) -> None:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        found(net, callbacks=[Press()])
    assert bits(net) == bits(small_net())


# -- when it stops ----------------------------------------------------------------------------


def test_it_stops_when_the_cost_has_run_away() -> None:
    test = found(small_net(), steps=200, highest=1e6)
    assert len(test.rates) == len(test.costs) == len(test.smoothed) < 200
    assert test.diverged_at == test.rates[-1]
    assert np.isfinite(test.costs).all()


@pytest.mark.parametrize("steps", [20, 21, 22, 23])
def test_it_stops_at_nan(steps: int) -> None:
    """From one step to the next, in the middle of an epoch or at its end."""
    net = small_net()
    recipe = full_recipe(optimizer=SGD(), augment=None)
    test = find_lr(net, recipe, IMAGES, LABELS, lowest=1e-3, highest=1e300, steps=steps, threads=1)
    assert len(test.rates) < steps
    assert test.diverged_at == test.rates[-1]
    assert np.isfinite(test.costs).all()
    assert bits(net) == bits(small_net())


def test_nan_after_the_very_last_update_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lr_finder, "_FAR", math.inf)  # few examples make a restless cost

    class Poison(Callback):
        def on_batch_end(self, run: Training) -> None:
            if run.stopped:
                run.network.parameters[0] = math.nan

    test = found(small_net(), steps=20, lowest=1e-6, highest=1e-5, callbacks=[Poison()])
    assert len(test.rates) == 20
    assert test.diverged_at == test.rates[-1]


def test_nan_before_the_first_update_is_an_error() -> None:
    net = small_net()
    net.parameters[...] = math.nan
    before = bits(net)
    with pytest.raises(DivergedError, match="before the first update"):
        found(net)
    assert bits(net) == before


def test_a_test_that_was_stopped_is_judged_by_what_it_met() -> None:
    test = found(small_net(), callbacks=[StopAt(2)])
    assert len(test.costs) == 2
    assert test.suggested is None
    assert test.diverged_at is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"lowest": 0}, "lowest as a number above 0"),
        ({"lowest": math.nan}, "lowest as a number"),
        ({"lowest": 1e-3, "highest": 1e-3}, "highest as a number above 0.001"),
        ({"highest": math.inf}, "highest as a number"),
        ({"steps": 19}, "steps as a whole number of at least 20"),
        ({"steps": 100.0}, "steps as a whole number"),
        ({"callbacks": StopAt(1)}, "callbacks as a list"),
    ],
)
def test_bad_arguments_are_refused(options: dict, said: str) -> None:
    net = small_net()
    with pytest.raises(ConfigError, match=said):
        net.find_lr(IMAGES, LABELS, **options)
    assert bits(net) == bits(small_net())


def test_the_range_follows_the_optimizer() -> None:
    net = Sequential([Flatten(), Dense(3)], (8, 8, 1))
    test = net.find_lr(IMAGES, LABELS, optimizer=Adam(lr=0.5), steps=20, threads=1)
    assert test.rates[0] == pytest.approx(1e-6)
    test = net.find_lr(IMAGES, LABELS, optimizer="sgd", lowest=50, steps=20, threads=1)
    assert test.rates[0] == pytest.approx(50)
