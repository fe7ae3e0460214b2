"""Animations show the net's own numbers: at every place, on every frame, and they add up."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from helpers.counterfactuals import made
from whynet.drawing.animation import Animation
from whynet.drawing.charts import LineChart, Mark, Series
from whynet.drawing.colours import DARK, LIGHT, to_oklab
from whynet.drawing.palette import in_few_colours
from whynet.errors import ConfigError, ShapeError
from whynet.explain import Contrast, counterfactual, evidence, layer_conductance
from whynet.explain.animations import evidence_accumulating, filter_sliding, morphing
from whynet.explain.animations.baseline import baseline
from whynet.explain.animations.curve import GrowingChart
from whynet.explain.animations.evidence_accumulating import accumulate
from whynet.explain.animations.filter_sliding import MOST, schedule, strongest_unit
from whynet.explain.animations.morphing import way
from whynet.explain.animations.products import equation
from whynet.explain.animations.sliding import convolutions, sliding
from whynet.explain.animations.stage import Stage, fitted
from whynet.explain.donors import Donors
from whynet.explain.paths import TOLERANCE
from whynet.nn import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    MaxPooling2D,
    Network,
    ReLU,
    Softmax,
)


@pytest.fixture(scope="module")
def net():
    return made()[0]


@pytest.fixture(scope="module")
def donors():
    return made()[1]


@pytest.fixture(scope="module")
def image():
    return made()[2].images[0]


def opened(animation: Animation) -> Image.Image:
    """The animation's GIF, as Pillow reads it."""
    return Image.open(io.BytesIO(animation.gif()))


# -- a filter's numbers ---------------------------------------------------------------------------

SIZES = st.one_of(st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 3)))


@st.composite
def convolved(draw: st.DrawFn) -> tuple[Network, str]:
    """A net with random weights, and which of its convolutions is looked at."""
    options = {
        "strides": draw(SIZES),
        "padding": draw(st.sampled_from(["valid", "same"])),
        "use_bias": draw(st.booleans()),
    }
    depthwise, size = draw(st.booleans()), draw(SIZES)
    looked_at = (
        DepthwiseConv2D(size, depth_multiplier=draw(st.integers(1, 3)), **options)
        if depthwise
        else Conv2D(4, size, groups=draw(st.sampled_from([1, 2])), **options)
    )
    before = draw(st.sampled_from([(), ("conv",), ("conv", "relu"), ("norm",)]))
    made = {"conv": lambda: Conv2D(6, 2), "relu": ReLU, "norm": BatchNormalization}
    after = draw(st.lists(st.sampled_from(["relu", "tanh", "norm", "linear", "drop"]), max_size=3))
    following = {
        "norm": BatchNormalization,
        "drop": lambda: Dropout(0.5),
        **{bend: lambda bend=bend: Activation(bend) for bend in ("relu", "tanh", "linear")},
    }
    layers = [*(made[name]() for name in before), looked_at]
    layers += [*(following[name]() for name in after), Flatten(), Dense(3)]
    net = Network(layers, (9, 8, 2), seed=draw(st.integers(0, 9)), dtype=np.float64)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    net.parameters += 0.3 * rng.standard_normal(net.parameters.shape)
    return net, looked_at.name


