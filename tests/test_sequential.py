"""`Sequential`: what goes in, what comes out, and what is said when it does not fit."""

import warnings
from copy import deepcopy

import numpy as np
import pytest

from helpers.training import bits, blobs, full_recipe, small_net
from whynet import (
    SGD,
    Augmentation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Recipe,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    load_preset,
)
from whynet.errors import ConfigError, ShapeError
from whynet.nn.costs import COSTS
from whynet.ops.activations import sigmoid, softmax
from whynet.train import NetWarning, Progress

IMAGES, LABELS = blobs(60)


def perceptron(classes: int = 3, seed: int = 0) -> Sequential:
    return Sequential([Flatten(), Dense(classes)], (8, 8, 1), seed=seed)


def fitted(images=IMAGES, labels=LABELS, **options) -> Sequential:
    net = perceptron()
    net.fit(images, labels, **{"epochs": 2, "callbacks": [], "threads": 1, **options})
    return net


# -- pictures and labels in all their forms -----------------------------------------------------


def test_bytes_and_their_floats_are_the_same_bits() -> None:
    levels = (IMAGES / 255).astype(np.float32)
    single = IMAGES.astype(np.float32) / 255
    for images in (levels, single, IMAGES / 255):
        assert bits(fitted(images)) == bits(fitted())
    net = fitted()
    assert net.outputs(IMAGES).tobytes() == net.outputs(levels).tobytes()


def test_every_grey_level_becomes_its_share() -> None:
    net = Sequential([Flatten()], (16, 16, 1))
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    expected = (np.arange(256) / 255).astype(np.float32)
    np.testing.assert_array_equal(net.outputs(levels)[0], expected)


def test_floats_are_taken_as_they_are() -> None:
    net = Sequential([Flatten()], (2, 1, 1))
    picture = np.array([-3.0, 700.0], np.float32).reshape(1, 2, 1, 1)
    np.testing.assert_array_equal(net.outputs(picture), [[-3, 700]])


def test_rows_and_numbers_are_the_same_bits() -> None:
    rows = np.eye(3)[LABELS]
    for labels in (rows, rows.astype(np.uint8), LABELS.astype(np.uint8), LABELS.tolist()):
        assert bits(fitted(labels=labels)) == bits(fitted())


def test_the_channel_may_be_left_out() -> None:
    assert bits(fitted(IMAGES[..., 0])) == bits(fitted())
    net = fitted()
    np.testing.assert_array_equal(net.predict(IMAGES[..., 0]), net.predict(IMAGES))


def test_a_single_picture() -> None:
    net = fitted()
    expected = net.predict_proba(IMAGES)[:1]
    for picture in (IMAGES[0], IMAGES[0, ..., 0], IMAGES[:1], IMAGES[:1, ..., 0]):
        found = net.predict_proba(picture)
        assert found.shape == (1, 3)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_as_many_pictures_as_rows() -> None:
    """(8, 8, 8) are eight pictures without a channel, not one with eight."""
    assert fitted().predict(IMAGES[:8, ..., 0]).shape == (8,)


def test_colour_pictures_keep_their_channels() -> None:
    net = Sequential([Conv2D(2, 3), Flatten(), Dense(2)], (6, 6, 3))
    assert net.predict(np.zeros((6, 6, 3), np.uint8)).shape == (1,)
    assert net.predict(np.zeros((4, 6, 6, 3), np.uint8)).shape == (4,)
    with pytest.raises(ShapeError, match=r"expected input of shape \(n, 6, 6, 3\), got \(4, 6, 6"):
        net.predict(np.zeros((4, 6, 6), np.uint8))


def test_vectors() -> None:
    net = Sequential([Dense(2)], (5,))
    assert net.predict(np.zeros((7, 5))).shape == (7,)
    assert net.predict(np.zeros(5)).shape == (1,)


def test_lists_will_do() -> None:
    net = Sequential([Dense(2)], (3,))
    assert net.predict([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]).shape == (2,)


def test_no_pictures() -> None:
    net = fitted()
    assert net.predict(IMAGES[:0]).shape == (0,)
    assert net.predict_proba(IMAGES[:0]).shape == (0, 3)


