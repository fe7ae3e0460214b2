"""One answer in seven parts: they agree with each other, and with the net asked again."""

import json
import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from importlib import import_module
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers.counterfactuals import made
from whynet import Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU, Sequential, Sigmoid
from whynet.errors import ConfigError, DataNotFoundError, ShapeError
from whynet.explain import Contrast, conductances
from whynet.explain.paths import integrate
from whynet.explain.why import why
from whynet.explain.why.shares import blocks

WITHIN = 1e-4
"""Of the margin: how much the evidence may fail to add up by."""


@pytest.fixture(scope="module")
def net():
    return made()[0]


@pytest.fixture(scope="module")
def donors():
    return made()[1]


@pytest.fixture(scope="module")
def shown():
    return made()[2]


@pytest.fixture(scope="module")
def answer(net, donors, shown):
    return why(net, shown.images[7], donors=donors)


def untrained(*layers, shape=(28, 28, 1), seed=0):
    return Sequential([*layers, Flatten(), Dense(10)], shape, seed=seed)


def test_the_evidence_adds_up_at_every_layer(net, donors, shown):
    for number in range(8):
        found = why(net, shown.images[number], donors=donors, units=False)
        allowed = WITHIN * abs(found.margin) * 1.01
        assert abs(found.residual) <= allowed
        assert found.residual == pytest.approx(
            found.evidence.map.sum(dtype=float) - found.evidence.change, abs=1e-12
        )
        for share in found.layers:
            assert abs(share.residual) <= allowed
            assert share.by_map.sum() == pytest.approx(share.total, abs=1e-9)


def test_numbers_are_those_of_the_net(net, donors, shown, answer):
    image = shown.images[7]
    z = net.outputs(image)[0].astype(float)
    order = z.argsort()[::-1]
    assert (answer.predicted, answer.rival) == (order[0], order[1])
    assert answer.margin == pytest.approx(z[order[0]] - z[order[1]], abs=1e-4)
    start = net.outputs(answer.evidence.baseline)[0].astype(float)
    change = z[order[0]] - z[order[1]] - (start[order[0]] - start[order[1]])
    assert answer.evidence.change == pytest.approx(change, abs=1e-3)
    np.testing.assert_allclose(answer.probabilities, net.predict_proba(image)[0], atol=1e-6)
    assert net.predict(answer.counterfactual.picture)[0] == answer.rival
    last = answer.layers[-1].by_map
    assert set(np.flatnonzero(last)) == {order[0], order[1]}, "only two logits make the margin"


def test_one_place_speaks_for_its_block(net, donors, shown):
    """Layers that work channel by channel pass shares on as they are."""
    found = why(net, shown.images[3], donors=donors, units=False)
    contrast = Contrast(net, shown.images[3])
    apart = conductances(contrast, baseline=found.evidence.baseline, tolerance=1e-5)
    told = 0
    for share in found.layers:
        for name in share.block:
            values = apart[name].values[0].astype(float)
            if name.startswith("flatten"):
                values = values.reshape(share.values.shape)
            sums = values.reshape(-1, values.shape[-1]).sum(axis=0)
            np.testing.assert_allclose(sums, share.by_map, atol=3e-3 * abs(found.evidence.change))
            told += 1
    assert told == len(net.layers)


def test_blocks():
    net = Sequential(
        [
            Flatten(),
            Dropout(0.2),
            Dense(8),
            Sigmoid(),
            Dropout(0.1),
            Dense(3),
        ],
        (4, 4, 1),
    )
    assert [names for _, names in blocks(net.layers)] == [
        ("dropout_1",),
        ("dense_1", "sigmoid_1", "dropout_2"),
        ("dense_2",),
    ]
    net = Sequential(
        [Conv2D(2, 3), ReLU(), MaxPooling2D(2), Conv2D(3, 2), ReLU(), Flatten(), Dense(4)],
        (10, 10, 1),
    )
    assert blocks(net.layers) == [
        (3, ("conv2d_1", "relu_1", "maxpooling2d_1")),
        (5, ("conv2d_2", "relu_2", "flatten_1")),
        (7, ("dense_1",)),
    ]