@settings(max_examples=60)
@given(asked=convolved(), data=st.data())
def test_at_every_place_the_numbers_are_the_nets(asked, data):
    net, name = asked
    image = np.random.default_rng(1).uniform(0, 1, net.input_shape)
    place = [layer.name for layer in net.layers].index(name)
    layer = net.layers[place]
    unit = data.draw(st.integers(0, layer.output_shape[2] - 1))
    slide = sliding(net, image, name, unit)

    x = image[None]
    for each in net.layers[:place]:
        x, _ = each.forward(x)
    y, _ = layer.forward(x)
    np.testing.assert_allclose(slide.sums, y[0, ..., unit])
    for each in net.layers[place + 1 : -2]:
        y, _ = each.forward(y)
    np.testing.assert_allclose(slide.map, y[0, ..., unit])
    np.testing.assert_array_equal(slide.below, x[0, ..., slide.channel])

    kh, kw = slide.weights.shape
    frame = np.pad(slide.below, 4)
    for row, column in np.ndindex(slide.map.shape):
        there = slide.at(row, column)
        seen = frame[there.top + 4 :, there.left + 4 :][:kh, :kw]
        np.testing.assert_array_equal(there.patch, seen)
        np.testing.assert_array_equal(there.products, seen * slide.weights)
        assert there.products.sum() == pytest.approx(there.total)
        total = there.total + there.others + (slide.bias or 0)
        assert there.sum == pytest.approx(total) == pytest.approx(slide.sums[row, column])
        assert there.answer == slide.map[row, column]
    assert (slide.bias is None) == (not layer.use_bias)
    assert slide.map[slide.strongest] == slide.map.max()
    if slide.channels == 1:
        assert not slide.others.any()


def test_the_channel_shown_adds_most_where_the_answer_is_strongest(net, image):
    slide = sliding(net, image, "conv2d_2", 3)
    x = image[None] / np.float32(255)
    for each in net.layers[:3]:
        x, _ = each.forward(x)
    kernel, (row, column) = net.layers[3].params["kernel"][..., 3], slide.strongest
    parts = (x[0, row : row + 5, column : column + 5] * kernel).sum(axis=(0, 1))
    assert slide.channel == parts.argmax()
    assert slide.totals[row, column] == pytest.approx(parts.max(), rel=1e-5)


def test_what_follows_is_named():
    layers = [Conv2D(2, 3), BatchNormalization(), ReLU(), MaxPooling2D(), Flatten(), Dense(2)]
    slide = sliding(Network(layers, (8, 8, 1)), np.ones((8, 8)), 0, 1)
    assert [name for name, _ in slide.after] == ["normalised", "ReLU"]
    over_channels = Network([Conv2D(2, 8), Softmax(), Flatten(), Dense(2)], (8, 8, 1))
    assert sliding(over_channels, np.ones((8, 8)), 0, 1).after == ()


def numbers(text: str) -> list[float]:
    """The numbers in a line, signs and all."""
    found = re.findall(r"(?<![\w.])([+−] ?)?(\d+\.\d+)", text)
    return [float(value) * (-1 if "−" in sign else 1) for sign, value in found]


@pytest.mark.parametrize("layer", ["conv2d_1", "conv2d_2"])
def test_the_sum_written_out_adds_up(net, image, layer):
    slide = sliding(net, image, layer, 2)
    for row, column in [(0, 0), slide.strongest, (7, 4)]:
        place = slide.at(row, column)
        first, second = equation(slide, place)
        *rows, total = numbers(first)
        assert len(rows) == 5
        assert sum(rows) == pytest.approx(total, abs=0.004)
        *terms, whole, relu = numbers(second)
        assert (terms[0], len(terms)) == (total, 2 + (slide.channels > 1))
        assert sum(terms) == pytest.approx(whole, abs=0.004)
        assert whole == pytest.approx(place.sum, abs=6e-4)
        assert relu == max(whole, 0)
        assert ("7 other channels" in second) == (layer == "conv2d_2")


def test_the_sum_of_other_filters():
    def lines(layers, shape):
        slide = sliding(Network(layers, shape), np.full(shape, 0.5), 0, 0)
        return slide, equation(slide, slide.at(0, 0))

    slide, (first, second) = lines([Conv2D(1, 9, use_bias=False)], (9, 9, 1))
    assert numbers(first) == numbers(second) == [pytest.approx(slide.sums[0, 0], abs=6e-4)]
    assert first.startswith("patch · filter = ")
    _, (_, second) = lines([Conv2D(1, 2)], (4, 4, 2))
    assert "(the other channel)" in second


# -- a filter's frames ----------------------------------------------------------------------------