def test_data_is_left_as_it_is() -> None:
    images, labels = IMAGES / 255, LABELS.copy()
    kept = images.copy()
    images.flags.writeable = labels.flags.writeable = False
    fitted(images, labels, augment=Augmentation(shift=1), validation=0.2)
    np.testing.assert_array_equal(images, kept)


# -- what does not fit --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda net: net.predict(np.zeros((2, 9, 8, 1))),
            ShapeError,
            "flatten_1: expected input of shape (n, 8, 8, 1), got (2, 9, 8, 1)",
        ),
        (
            lambda net: net.predict(np.zeros(64)),
            ShapeError,
            "flatten_1: expected input of shape (n, 8, 8, 1), got (64,)",
        ),
        (
            lambda net: net.predict(IMAGES.astype(np.int64)),
            ConfigError,
            "expected pixels as uint8 grey levels or as floats, got int64: use .astype('uint8') "
            "if they are grey levels from 0 to 255",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS[:-1]),
            ShapeError,
            "expected a label for each of 60 images, got 59",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS[:-1], validation=0.2),
            ShapeError,
            "expected a label for each of 60 images, got 59",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS + 1),
            ConfigError,
            "expected labels from 0 to 2, got 1 to 3",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS - 1),
            ConfigError,
            "expected labels from 0 to 2, got -1 to 1",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS.astype(float)),
            ConfigError,
            "expected integer labels, got float64: one-hot rows may be floats",
        ),
        (
            lambda net: net.fit(IMAGES, np.eye(4)[LABELS]),
            ShapeError,
            "expected labels (n,) or targets (n, 3), got shape (60, 4)",
        ),
        (
            lambda net: net.fit(IMAGES, np.full((60, 3), np.nan)),
            ConfigError,
            "expected finite targets, got NaN or infinity",
        ),
        (
            lambda net: net.fit(np.full((60, 8, 8, 1), np.nan), LABELS),
            ConfigError,
            "expected finite pixels, got NaN or infinity",
        ),
        (
            lambda net: net.fit(IMAGES[:0], LABELS[:0]),
            ConfigError,
            "expected at least one example to train on, got none",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS, validation=(IMAGES[:0], LABELS[:0])),
            ConfigError,
            "expected at least one example to validate on, got none",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS, validation=(IMAGES[:5], LABELS[:4])),
            ShapeError,
            "expected a label for each of 5 images, got 4",
        ),
        *(
            (
                lambda net, share=share: net.fit(IMAGES, LABELS, validation=share),
                ConfigError,
                f"expected validation to hold out some of 60 examples, got {share:g}",
            )
            for share in (0.0, 0, 1.0, 1, 0.001, -0.5, 1.5)
        ),
        (
            lambda net: net.fit(IMAGES, LABELS, optimizer=SGD(), lr=0.1),
            ConfigError,
            "expected lr only with an optimizer given by name, got both",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS, cost="mse"),
            ConfigError,
            "expected a cost of softmax_cross_entropy, sigmoid_cross_entropy, quadratic, got 'mse'",
        ),
        (
            lambda net: net.fit(IMAGES, LABELS, threads=0),
            ConfigError,
            "expected at least 1 thread, got 0",
        ),
        (
            lambda net: net.evaluate(IMAGES[:0], LABELS[:0]),
            ConfigError,
            "expected at least one example to evaluate, got none",
        ),
        (
            lambda net: net.evaluate(IMAGES, LABELS[:3]),
            ShapeError,
            "expected a label for each of 60 images, got 3",
        ),
    ],
)
def test_refusals(call, error: type[Exception], message: str) -> None:
    net = perceptron()
    before = bits(net)
    with pytest.raises(error) as caught:
        call(net)
    assert str(caught.value) == message
    assert bits(net) == before


def test_a_net_without_classes_cannot_be_trained() -> None:
    net = Sequential([Conv2D(2, 3)], (8, 8, 1))
    with pytest.raises(ShapeError, match=r"expected a net that ends in a vector of classes, got"):
        net.fit(IMAGES, LABELS)


