"""The parts of the writer: ways of writing, curves, and ink."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whynet.data.strokes.curves import DOTS, Curve
from whynet.data.strokes.render import BOX, centring, fit_box, ink, place
from whynet.data.strokes.skeleton import DICE, KNOTS, STROKES, Dice, arc, sharp
from whynet.data.strokes.ways import DIGITS, TICKS
from whynet.data.strokes.ways.pairs import COUPLES

FAMILIES = (*DIGITS, *TICKS, *(couple.ways for couple in COUPLES.values()))
WAYS = [way for family in FAMILIES for way in family.ways]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.character}-{way.name}")
def test_every_way_draws_inside_a_sane_box(way):
    rolls = np.random.default_rng(0).random((DICE, 200), np.float32)
    rolls[:, 0], rolls[:, 1] = 0.0, 1.0 - 2.0**-24
    knots = way.knots(rolls)
    assert np.isfinite(knots).all()
    assert knots.shape[2] < KNOTS  # the last knot belongs to no stroke
    assert knots.min() > -1.2
    assert knots.max() < 1.9

    curve = way.curve
    assert curve.stroke.max() < STROKES
    dots = np.matmul(knots, curve.matrix)
    assert np.isfinite(dots).all()
    # A spline that swings far beyond its points was given points in a bad order.
    margin = 0.35
    assert (dots.min(axis=2) > knots.min(axis=2) - margin).all()
    assert (dots.max(axis=2) < knots.max(axis=2) + margin).all()
    height = np.ptp(dots[:, 1], axis=1)
    assert 0.4 < height.min() <= height.max() < 1.9
    assert way.weight > 0


def test_every_name_and_line_of_help_is_there_once():
    for family in FAMILIES:
        names = [way.name for way in family.ways]
        assert len(set(names)) == len(names)
        assert all(way.draw.__doc__ for way in family.ways)


def test_couples_own_every_stroke():
    for couple in COUPLES.values():
        for way in couple.ways.ways:
            assert way.curve.stroke.max() + 1 == len(couple.owners)


def test_dice_run_out_loudly():
    p = Dice(np.zeros((1, 3), np.float32))
    np.testing.assert_array_equal(p(2, 3), [2, 2, 2])
    with pytest.raises(StopIteration):
        p(0, 1)


def test_curve_runs_through_its_points_and_stops_at_corners():
    corner = [(0.0, 0.0), sharp(1.0, 0.0), (1.0, 1.0)]
    knots = np.array(corner, np.float32).T
    curve = Curve.through(knots, [[False, True, False]])
    x, y = (knots @ curve.matrix)[:, :DOTS]
    # Two straight lines: everything lies on one or the other.
    assert np.minimum(np.abs(y), np.abs(x - 1)).max() < 1e-6
    rounded_x, rounded_y = (knots @ curve.matrix)[:, DOTS:]
    assert np.hypot(rounded_x - 1, rounded_y).min() > 0.02
    np.testing.assert_allclose([rounded_x[0], rounded_y[-1]], [0, 1], atol=1e-6)


def test_spline_is_natural_and_smooth():
    knots = np.reshape(arc(0.5, 0.5, 0.5, 0.5, 0.0, -180.0, 9), (9, 2)).T.astype(np.float32)
    x, y = (knots @ Curve.through(knots, [[False] * 9]).matrix)[:, :DOTS]
    radius = np.hypot(x - 0.5, y - 0.5)
    np.testing.assert_allclose(radius, 0.5, atol=0.01)
    turns = np.diff(np.unwrap(np.arctan2(np.diff(y), np.diff(x))))
    assert np.abs(turns).max() < 0.1
    np.testing.assert_allclose(turns[[0, -1]], 0, atol=0.03)


def test_ink_is_a_disc_of_the_right_size():
    where = np.random.default_rng(0).uniform(9.5, 10.5, (400, 2, 1)).astype(np.float32)
    dots = np.repeat(where, 4, axis=2)
    one = np.ones(400, np.float32)
    for radius in (1.0, 2.5, 4.0):
        boxes = ink(dots, np.full((400, 4), radius, np.float32), one, one) / 255
        # A soft edge adds its variance, 1/20 for a smooth step one pixel wide.
        area = np.pi * (radius**2 + 1 / 20)
        assert boxes.sum(axis=(1, 2)).mean() == pytest.approx(area, rel=0.01)
    disc = ink(np.full((1, 2, 4), 10, np.float32), np.full((1, 4), 3, np.float32), one[:1], one[:1])
    disc = disc[0].astype(int)
    np.testing.assert_allclose(disc, disc.T, atol=2)  # distances are in whole 1/256 of a pixel
    np.testing.assert_allclose(disc, disc[::-1], atol=2)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), radius=st.floats(0.65, 4.0))
def test_fast_distance_matches_the_slow_one(seed, radius):
    rng = np.random.default_rng(seed)
    dots = rng.uniform(4, 16, (3, 2, 30)).astype(np.float32)
    pen = np.full((3, 30), radius, np.float32)
    edge, gamma = np.full(3, 1.2, np.float32), np.ones(3, np.float32)
    pixel = np.arange(BOX) + 0.5
    away = np.hypot(
        pixel[None, None, :, None] - dots[:, 0, None, None],
        pixel[None, :, None, None] - dots[:, 1, None, None],
    ).min(axis=3)
    level = np.clip(0.5 - (away - radius) / 1.2, 0, 1)
    slow = 255 * level**2 * (3 - 2 * level)
    assert np.abs(ink(dots, pen, edge, gamma) - slow).max() < 4


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100), radius=st.floats(0.65, 4.0))
def test_box_is_filled_by_ink_whatever_the_unit(seed, scale, radius):
    dots = (np.random.default_rng(seed).uniform(-1, 1, (5, 2, 40)) * scale).astype(np.float32)
    placed, pen = fit_box(dots, np.full((5, 40), radius, np.float32))
    low, high = (placed - pen[:, None]).min(axis=2), (placed + pen[:, None]).max(axis=2)
    np.testing.assert_allclose((high - low).max(axis=1), BOX, rtol=1e-4)
    np.testing.assert_allclose((high + low) / 2, BOX / 2, atol=1e-2)
    np.testing.assert_allclose(pen, radius, rtol=1e-3)


def test_boxes_are_placed_by_whole_pixels_and_never_clipped():
    boxes = np.zeros((3, BOX, BOX), np.uint8)
    boxes[0, 9:11, 9:11] = 200
    boxes[1, 0, 0] = 200
    boxes[2] = 0  # an empty box must not divide by zero
    corner = centring(boxes)
    pictures = place(boxes, corner)
    np.testing.assert_array_equal(pictures.sum(axis=(1, 2)), boxes.sum(axis=(1, 2)))
    np.testing.assert_array_equal(corner, [[4, 4], [8, 8], [8, 8]])