@settings(max_examples=60)
@given(rows=st.integers(1, 120), columns=st.integers(1, 60), data=st.data())
def test_places_come_in_reading_order(rows, columns, data):
    image = np.zeros((rows, columns))
    peak = data.draw(st.integers(0, rows * columns - 1))
    image.flat[peak] = 1
    one = Network([Conv2D(1, 1, kernel_initializer="ones", use_bias=False)], (rows, columns, 1))
    stops = schedule(sliding(one, image, 0, 0))
    places = [place for place, _ in stops]
    assert places == sorted(set(places))
    assert places[0] == 0
    assert places[-1] == rows * columns - 1
    assert len(stops) <= MOST
    assert max(stops, key=lambda stop: stop[1])[0] == peak
    if rows <= 80:
        assert {row * columns + columns - 1 for row in range(rows)} <= set(places)


def test_frames_of_a_filter(net, image):
    shown = filter_sliding(net, image, "conv2d_1", 3)
    slide = sliding(net, image, "conv2d_1", 3)
    stops = schedule(slide)
    n, height, width, _ = shown.frames.shape
    assert n == len(shown) == len(stops) <= 90
    assert 480 <= width <= 800
    for (index, _), caption in zip(stops, shown.captions, strict=True):
        row, column = divmod(index, 28)
        place = f"row {row + 1} of 28, column {column + 1} of 28"
        assert place in caption
        assert numbers(caption) == [pytest.approx(slide.map[row, column], abs=6e-4)]
        assert ("the strongest" in caption) == ((row, column) == slide.strongest)
    packed = shown.gif()
    assert len(packed) < 2e6
    with Image.open(io.BytesIO(packed)) as gif:
        assert gif.n_frames == n
        assert gif.width == width
        assert gif.height > height  # captions are below
    assert all((before != after).any() for before, after in pairwise(shown.frames))


def test_by_default_the_first_convolution_and_its_strongest_filter(net, donors, image):
    contrast = Contrast(net, image, rival=2 if net.predict(image[None])[0] != 2 else 3)
    rival = int(contrast.rival[0])
    start = baseline(contrast, image, donors)
    unit = strongest_unit(contrast, image, "conv2d_1", donors)
    shares = layer_conductance(contrast, "relu_1", start).values[0].sum(axis=(0, 1))
    assert shares[unit] == pytest.approx(shares.max(), rel=1e-3)
    shown = filter_sliding(net, image, rival=rival, donors=donors)
    assert shown.captions[0].startswith(f"Filter {unit} of conv2d_1 at row 1 of 28, column 1 ")


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([Conv2D(2, 3, strides=2, padding="same"), BatchNormalization(), ReLU()], (16, 12, 3)),
        ([Conv2D(2, 11), Activation("tanh")], (40, 30, 1)),
        ([Conv2D(2, 1, use_bias=False)], (3, 2, 1)),
        ([Conv2D(2, 5, strides=7)], (301, 290, 1)),
        ([ReLU(), DepthwiseConv2D(3), ReLU()], (5, 30, 3)),
        ([Conv2D(2, 28)], (28, 28, 1)),
    ],
    ids=["colour", "large", "tiny", "photo", "depthwise", "whole"],
)
def test_any_filter_fits_its_frame(layers, shape):
    net = Network(layers, shape, seed=3)
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, shape, np.uint8)
    shown = filter_sliding(net, image, convolutions(net)[0], 1)
    assert 480 <= shown.frames.shape[2] <= 800
    slide = sliding(net, image, convolutions(net)[0], 1)
    assert len(shown) == len(schedule(slide))
    assert (shown.frames[-1] == LIGHT.paper).all(axis=2).mean() > 0.2