def test_classes_need_outputs() -> None:
    with pytest.raises(ConfigError, match=r"expected 2 outputs, one a class, got \(3,\)"):
        Sequential([Flatten(), Dense(3)], (8, 8, 1), classes=("cross", "tick"))
    assert perceptron().card.classes == ("0", "1", "2")


# -- fitting ------------------------------------------------------------------------------------


def test_fit_learns_and_keeps_what_it_did() -> None:
    net = perceptron()
    history = net.fit(IMAGES, LABELS, epochs=20, lr=0.01, callbacks=[], threads=2)
    assert history is net.card.history
    assert len(history) == 20
    assert history["cost"][-1] < history["cost"][0] / 3
    assert net.evaluate(IMAGES, LABELS).accuracy > 0.95
    assert net.card.recipe.optimizer.lr == 0.01
    assert history["validation_cost"] == [None] * 20


def test_fit_is_train_by_a_recipe() -> None:
    net = perceptron()
    net.train(IMAGES, LABELS, Recipe(epochs=2, l2=0.1, seed=4, batch_size=7), threads=2)
    assert bits(net) == bits(fitted(l2=0.1, seed=4, batch_size=7))


def test_the_history_is_what_happened() -> None:
    """One full batch: the cost and accuracy are those of the weights before the update."""
    net = perceptron()
    before = net.evaluate(IMAGES, LABELS)
    recipe = Recipe(optimizer=SGD(lr=0.5), epochs=1, batch_size=None)
    history = net.train(IMAGES, LABELS, recipe, validation=(IMAGES, LABELS), threads=1)
    after = net.evaluate(IMAGES, LABELS)
    (epoch,) = history.epochs
    assert epoch.cost == pytest.approx(before.loss, rel=1e-5)
    assert epoch.accuracy == before.accuracy
    assert epoch.validation_cost == pytest.approx(after.loss, rel=1e-5)
    assert epoch.validation_accuracy == after.accuracy
    assert (epoch.epoch, epoch.lr) == (1, 0.5)
    assert epoch.seconds > 0


@pytest.mark.parametrize(("batch_size", "updates"), [(1, 60), (7, 9), (60, 1), (64, 1), (None, 1)])
def test_batches(batch_size: int | None, updates: int) -> None:
    from whynet.train import Callback

    seen = []

    class Count(Callback):
        def on_batch_end(self, run) -> None:
            seen.append(run.state.seen)

    net = fitted(batch_size=batch_size, epochs=1, callbacks=[Count()])
    assert len(seen) == updates
    assert seen[-1] == 60
    assert np.isfinite(net.parameters).all()


def test_full_batch_is_gradient_descent_proper() -> None:
    """The order of the examples does not matter then, up to rounding."""
    turned = fitted(IMAGES[::-1], LABELS[::-1], batch_size=None, optimizer="sgd", lr=0.1)
    plain = fitted(batch_size=None, optimizer="sgd", lr=0.1)
    np.testing.assert_allclose(turned.parameters, plain.parameters, atol=1e-6)


def test_every_example_is_seen_once_an_epoch() -> None:
    """Each picture lights a pixel of its own, so bias-free units' weights count the visits."""
    images = np.eye(10, dtype=np.float32)
    net = Sequential(
        [Dense(2, use_bias=False, kernel_initializer="zeros")], (10,), dtype=np.float64
    )
    recipe = Recipe(cost="quadratic", optimizer=SGD(lr=0.5), epochs=3, batch_size=1)
    net.train(images, np.ones((10, 2)), recipe, threads=1)
    # From 0 towards 1, halfway at every visit: ½, ¾, ⅞.
    np.testing.assert_allclose(net.parameters, 0.875)


def test_no_epochs() -> None:
    net = fitted(epochs=0)
    assert bits(net) == bits(perceptron())
    assert len(net.card.history) == 0