def test_units_are_those_that_carried_most(net, answer):
    assert [unit.layer for unit in answer.units] == [share.layer for share in answer.layers[:-1]]
    for unit, share in zip(answer.units, answer.layers, strict=False):
        assert unit.unit == int(share.by_map.argmax())
        assert unit.contribution == pytest.approx(share.by_map.max())
        assert unit.share == pytest.approx(unit.contribution / answer.evidence.change)
        assert len(unit.patches)
    kernel = next(layer for layer in net.layers if layer.name == "conv2d_1").params["kernel"]
    first = answer.units[0]
    np.testing.assert_array_equal(first.weights, kernel[..., first.unit])


def test_every_number_in_the_words_was_measured(net, donors, shown):
    """Each gap was filled from the document, and outside of gaps there are no numbers."""
    nets = [net, *(untrained(seed=seed) for seed in range(2)), untrained(Conv2D(4, 5), Sigmoid())]
    rng = np.random.default_rng(0)
    pictures = [
        *shown.images[:3],
        *rng.integers(0, 256, (2, 28, 28, 1), np.uint8),
        np.zeros((28, 28, 1), np.uint8),
        np.full((28, 28, 1), 255, np.uint8),
    ]
    said = 0
    for asked in nets:
        for picture in pictures:
            found = why(asked, picture, donors=donors)
            document = found.to_dict()
            assert json.loads(json.dumps(document, allow_nan=False)) == document
            assert document["words"] == [str(sentence) for sentence in found.words]
            for sentence in found.words:
                bare = re.sub(r"\{[^{}]*\}", "", sentence.template)
                assert not re.search(r"\d", bare), sentence.template
                for path, value in sentence.numbers.items():
                    known = document
                    for key in path.split("."):
                        known = known[int(key)] if isinstance(known, list) else known[key]
                    assert known == value
                    said += 1
    assert said > 200


def test_random_weights_leave_little_to_explain(donors, shown):
    for seed in range(5):
        found = why(untrained(Conv2D(4, 5), ReLU(), seed=seed), shown.images[seed], donors=donors)
        assert found.probabilities.max() < 0.5
        assert any("little to explain" in str(sentence) for sentence in found.words)


def test_a_net_that_is_sure_is_not_said_to_be_unsure(answer):
    assert answer.probabilities.max() > 0.9
    assert not any("little to explain" in str(sentence) for sentence in answer.words)


def test_odds_are_told_only_where_they_are_odds(answer, donors, shown):
    document = answer.to_dict()
    a, b = document["probability"], document["rival_probability"]
    assert document["odds"] == pytest.approx(a / b, rel=1e-3)
    bounded = Sequential([Flatten(), Dense(10), Sigmoid()])
    found = why(bounded, shown.images[0], donors=donors)
    assert found.to_dict()["odds"] is None, "sigmoids that are divided by their sum are no softmax"


def test_a_residual_that_is_too_large_is_said(net, donors, shown, monkeypatch):
    # `whynet.explain.why` is also the function's name, which stands before the package's.
    shares = import_module("whynet.explain.why.shares")
    monkeypatch.setattr(shares, "integrate", partial(integrate, most=20))
    found = why(net, shown.images[7], donors=donors, units=False)
    assert abs(found.residual) > WITHIN * abs(found.margin)
    assert any(str(sentence).startswith("Beware") for sentence in found.words)


def test_without_donors_it_says_what_is_missing(net, shown):
    found = why(net, shown.images[0])
    assert found.counterfactual is None
    assert found.similar is None
    assert found.morph is None
    assert any("counterfactual" in line and "Donors" in line for line in found.missing)
    assert any("similar" in line for line in found.missing)
    assert not found.evidence.baseline.any(), "the path begins at black"
    assert abs(found.residual) <= WITHIN * abs(found.margin) * 1.01
    assert found.to_dict()["counterfactual"] is None
    assert "What is missing" in found.to_html()


def test_without_donors_of_the_rival_it_says_so(net, donors, shown):
    image = shown.images[7]
    rival = int(net.outputs(image)[0].argsort()[-2])
    few = replace(
        donors,
        images=donors.images[donors.labels != rival],
        labels=donors.labels[donors.labels != rival],
    )
    found = why(net, image, donors=few, units=False)
    assert found.counterfactual is None
    assert found.similar is None
    assert found.missing[0] == f"counterfactual: there are no donors of class {rival}"
    assert found.missing[1].startswith("similar examples: the model carries none of class")