def test_bad_requests_of_filters(net, image):
    flat = Network([Flatten(), Dense(2)], (28, 28, 1))
    for bad, arguments, problem in [
        (net, (image, "dense_1", 0), "expected a convolution .conv2d_1, conv2d_2., got 'dense_1'"),
        (net, (image, "conv", 0), "expected a layer of conv2d_1, "),
        (net, (image, "conv2d_1", 8), "expected a filter of 'conv2d_1' .* at most 7, got 8"),
        (net, (image[None].repeat(2, 0), "conv2d_1", 0), "expected one picture, got 2"),
        (flat, (image,), "expected a net with a convolution"),
        (flat, (image, "dense_1", 0), "expected a convolution .this net has none."),
    ]:
        with pytest.raises(ConfigError, match=problem):
            filter_sliding(bad, *arguments)
    with pytest.raises(ShapeError):
        filter_sliding(net, image[:20], "conv2d_1", 0)


# -- morphs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(net, donors, image):
    return counterfactual(net, image, donors=donors, threads=1)


def test_the_way_goes_over_the_flip(net, found):
    there = way(net, found, 9)
    assert len(there.positions) in (9, 10)
    assert (np.diff(there.positions) > 0).all()
    assert (there.positions[0], there.positions[-1]) == (0, 1)
    np.testing.assert_array_equal(there.pictures[0], found.original)
    np.testing.assert_array_equal(there.pictures[-1], found.picture)
    np.testing.assert_allclose(there.probabilities, net.predict_proba(there.pictures), atol=1e-5)
    np.testing.assert_array_equal(there.answers, net.predict(there.pictures))
    assert (there.answers[there.flip :] == found.label).all()
    assert there.answers[there.flip - 1] != found.label


def test_frames_of_a_morph(net, found):
    there = way(net, found, 8)
    shown = morphing(net, found, n=8)
    k = len(there.positions)
    assert len(shown) == 2 * k - 2
    assert 480 <= shown.frames.shape[2] <= 800
    # There and back: the same frames the other way round, and none twice in a row.
    assert shown.captions[k:] == shown.captions[k - 2 : 0 : -1]
    np.testing.assert_array_equal(shown.frames[k:], shown.frames[k - 2 : 0 : -1])
    assert shown.captions[there.flip].startswith("Here the answer flips")
    assert sum("flips" in caption for caption in shown.captions[:k]) == 1
    for index in range(k):
        name = net.card.classes[int(there.answers[index])]
        assert f": {name} (" in shown.captions[index]
        assert f"{there.positions[index]:.0%} of the way" in shown.captions[index]
    assert shown.seconds[there.flip] > 5 * shown.seconds[1]
    assert opened(shown).n_frames == len(shown)
    assert len(shown.gif()) < 2e6


def test_a_morph_may_be_asked_of_a_picture(net, donors, image, found):
    by_name = net.card.classes[found.label]
    shown = morphing(net, image, by_name, donors=donors, n=4)
    np.testing.assert_array_equal(shown.frames, morphing(net, found, found.label, n=4).frames)


def test_bad_requests_of_morphs(net, donors, image, found):
    other = (found.label + 1) % 10
    with pytest.raises(ConfigError, match="expected the counterfactual's own rival"):
        morphing(net, found, other)
    with pytest.raises(ConfigError, match="this model carries none"):
        morphing(net, image)
    with pytest.raises(ConfigError, match=r"a number of pictures .* of at least 2, got 1"):
        morphing(net, image, donors=donors, n=1)
    strangers = Donors(255 - donors.images, donors.labels, donors.readers)
    said = net.predict(strangers.images)
    never = next(k for k in range(10) if k != found.predicted and not (said == k).any())
    with pytest.raises(ConfigError, match="nothing to morph to"):
        morphing(net, image, never, donors=strangers)


# -- evidence -------------------------------------------------------------------------------------