def test_a_share_is_held_out() -> None:
    """Neither trained on nor lost: three quarters are seen, and a quarter is measured on."""
    held, seen = [], []
    from whynet.train import Callback

    class Look(Callback):
        def on_train_begin(self, run) -> None:
            held.append(run.validation[0])
            seen.append(run.images)

    marked = IMAGES.copy()
    marked[:, 0, 0, 0] = np.arange(60)
    fitted(marked, validation=0.25, callbacks=[Look()])
    fitted(marked, validation=0.25, callbacks=[Look()])
    fitted(marked, validation=0.25, callbacks=[Look()], seed=1)
    assert len(held[0]) == 15
    numbers = [*held[0][:, 0, 0, 0].tolist(), *seen[0][:, 0, 0, 0].tolist()]
    assert sorted(numbers) == list(range(60))
    np.testing.assert_array_equal(held[0], held[1])
    assert (held[0] != held[2]).any()


def test_labels_stay_with_their_pictures_when_a_share_is_held_out() -> None:
    net = perceptron()
    history = net.fit(IMAGES, LABELS, epochs=30, lr=0.01, validation=0.25, callbacks=[])
    assert history["accuracy"][-1] > 0.95
    assert history["validation_accuracy"][-1] > 0.8


def test_validation_does_not_change_training() -> None:
    assert bits(fitted(validation=(IMAGES[:9], LABELS[:9]))) == bits(fitted())


@pytest.mark.parametrize("cost", sorted(COSTS))
def test_two_classes(cost: str) -> None:
    kept = LABELS < 2
    layers = [Flatten(), Dense(2), *([Sigmoid()] if cost == "quadratic" else [])]
    net = Sequential(layers, (8, 8, 1), classes=("top", "middle"))
    net.fit(IMAGES[kept], LABELS[kept], epochs=20, lr=0.02, cost=cost, batch_size=10, callbacks=[])
    marks = net.evaluate(IMAGES[kept], LABELS[kept])
    assert marks.accuracy > 0.95
    assert [row["label"] for row in marks.per_class()] == ["top", "middle"]


def test_a_good_net_draws_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted()


# -- asking -------------------------------------------------------------------------------------

ENDS = {
    "logits": [Dense(3)],
    "sigmoid": [Dense(3), Sigmoid()],
    "softmax": [Dense(3), Softmax()],
    "tanh": [Dense(3), Tanh()],
    "relu": [Dense(3), ReLU()],
}


@pytest.mark.filterwarnings("ignore::whynet.train.NetWarning")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("cost", [None, *sorted(COSTS)])
def test_probabilities_add_up_to_one_and_agree_with_predict(end: str, cost: str | None) -> None:
    net = Sequential([Flatten(), *deepcopy(ENDS[end])], (8, 8, 1))
    if cost is not None:
        net.fit(IMAGES, LABELS, epochs=1, cost=cost, callbacks=[], threads=1)
    probabilities = net.predict_proba(IMAGES)
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    # Equal outputs, as of ReLU, have no likeliest class.
    ordered = np.sort(net.outputs(IMAGES), axis=1)
    clear = ordered[:, -1] > ordered[:, -2]
    np.testing.assert_array_equal(probabilities.argmax(axis=1)[clear], net.predict(IMAGES)[clear])


def test_which_function_makes_probabilities() -> None:
    net = fitted()
    np.testing.assert_allclose(net.predict_proba(IMAGES), softmax(net.outputs(IMAGES)), rtol=1e-6)
    net = fitted(cost="sigmoid_cross_entropy")
    shares = sigmoid(net.outputs(IMAGES))
    np.testing.assert_allclose(
        net.predict_proba(IMAGES), shares / shares.sum(axis=1, keepdims=True), rtol=1e-5
    )
    net = Sequential([Flatten(), Dense(3), Sigmoid()], (8, 8, 1))
    shares = net.outputs(IMAGES)
    np.testing.assert_allclose(
        net.predict_proba(IMAGES), shares / shares.sum(axis=1, keepdims=True), rtol=1e-5
    )


def test_evaluate() -> None:
    net = fitted(epochs=5)
    marks = net.evaluate(IMAGES, LABELS)
    assert marks.n == 60
    assert marks.accuracy == (net.predict(IMAGES) == LABELS).mean()
    chosen = net.predict_proba(IMAGES)[np.arange(60), LABELS]
    assert marks.loss == pytest.approx(-np.log(chosen).mean(), rel=1e-5)
    assert marks.confusion.sum(axis=1).tolist() == np.bincount(LABELS).tolist()
    for labels in (LABELS.astype(np.uint8), np.eye(3)[LABELS], LABELS.tolist()):
        assert net.evaluate(IMAGES, labels).to_dict() == marks.to_dict()
    assert net.evaluate(IMAGES, LABELS, threads=2).to_dict() == marks.to_dict()


