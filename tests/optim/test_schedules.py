"""Schedules against closed forms and PyTorch's, their bounds, and that they remember nothing."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whynet.errors import ConfigError
from whynet.optim import (
    SCHEDULES,
    Constant,
    Cosine,
    OneCycle,
    ReduceOnPlateau,
    Schedule,
    StepDecay,
    make_schedule,
)
from whynet.optim.schedules import Moment


def over_steps(schedule: Schedule, steps: int) -> list[float]:
    return [schedule.factor(Moment(step, steps, epoch=0)) for step in range(steps + 1)]


def over_epochs(schedule: Schedule, epochs: int) -> list[float]:
    return [schedule.factor(Moment(epoch * 10, epochs * 10, epoch)) for epoch in range(epochs)]


def plateau(schedule: Schedule, costs: list[float]) -> float:
    return schedule.factor(Moment(len(costs), 99, len(costs), tuple(costs)))


def test_constant() -> None:
    assert set(over_steps(Constant(), 7)) == {1.0}


def test_step_by_hand() -> None:
    assert over_epochs(StepDecay(every=2, gamma=0.5), 7) == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]


def test_cosine_by_hand() -> None:
    """½ (1 + cos πt) at t = 0, ¼, ½, ¾, 1; with a floor f it is f + (1 − f) times that."""
    wave = [1.0, (2 + math.sqrt(2)) / 4, 0.5, (2 - math.sqrt(2)) / 4, 0.0]
    assert over_steps(Cosine(), 4) == pytest.approx(wave, abs=1e-15)
    raised = [0.2 + 0.8 * height for height in wave]
    assert over_steps(Cosine(final=0.2), 4) == pytest.approx(raised)


def test_one_cycle_by_hand() -> None:
    """Up along half a cosine for ¼ of 8 steps, down for the rest."""
    factors = over_steps(OneCycle(warm_up=0.25, start=0.2, final=0.1), 8)
    assert factors[0] == pytest.approx(0.2)
    assert factors[1] == pytest.approx(0.6)
    assert factors[2] == 1.0
    assert factors[5] == pytest.approx(0.55)
    assert factors[8] == pytest.approx(0.1)


def test_plateau_by_hand() -> None:
    schedule = ReduceOnPlateau(gamma=0.5, patience=2, threshold=0.1)
    assert plateau(schedule, []) == 1.0
    assert plateau(schedule, [1.0]) == 1.0
    assert plateau(schedule, [1.0, 0.95]) == 1.0  # not a tenth lower: waited 1
    assert plateau(schedule, [1.0, 0.95, 0.92]) == 0.5  # waited 2
    assert plateau(schedule, [1.0, 0.95, 0.92, 0.91]) == 0.5  # waits anew
    assert plateau(schedule, [1.0, 0.95, 0.92, 0.91, 0.901]) == 0.25
    assert plateau(schedule, [1.0, 0.95, 0.92, 0.89, 0.88]) == 0.5  # 0.89 counted
    assert plateau(schedule, [1.0, 0.95, 0.85, 0.84]) == 1.0
    assert plateau(schedule, [1.0, math.nan, math.nan]) == 0.5  # NaN is no improvement


def test_pytorch_steps_the_same() -> None:
    torch = pytest.importorskip("torch", reason="the other side of the comparison is PyTorch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)
    assert over_epochs(StepDecay(every=3, gamma=0.3), 11) == pytest.approx(_rates(theirs, 11))


def test_pytorch_cosine_is_the_same() -> None:
    torch = pytest.importorskip("torch", reason="the other side of the comparison is PyTorch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20, eta_min=0.1)
    assert over_steps(Cosine(final=0.1), 20) == pytest.approx(_rates(theirs, 21))


def test_pytorch_one_cycle_has_the_same_shape() -> None:
    """PyTorch peaks and ends one step earlier, so heights are compared by share of each side."""
    torch = pytest.importorskip("torch", reason="the other side of the comparison is PyTorch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=100, pct_start=0.3, div_factor=25, final_div_factor=400
    )
    peak = 29
    ours = []
    for step in range(100):
        up, down = min(step / peak, 1), max(0, (step - peak) / (99 - peak))
        ours.append(OneCycle().factor(Moment(round(1e6 * (0.3 * up + 0.7 * down)), 10**6, 0)))
    assert ours == pytest.approx(_rates(theirs, 100), abs=1e-5)


def _rates(scheduler, count: int) -> list[float]:
    rates = []
    for _ in range(count):
        rates.append(scheduler.get_last_lr()[0])
        if len(rates) < count:
            scheduler.optimizer.step()
            scheduler.step()
    return rates


shares = st.floats(0.01, 0.99)
schedules = st.one_of(
    st.just(Constant()),
    st.builds(StepDecay, every=st.integers(1, 50), gamma=shares),
    st.builds(Cosine, final=st.floats(0, 1)),
    st.builds(OneCycle, warm_up=shares, start=shares, final=st.floats(0, 1)),
    st.builds(ReduceOnPlateau, gamma=shares, patience=st.integers(1, 5), threshold=shares),
)
costs = st.lists(st.floats(0, 1e6) | st.just(math.nan), max_size=30)


@given(schedules, st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 60), costs)
def test_a_factor_lies_from_0_to_1_and_depends_on_the_moment_alone(
    schedule: Schedule, step: int, more: int, epoch: int, watched: list[float]
) -> None:
    moment = Moment(step, step + more, epoch, tuple(watched))
    factor = schedule.factor(moment)
    assert 0 <= factor <= 1 + 1e-12
    schedule.factor(Moment(0, 1, 0))  # a visit elsewhere leaves no trace
    assert schedule.factor(Moment(step, step + more, epoch, tuple(watched))) == factor
    config = schedule.config()
    assert make_schedule(config.pop("type"), **config).factor(moment) == factor


@given(st.floats(0, 1), st.integers(2, 200))
def test_cosine_falls(final: float, steps: int) -> None:
    factors = over_steps(Cosine(final), steps)
    assert all(a >= b - 1e-12 for a, b in pairwise(factors))
    assert factors[0] == pytest.approx(1)
    assert factors[-1] == pytest.approx(final)


@given(shares, shares, st.integers(5, 200))
def test_one_cycle_rises_and_then_falls(warm_up: float, start: float, steps: int) -> None:
    factors = np.array(over_steps(OneCycle(warm_up=warm_up, start=start), steps))
    turn = math.ceil(warm_up * steps)
    assert (np.diff(factors[:turn]) >= -1e-12).all()
    assert (np.diff(factors[turn:]) <= 1e-12).all()
    assert factors[0] == pytest.approx(start)
    assert factors[-1] == pytest.approx(1e-4)


@given(costs, st.floats(0, 1e6))
def test_a_plateau_never_raises_the_rate(watched: list[float], another: float) -> None:
    schedule = ReduceOnPlateau(patience=2)
    assert plateau(schedule, [*watched, another]) <= plateau(schedule, watched)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(every=0), "expected every as a whole number of at least 1, got 0"),
        (lambda: StepDecay(every=2.5), "expected every as a whole number of at least 1, got 2.5"),
        (lambda: StepDecay(gamma=0.0), "expected gamma as a number above 0, at most 1, got 0.0"),
        (lambda: StepDecay(gamma=1.5), "expected gamma as a number above 0, at most 1, got 1.5"),
        (lambda: Cosine(final=-0.1), "expected final as a number of at least 0, at most 1"),
        (lambda: Cosine(final=1.1), "expected final as a number of at least 0, at most 1"),
        (lambda: Cosine(final="x"), "at least 0, at most 1, got 'x'"),
        (lambda: OneCycle(warm_up=0.0), "expected warm_up as a number above 0, below 1, got 0.0"),
        (lambda: OneCycle(warm_up=1.0), "expected warm_up as a number above 0, below 1, got 1.0"),
        (lambda: OneCycle(start=0.0), "expected start as a number above 0, at most 1, got 0.0"),
        (lambda: OneCycle(final=2.0), "expected final as a number of at least 0, at most 1"),
        (lambda: ReduceOnPlateau(gamma=1.0), "expected gamma as a number above 0, below 1"),
        (lambda: ReduceOnPlateau(patience=0), "expected patience as a whole number of at least 1"),
        (lambda: ReduceOnPlateau(patience=1.5), "expected patience as a whole number of at least"),
        (lambda: ReduceOnPlateau(threshold=-1.0), "at least 0, below 1, got -1.0"),
        (lambda: ReduceOnPlateau(threshold=1.0), "at least 0, below 1, got 1.0"),
        (
            lambda: make_schedule("cosin"),
            "expected a schedule of constant, cosine, one_cycle, plateau, step, got 'cosin'",
        ),
        (lambda: make_schedule("step", rate=1), "step: expected options of every, gamma"),
        (lambda: make_schedule("step", every=None), "step: expected every as a whole number"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert message in str(caught.value)


def test_names() -> None:
    assert set(SCHEDULES) == {"constant", "step", "cosine", "one_cycle", "plateau"}
    for name in SCHEDULES:
        assert make_schedule(name).config()["type"] == name