def test_the_evidence_adds_up_all_along(net, donors, image):
    contrast = Contrast(net, image)
    start = baseline(contrast, image, donors)
    so_far = accumulate(contrast, start, 12)
    np.testing.assert_allclose(so_far.t, np.linspace(0, 1, 13))
    np.testing.assert_allclose(so_far.pictures[0], start[0], atol=1e-7)
    np.testing.assert_allclose(so_far.pictures[-1], contrast.images[0], atol=1e-7)
    logits = net.outputs(so_far.pictures)
    a, b = contrast.predicted[0], contrast.rival[0]
    np.testing.assert_allclose(so_far.margins, logits[:, a] - logits[:, b], atol=1e-3)
    assert not so_far.maps[0].any()
    allowed = TOLERANCE * abs(so_far.changes[-1])
    np.testing.assert_allclose(so_far.sums, so_far.changes, atol=allowed)
    np.testing.assert_allclose(np.diff(so_far.sums), np.diff(so_far.changes), atol=allowed)
    np.testing.assert_allclose(so_far.sums, [float(each.sum()) for each in so_far.maps], atol=1e-9)
    np.testing.assert_array_equal(so_far.residuals, so_far.sums - so_far.changes)
    # In the end it is the evidence that an answer shows.
    whole = evidence(net, image, donors=donors)
    np.testing.assert_allclose(start[0], whole.baseline)
    np.testing.assert_allclose(so_far.maps[-1], whole.map, atol=20 * allowed)


def test_evidence_of_a_linear_net_grows_evenly():
    net = Network([Flatten(), Dense(2)], (3, 3, 1), dtype=np.float64)
    image = np.random.default_rng(0).uniform(0, 1, (3, 3, 1))
    contrast = Contrast(net, image)
    so_far = accumulate(contrast, np.zeros((1, 3, 3, 1)), 4)
    for t, map_ in zip(so_far.t, so_far.maps, strict=True):
        np.testing.assert_allclose(map_, t * image * contrast.gradients()[0], atol=1e-12)


def test_evidence_that_does_not_move():
    net = Network([Flatten(), Dense(2)], (3, 3, 1))
    so_far = accumulate(Contrast(net, np.zeros((3, 3, 1), np.float32)), np.zeros((1, 3, 3, 1)), 2)
    assert not so_far.maps.any()
    assert not so_far.residuals.any()


def test_where_the_path_begins(net, donors, image):
    contrast = Contrast(net, image)
    assert net.predict(baseline(contrast, image, donors))[0] == contrast.rival[0]
    assert not baseline(contrast, image).any()  # no donors: bare paper
    others = donors.labels != contrast.rival[0]
    without = Donors(donors.images[others], donors.labels[others], donors.readers)
    assert not baseline(contrast, image, without).any()


def test_frames_of_evidence(net, donors, image):
    contrast = Contrast(net, image)
    so_far = accumulate(contrast, baseline(contrast, image, donors), 6)
    shown = evidence_accumulating(net, image, donors=donors, pieces=6)
    assert len(shown) == 7
    assert 480 <= shown.frames.shape[2] <= 800
    for index, caption in enumerate(shown.captions):
        margin, change, total = numbers(caption)
        assert margin == pytest.approx(so_far.margins[index], abs=6e-3)
        assert change == pytest.approx(so_far.changes[index], abs=2e-4)
        assert total == pytest.approx(so_far.sums[index], abs=2e-4)
    assert opened(shown).n_frames == 7
    bare = evidence_accumulating(net, image, pieces=2)
    assert len(bare) == 3


def test_bad_requests_of_evidence(net, donors, image):
    predicted = int(net.predict(image[None])[0])
    with pytest.raises(ConfigError, match="expected a rival other than the predicted class"):
        evidence_accumulating(net, image, predicted, donors=donors)
    with pytest.raises(ConfigError, match="expected one picture, got 2"):
        evidence_accumulating(net, image[None].repeat(2, 0))
    with pytest.raises(ConfigError, match=r"pieces .* of at least 2, got 1"):
        evidence_accumulating(net, image, pieces=1)
    two = Contrast(net, image[None].repeat(2, 0))
    with pytest.raises(ConfigError, match="expected one picture, got 2"):
        accumulate(two, np.zeros_like(two.images))