def test_prediction_does_not_change_the_net() -> None:
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(epochs=1), threads=1)
    before = bits(net)
    first = net.outputs(IMAGES, threads=1)
    np.testing.assert_array_equal(net.outputs(IMAGES, threads=3), first)
    net.evaluate(IMAGES, LABELS)
    net.activations(IMAGES)
    assert bits(net) == before


def test_activations() -> None:
    net = small_net()
    seen = net.activations(IMAGES[:4])
    assert list(seen) == [layer.name for layer in net.layers]
    for layer in net.layers:
        assert seen[layer.name].shape == (4, *layer.output_shape)
    np.testing.assert_allclose(seen["dense_2"], net.outputs(IMAGES[:4]), rtol=1e-5, atol=1e-6)
    assert (seen["relu_1"] >= 0).all()
    np.testing.assert_array_equal(seen["relu_1"], np.maximum(seen["batchnormalization_1"], 0))
    np.testing.assert_array_equal(seen["dropout_1"], seen["maxpooling2d_1"])
    assert net.activations(IMAGES[0])["flatten_1"].shape == (1, 36)


# -- the summary --------------------------------------------------------------------------------

LENET = """\
layer           type            output  parameters   sees  multiply-adds
────────────────────────────────────────────────────────────────────────
conv2d_1        Conv2D         28×28×8         208    5×5        156,800
relu_1          ReLU           28×28×8           0    5×5              0
maxpooling2d_1  MaxPooling2D   14×14×8           0    6×6              0
conv2d_2        Conv2D        10×10×16       3,216  14×14        320,000
relu_2          ReLU          10×10×16           0  14×14              0
maxpooling2d_2  MaxPooling2D    5×5×16           0  16×16              0
flatten_1       Flatten            400           0  16×16              0
dense_1         Dense              128      51,328  28×28         51,200
relu_3          ReLU               128           0  28×28              0
dense_2         Dense               10       1,290  28×28          1,280
input 28×28×1, 56,042 parameters, 529,280 multiply-adds an example"""


def test_summary_of_lenet() -> None:
    """Receptive fields by hand: 5; + 1 = 6 and steps of 2; + 4 · 2 = 14; + 1 · 2 = 16.

    Multiply-adds: 28² · 8 · 5² · 1 = 156,800; 10² · 16 · 5² · 8 = 320,000; 400 · 128; 128 · 10.
    """
    assert str(load_preset("lenet").build().summary()) == LENET
    assert repr(load_preset("lenet").build().summary()) == LENET


def test_receptive_fields_with_strides_and_odd_windows() -> None:
    """3×2 at stride 2: 3×2, steps of 2; 2×3: 3 + 2 = 5 by 2 + 4 = 6, steps of 2; then all."""
    net = Sequential(
        [
            Conv2D(2, (3, 2), strides=2),
            Conv2D(2, (2, 3)),
            Dropout(0.5),
            Conv2D(2, (9, 9), padding="same"),
        ],
        (12, 12, 1),
    )
    fields = [row.field for row in net.summary().rows]
    assert fields == [(3, 2), (5, 6), (5, 6), (12, 12)]


def test_a_receptive_field_is_what_an_output_depends_on() -> None:
    """Move one pixel of the input at a time, and see where the middle output notices."""
    layers = [*load_preset("lenet").build().layers[:6]]
    net = Sequential([type(layer)(**_options(layer)) for layer in layers], (28, 28, 1), seed=1)
    rng = np.random.default_rng(0)
    picture = rng.random((28, 28, 1)).astype(np.float32)
    moved = np.repeat(picture[None], 784, axis=0)
    moved.reshape(784, 784)[np.arange(784), np.arange(784)] += 5
    plain = net.outputs(picture)[0, 3, 3]
    heard = np.abs(net.outputs(moved)[:, 3, 3] - plain).max(axis=-1).reshape(28, 28) > 1e-6
    rows, columns = np.flatnonzero(heard.any(axis=1)), np.flatnonzero(heard.any(axis=0))
    size = rows.max() - rows.min() + 1, columns.max() - columns.min() + 1
    assert size[0] <= 16
    assert size[1] <= 16
    assert max(size) >= 15, "max-pooling may be deaf at an edge, but not far in"