def test_colour_pictures():
    net = Sequential([Conv2D(4, 3), ReLU(), Flatten(), Dense(3)], (8, 8, 3))
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    found = why(net, picture)
    assert found.evidence.map.shape == (8, 8, 3)
    assert abs(found.residual) <= WITHIN * abs(found.margin) * 1.01
    assert found.to_png().startswith(b"\x89PNG")
    assert "<h1>" in found.to_html()


def test_a_black_picture_has_nothing_to_take_away(net):
    found = why(net, np.zeros((28, 28), np.uint8))
    assert found.proof is None
    assert any("proof" in line for line in found.missing)


def test_a_rival_by_name_and_by_number(net, donors, shown):
    image = shown.images[7]
    rival = (int(net.predict(image)[0]) + 3) % 10
    by_name, by_number = (why(net, image, each, donors=donors) for each in (str(rival), rival))
    first, second = by_name.to_dict(), by_number.to_dict()
    assert first.pop("seconds") > 0 < second.pop("seconds")
    assert first == second
    assert first["rival"] == str(rival) == first["counterfactual"]["label"]


def test_the_answer_depends_on_no_threads(net, donors, shown):
    one, two = (why(net, shown.images[4], donors=donors, threads=n).to_dict() for n in (1, 2))
    one.pop("seconds"), two.pop("seconds")
    assert one == two


def test_bad_requests(net, donors, shown):
    image = shown.images[7]
    said = int(net.predict(image)[0])
    with pytest.raises(ConfigError, match="other than the predicted"):
        why(net, image, said, donors=donors)
    with pytest.raises(ConfigError, match="expected a class as rival of 0, 1"):
        why(net, image, "ten", donors=donors)
    with pytest.raises(ShapeError):
        why(net, image[:20], donors=donors)
    with pytest.raises(ConfigError, match="one picture, got 2"):
        why(net, shown.images[:2], donors=donors)
    with pytest.raises(ConfigError, match="ends in logits"):
        why(Sequential([Flatten(), Dense(10), ReLU()]), image, donors=donors)
    broken = untrained()
    broken.parameters[0] = np.nan
    with pytest.raises(ConfigError, match="finite weights"):
        why(broken, image, donors=donors)


# -- shown ---------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Gathers what a page asks for, and its pictures' words."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched, self.alts, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.fetched += [told[name] for name in ("src", "srcset", "href") if told.get(name)]
        if tag == "img":
            self.alts.append(told.get("alt", ""))

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_holds_everything(answer, tmp_path):
    path = tmp_path / "why.html"
    html = answer.to_html(path)
    assert path.read_text(encoding="utf-8") == html
    page = Page()
    page.feed(html)
    assert page.fetched
    assert all(each.startswith("data:") for each in page.fetched)
    assert page.alts
    assert all(page.alts), "every picture is described"
    text = " ".join(page.text)
    for sentence in answer.words:
        assert str(sentence) in text
    for heading in (
        "Through the layers",
        "What these units look for",
        "It looks like these",
        "The proof",
        "The numbers",
    ):
        assert heading in text
    assert answer.question in text


def test_a_notebook_shows_the_page_in_a_frame(answer):
    shown = answer._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    page = Page()
    page.feed(shown)
    assert "Why" in shown


def test_the_sheet_is_a_picture(answer, tmp_path):
    path = tmp_path / "why.png"
    png = answer.to_png(path)
    assert path.read_bytes() == png
    with Image.open(BytesIO(png)) as picture:
        assert picture.width > 800
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 50


def test_the_figure(answer, tmp_path):
    pytest.importorskip("matplotlib")
    figure = answer.figure()
    assert len(figure.axes) == 4 + len(answer.morph) + 2
    figure.savefig(tmp_path / "why.svg")


def test_names_of_classes_are_escaped(donors, shown):
    names = ("<b>x</b>", *map(str, range(1, 9)), "a & b")
    net = Sequential([Flatten(), Dense(10)], classes=names)
    found = (
        why(net, shown.images[0], "<b>x</b>")
        if net.predict(shown.images[0])[0]
        else why(net, shown.images[0])
    )
    assert "<b>x</b>" not in found.to_html()


def test_a_folder_that_is_not_there(answer, tmp_path):
    with pytest.raises(DataNotFoundError):
        answer.to_html(tmp_path / "none" / "why.html")
    with pytest.raises(DataNotFoundError):
        answer.to_png(tmp_path / "none" / "why.png")