# -- drawing --------------------------------------------------------------------------------------


@given(
    frames=arrays.arrays(np.uint8, st.tuples(*(st.integers(1, 4),) * 3, st.just(3))),
    most=st.integers(1, 20),
)
def test_few_colours_are_the_pictures_own(frames, most):
    before = {tuple(colour) for colour in frames.reshape(-1, 3).tolist()}
    drawn = in_few_colours(frames.copy(), most)
    after = {tuple(colour) for colour in drawn.reshape(-1, 3).tolist()}
    assert after <= before
    assert len(after) == min(most, len(before))
    np.testing.assert_array_equal(drawn[0, 0, 0], frames[0, 0, 0])
    if len(before) <= most:
        np.testing.assert_array_equal(drawn, frames)


def test_few_colours_are_near():
    greys = np.arange(256, dtype=np.uint8)[None, None, :, None].repeat(3, 3)
    drawn = in_few_colours(greys.copy(), 64)
    assert np.abs(to_oklab(drawn) - to_oklab(greys)).max() < 0.02
    assert (drawn[..., 0] == drawn[..., 1]).all()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_animations_have_few_colours_captions_and_all(net, found, theme):
    shown = morphing(net, found, n=4, theme=theme)
    assert len(np.unique(shown.frames @ np.array([65536, 256, 1]))) <= 256
    np.testing.assert_array_equal(shown.frames[0, 0, 0], theme.paper)
    with opened(shown) as gif:
        first = np.asarray(gif.convert("RGB"))[: shown.frames.shape[1]]
    # Nothing is guessed: at most captions took some colours away.
    assert np.abs(to_oklab(first) - to_oklab(shown.frames[0])).max() < 0.05


def test_a_page_holds_all_frames(net, found):
    shown = morphing(net, found, n=3)
    page = shown.html("Nine to four")
    told = re.search(r'data-frames="([^"]*)"', page)
    assert told is not None
    document = json.loads(told[1].replace("&quot;", '"').replace("&#34;", '"'))
    assert document["captions"] == list(shown.captions)
    assert 'src="http' not in page


def test_a_chart_grows():
    x = np.arange(5.0)
    curves = [Series("a", x, x**2), Series("b", x, -x)]
    chart = GrowingChart(LineChart(curves, "x", "y", marks=[Mark(2, "here")]), 300, 150)
    frames = [chart.upto(index) for index in range(5)]
    blue = [
        (np.abs(frame.astype(int) - LIGHT.series[0]).sum(axis=2) < 30).sum() for frame in frames
    ]
    assert all(before < after for before, after in pairwise(blue))
    whole = LineChart(curves, "x", "y", marks=[Mark(2, "here")]).drawing(300, 150).picture()
    # At the end all of it is drawn; only the dots are new.
    assert (frames[-1] != whole).any(axis=2).mean() < 0.01


def test_a_stage_cuts_off_what_lies_outside():
    stage = Stage(20, 10)
    stage.write("far too long for this", -5, 2)
    stage.dot(20, 10, 4, (9, 9, 9))
    stage.frame_around(0, 0, 20, 10, (255, 0, 0), 3)  # all of it outside
    assert stage.frame.shape == (10, 20, 3)
    assert (stage.frame[-1, -1] == 9).all()
    again = stage.again()
    again.fill(0, 0, 5, 5, (1, 2, 3))
    assert (stage.frame[0, 0] != (1, 2, 3)).any()


def test_pictures_are_fitted_by_whole_steps():
    picture = np.arange(10 * 6 * 3, dtype=np.uint8).reshape(10, 6, 3)
    larger, times = fitted(picture, 25)
    assert (larger.shape, times) == ((20, 12, 3), 2)
    smaller, times = fitted(picture, 4)
    np.testing.assert_array_equal(smaller, picture[::3, ::3])
    assert times == 1 / 3


def test_importing_needs_no_pillow():
    code = "import sys, whynet.explain.animations; print('PIL' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
