"""Nearest examples are those that brute force finds, and whoever asks badly hears why."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import whynet
from whynet import Sequential
from whynet.errors import ConfigError, ShapeError
from whynet.explain.contrast import Contrast
from whynet.explain.donors import Donors
from whynet.explain.similar import PICTURE, Neighbours, similar
from whynet.nn import Activation, Conv2D, Dense, Dropout, Flatten, GlobalAveragePooling2D, ReLU


@pytest.fixture(scope="module")
def drawn():
    return whynet.load("strokes", examples=640)


@pytest.fixture(scope="module")
def net():
    """LeNet before training: what is near to it is as well defined as to any other."""
    return whynet.load_preset("lenet").build()


@pytest.fixture(scope="module")
def donors(drawn):
    return Donors(drawn.images[:600], drawn.known_labels[:600])


@pytest.fixture(scope="module")
def shown(drawn):
    return drawn.images[600:]


def by_brute_force(net, image, label, images, labels, count, layer):
    """Every example's distance, one after another."""

    def features(picture):
        if layer is None:
            return picture.astype(np.float64).ravel() / 255
        return net.activations(picture[None])[layer].astype(np.float64).ravel()

    here = features(image)
    far = sorted(
        (float(np.linalg.norm(features(images[number]) - here)), number)
        for number in np.flatnonzero(labels == label)
    )
    return far[:count]


@pytest.mark.parametrize("layer", [None, "conv2d_2", -1])
def test_exact(net, donors, shown, layer):
    # The numbers of layers up to the logits; by default what the last Dense takes in.
    name = {None: "relu_3", "conv2d_2": "conv2d_2", -1: "dense_2"}[layer]
    image = shown[3]
    a, b = (int(label) for label in net.outputs(image)[0].argsort()[:-3:-1])
    found = similar(net, image, (a, b), among=donors, count=7, layer=layer)
    assert list(found) == [a, b]
    for label in (a, b):
        expected = by_brute_force(net, image, label, donors.images, donors.labels, 7, name)
        one = found[label]
        assert one.label == label
        assert one.layer == name
        assert len(one) == 7
        np.testing.assert_allclose(one.distances, [far for far, _ in expected], rtol=1e-4)
        assert one.numbers.tolist() == [number for _, number in expected]
        assert (donors.labels[one.numbers] == label).all()
        np.testing.assert_array_equal(one.pictures, donors.images[one.numbers])
        np.testing.assert_array_equal(one.answers, net.predict(one.pictures))


def test_the_picture_itself_comes_first(net, donors):
    for number in range(0, len(donors), 23):
        image, own = donors.images[number], int(donors.labels[number])
        found = similar(net, image, (own, (own + 1) % 10), among=donors, count=3)[own]
        assert donors.images[found.numbers[0]].tolist() == image.tolist()
        assert found.distances[0] == 0
        assert (np.diff(found.distances) >= 0).all()


def test_the_answer_and_its_runner_up_are_the_default_and_names_will_do(net, donors, shown):
    image = shown[8]
    a, b = (int(label) for label in net.outputs(image)[0].argsort()[:-3:-1])
    one = similar(net, image, among=donors)
    two = similar(net, image[..., 0], (str(a), str(b)), among=donors)
    assert [each.to_dict() for each in one.values()] == [each.to_dict() for each in two.values()]
    assert list(one) == [a, b]
    assert [len(each) for each in one.values()] == [5, 5]


def test_arrays_of_any_kind_are_examples(net, donors, shown):
    image = shown[0]
    expected = similar(net, image, (1, 2), among=donors)
    grey = (donors.images[..., 0], donors.labels.astype(np.uint8))
    inked = ((donors.images / 255).astype(np.float32), donors.labels)
    for among in (grey, inked):
        found = similar(net, image, (1, 2), among=among)
        for label in (1, 2):
            assert found[label].to_dict() == expected[label].to_dict()
            assert found[label].pictures.dtype == among[0].dtype


def test_threads_change_nothing(net, donors, shown):
    one, two = (similar(net, shown[1], (3, 5), among=donors, threads=threads) for threads in (1, 2))
    assert [each.to_dict() for each in one.values()] == [each.to_dict() for each in two.values()]


def test_neighbours_answer_alike(net, donors, shown):
    prepared = Neighbours(net, donors, threads=2)
    assert len(prepared) == len(donors)
    for image in shown[:5]:
        expected = similar(net, image, among=donors, count=4)
        found = prepared.similar(image, count=4)
        assert list(found) == list(expected)
        for label, one in found.items():
            assert one.numbers.tolist() == expected[label].numbers.tolist()
            np.testing.assert_allclose(one.distances, expected[label].distances, rtol=1e-4)
            np.testing.assert_array_equal(one.pictures, expected[label].pictures)
    early = Neighbours(net, donors, layer="conv2d_1").similar(shown[0], (0, 1))
    assert early[1].layer == "conv2d_1"
    expected = similar(net, shown[0], (0, 1), among=donors, layer="conv2d_1")
    assert early[1].numbers.tolist() == expected[1].numbers.tolist()


