"""The writer as people use it: sequences of digits and ticks, normalised as MNIST is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whynet.data.strokes import digits, digits_with_strokes, ticks
from whynet.errors import ConfigError

N = 3000


@pytest.fixture(scope="module")
def written():
    return digits(N, seed=7)


def test_the_form_of_the_data(written):
    assert written.images.shape == (N, 28, 28, 1)
    assert written.classes == tuple("0123456789")
    assert written.name == "strokes"
    marks = ticks(10)
    assert marks.image_shape == (28, 28, 1)
    assert marks.classes == ("cross", "tick")


def test_same_seed_same_bits_on_any_number_of_threads(written):
    for threads in (1, 2, 3):
        again = digits(N, seed=7, threads=threads)
        np.testing.assert_array_equal(again.images, written.images)
        np.testing.assert_array_equal(again.labels, written.labels)


def test_other_seeds_write_other_digits(written):
    other = digits(1000, seed=8)
    assert (other.images == written.images[:1000]).all(axis=(1, 2, 3)).sum() == 0
    assert not np.array_equal(written.images[:1000], written.images[1000:2000])


@settings(max_examples=12, deadline=None)
@given(start=st.integers(0, N), n=st.integers(0, 40))
def test_a_picture_depends_on_its_position_alone(written, start, n):
    n = min(n, N - start)
    part = digits(n, seed=7, start=start)
    np.testing.assert_array_equal(part.images, written.images[start : start + n])
    np.testing.assert_array_equal(part.labels, written.labels[start : start + n])


def test_a_part_that_spans_sheets(written):
    part = digits(1900, seed=7, start=550)
    np.testing.assert_array_equal(part.images, written.images[550:2450])


def test_every_class_is_as_frequent(written):
    for sheet in range(0, N, 1000):
        counts = np.bincount(written.labels[sheet : sheet + 1000], minlength=10)
        assert (counts == 100).all()
    assert (np.bincount(ticks(1000).labels) == 500).all()
    # Shuffled: no class gathers at the start.
    assert np.bincount(written.labels[:200], minlength=10).min() > 5


def test_asking_for_labels_changes_only_those_pictures(written):
    wanted = written.labels[:1500].copy()
    wanted[::3] = (wanted[::3] + 1) % 10
    asked = digits(1500, seed=7, labels=wanted.tolist())
    np.testing.assert_array_equal(asked.labels, wanted)
    kept = np.arange(1500) % 3 != 0
    np.testing.assert_array_equal(asked.images[kept], written.images[:1500][kept])
    changed = (asked.images != written.images[:1500]).any(axis=(1, 2, 3))
    assert changed[~kept].mean() > 0.99


@pytest.mark.parametrize("write", [digits, ticks])
def test_the_ink_fills_a_box_of_20_pixels(write):
    images = write(1000, seed=3).images[..., 0]
    rows, columns = (images > 0).any(axis=2), (images > 0).any(axis=1)

    def spread(used):
        return used.shape[1] - used.argmax(axis=1) - used[:, ::-1].argmax(axis=1)

    longest = np.maximum(spread(rows), spread(columns))
    assert longest.max() <= 20
    # A faint tip may leave the outermost pixel black.
    assert (longest >= 19).all()
    assert (longest == 20).mean() > 0.9


@pytest.mark.parametrize("write", [digits, ticks])
def test_the_centre_of_mass_is_in_the_middle(write):
    images = write(1000, seed=3).images[..., 0].astype(np.float64)
    mass = images.sum(axis=(1, 2))
    for axis in (1, 2):
        place = (images.sum(axis=3 - axis) * np.arange(28)).sum(axis=1) / mass
        off = np.abs(place - 14)
        # Half a pixel is rounding; a box pushed against the frame may be further off.
        assert (off <= 0.5 + 1e-9).mean() > 0.99
        assert off.max() < 2


def test_ink_is_bright_on_black_with_grey_edges(written):
    images = written.images
    assert images.max(axis=(1, 2, 3)).min() > 200
    assert 0.74 < (images == 0).mean() < 0.88
    grey = ((images > 0) & (images < 250)).sum() / (images > 0).sum()
    assert 0.45 < grey < 0.75


def test_strokes_make_up_the_picture(written):
    inked = digits_with_strokes(1200, seed=7, start=400)
    np.testing.assert_array_equal(inked.dataset.images, written.images[400:1600])
    np.testing.assert_array_equal(inked.strokes.max(axis=1), inked.dataset.images[..., 0])
    used = inked.strokes.any(axis=(2, 3))
    np.testing.assert_array_equal(used.sum(axis=1), inked.count)
    assert set(np.unique(inked.count)) == {1, 2}
    # Open fours are two strokes, ones mostly a single line.
    labels = inked.dataset.labels
    assert inked.count[labels == 4].mean() > 1.3 > inked.count[labels == 1].mean()


def test_nothing_asked_nothing_written():
    assert len(digits(0)) == 0
    assert digits_with_strokes(0).strokes.shape == (0, 4, 28, 28)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"n": -1}, "n to be 0 or more"),
        ({"n": 1, "seed": -1}, "seed to be 0 or more"),
        ({"n": 1, "start": -5}, "start to be 0 or more"),
        ({"n": 1, "threads": 0}, "at least 1 thread"),
        ({"n": 2, "labels": [1]}, "2 whole numbers"),
        ({"n": 2, "labels": [1.0, 2.0]}, "whole numbers"),
        ({"n": 2, "labels": [1, 10]}, "labels from 0 to 9"),
        ({"n": 2, "labels": [-1, 3]}, "labels from 0 to 9"),
    ],
)
def test_bad_arguments_say_what_was_expected(options, says):
    with pytest.raises(ConfigError, match=says):
        digits(**options)
    with pytest.raises(ConfigError):
        digits_with_strokes(**options)


def test_ticks_know_their_own_labels():
    assert (ticks(3, labels=[0, 1, 1]).labels == [0, 1, 1]).all()
    with pytest.raises(ConfigError, match="labels from 0 to 1"):
        ticks(1, labels=[2])