def _options(layer) -> dict:
    config = layer.config()
    return {name: value for name, value in config.items() if name not in ("type", "name")}


def test_summary_as_html() -> None:
    from html.parser import HTMLParser

    net = Sequential([Flatten(), Dense(3, name="<b>&bold</b>")], (8, 8, 1))
    html = net.summary()._repr_html_()
    cells: list[str] = []
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs) -> None:
            opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

        def handle_data(self, data: str) -> None:
            cells.append(data)

    Reader().feed(html)
    assert opened == []
    assert cells[0] == "input 8×8×1, 195 parameters, 192 multiply-adds an example"
    assert cells[1:7] == ["layer", "type", "output", "parameters", "sees", "multiply-adds"]
    assert cells[7:13] == ["flatten_1", "Flatten", "64", "0", "1×1", "0"]
    assert "".join(cells[13:]).startswith("<b>&bold</b>Dense3195")
    assert "<b>" not in html


def test_summary_adds_up() -> None:
    for name in ("tiny", "mlp"):
        net = load_preset(name).build()
        summary = net.summary()
        assert summary.parameters == net.parameters.size
        assert summary.multiply_adds == net.multiply_adds
        assert len(summary.rows) == len(net.layers)


def test_the_example_in_the_first_docstring_runs() -> None:
    """What the package says first about itself, with fewer pictures."""
    import whynet

    code = str(whynet.__doc__).split("\n\n", 1)[1]
    code = code.replace('load("strokes")', 'load("strokes", examples=200)')
    code = code.replace("digits.labels)", "digits.labels, epochs=1, callbacks=[])")
    names: dict = {}
    exec(compile(code, "docstring", "exec"), names)
    assert len(names["net"].card.history) == 1


def test_quadratic_outputs_are_shares_whatever_comes_last() -> None:
    """They aim at 0 and 1, so their shares are the confidence; softmax would cap it at e/(e+9)."""
    net = Sequential([Flatten(), Dense(2)], (2, 2, 1))
    net.card.recipe = Recipe(cost="quadratic")
    net.parameters[:] = 0
    net.weights()["dense_1.bias"][:] = [0.9, 0.1]
    np.testing.assert_allclose(net.predict_proba(np.zeros((1, 2, 2))), [[0.9, 0.1]], rtol=1e-6)


def test_pixels_up_to_255_as_floats_get_a_warning() -> None:
    net = Sequential([Flatten(), Dense(2)], (2, 2, 1))
    images = np.full((4, 2, 2, 1), 200.0)
    with pytest.warns(NetWarning, match="pixels reach 200.*divide by 255"):
        net.fit(images, np.array([0, 1, 0, 1]), epochs=1, callbacks=[])


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda net, x, y: net.predict(x * np.nan), "expected finite pixels"),
        (lambda net, x, y: net.fit(x, y, validation=(x,)), "expected validation as"),
        (lambda net, x, y: net.fit(x, y, callbacks=Progress()), "expected callbacks as a list"),
        (
            lambda net, x, y: Sequential([Flatten(), Dense(1)], (2, 2, 1)).fit(x, y * 0),
            "expected at least 2 outputs",
        ),
    ],
)
def test_more_refusals(ask, sentence) -> None:
    net = Sequential([Flatten(), Dense(2)], (2, 2, 1))
    with pytest.raises((ConfigError, ShapeError), match=sentence):
        ask(net, np.ones((4, 2, 2, 1)), np.array([0, 1, 0, 1]))


def test_a_net_shows_itself() -> None:
    net = Sequential([Flatten(), Dense(2)], (2, 2, 1))
    assert repr(net) == "Sequential(2×2×1 to 2, 10 parameters)"
    assert net._repr_html_() == net.summary()._repr_html_()