def test_a_net_without_a_hidden_layer_compares_pictures(donors, shown):
    flat = Sequential([Dropout(0.5), Flatten(), Dense(10), Activation("softmax")])
    image = shown[2]
    found = similar(flat, image, (4, 9), among=donors)
    for label in (4, 9):
        expected = by_brute_force(flat, image, label, donors.images, donors.labels, 5, None)
        assert found[label].layer == PICTURE == "the picture itself"
        assert found[label].numbers.tolist() == [number for _, number in expected]
        np.testing.assert_allclose(found[label].distances, [far for far, _ in expected], rtol=1e-5)


def test_the_last_layer_of_weights_may_be_a_convolution(donors, shown):
    maps = Sequential([Conv2D(2, 5, strides=4), ReLU(), Conv2D(10, 3), GlobalAveragePooling2D()])
    assert similar(maps, shown[0], (0, 1), among=donors)[0].layer == "relu_1"


def test_fewer_where_there_are_no_more(net, donors, shown):
    few = (donors.images[:1], donors.labels[:1])
    own = int(donors.labels[0])
    both = (np.concatenate([few[0], few[0]]), np.array([own, (own + 1) % 10]))
    found = similar(net, shown[0], (own, (own + 1) % 10), among=both, count=9)
    assert [len(each) for each in found.values()] == [1, 1]
    assert [each.numbers.tolist() for each in found.values()] == [[0], [1]]


def test_of_equals_the_first_comes_first(net, donors, shown):
    twice = (np.repeat(donors.images[:200], 2, axis=0), np.repeat(donors.labels[:200], 2))
    own, other = np.unique(donors.labels[:200])[:2].tolist()
    found = similar(net, shown[4], (own, other), among=twice, count=6)[own]
    assert (found.numbers[1::2] == found.numbers[::2] + 1).all()
    assert (found.numbers[::2] % 2 == 0).all()


def test_in_plain_values(net, donors, shown):
    found = similar(net, shown[6], (2, 7), among=donors, count=2)[7]
    told = json.loads(json.dumps(found.to_dict()))
    assert told == {
        "label": 7,
        "layer": "relu_3",
        "numbers": found.numbers.tolist(),
        "distances": found.distances.tolist(),
        "answers": found.answers.tolist(),
    }


def test_bad_requests(net, donors, shown):
    image = shown[0]

    def refused(error, message, image=image, labels=(1, 2), among=donors, **options):
        with pytest.raises(error, match=message):
            similar(net, image, labels, among=among, **options)

    refused(ConfigError, r"a pair of classes \(a, b\), got \(1,\)", labels=(1,))
    refused(ConfigError, r"a pair of classes \(a, b\), got '12'", labels="12")
    refused(ConfigError, "rival other than the predicted class", labels=(3, 3))
    refused(ConfigError, "got 10", labels=(1, 10))
    refused(ConfigError, "a count as a whole number of at least 1, got 0", count=0)
    refused(ConfigError, "expected a layer of conv2d_1", layer="magic")
    refused(ConfigError, "one picture, got 2", image=shown[:2])
    refused(ShapeError, "expected", image=image[:20])
    rest = donors.labels != 2
    without = Donors(donors.images[rest], donors.labels[rest], donors.readers)
    refused(ConfigError, f"some of class '2', got none among {rest.sum()}", among=without)
    small = (donors.images[:, :20], donors.labels)
    refused(ShapeError, r"examples: expected pictures of shape \(n, 28, 28, 1\)", among=small)
    refused(ShapeError, r"got \(0, 28, 28, 1\)", among=(donors.images[:0], donors.labels[:0]))
    refused(ShapeError, "labels as whole numbers", among=(donors.images, donors.labels[:5]))
    refused(ShapeError, "labels as whole numbers", among=(donors.images, donors.labels / 2))
    with pytest.raises(ShapeError, match="examples: expected pictures"):
        Neighbours(net, small)
    with pytest.raises(ConfigError, match="some of class '2'"):
        Neighbours(net, without).similar(image, (1, 2))


def test_the_net_answers_for_itself(net, donors, shown):
    """Labels are what the examples are; answers are what the net says."""
    shuffled = replace(donors, labels=(donors.labels + 1) % 10)
    found = similar(net, shown[0], (1, 2), among=shuffled)
    for label, one in found.items():
        np.testing.assert_array_equal(one.answers, Contrast(net, one.pictures).predicted)
        assert (one.answers != label).any()
