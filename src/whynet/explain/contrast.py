"""The question: why class a *and not b*?

What is explained is the margin m(x) = z_a(x) − z_b(x), the difference of two logits: the log-odds
between the two, whose exponential says how many times likelier a is than b. Everything in
`whynet.explain` asks it through `Contrast`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.explain.passes import Pass, Score, logit, margin, probability, value_and_gradients
from whynet.explain.span import Span
from whynet.nn import Activation, Layer, Network
from whynet.ops.arrays import Array, Integers
from whynet.options import choice, whole
from whynet.sequential import Sequential
from whynet.train.shards import as_input, cut, shard_size
from whynet.train.workers import Workers

T = TypeVar("T")
Classes = int | str | Sequence[int] | Sequence[str] | Integers
"""One class for all pictures or one for each, by number or by name."""

TARGETS = ("margin", "logit", "probability")
"""What can be explained: z_a − z_b; z_a alone; softmax(z)_a."""

BLOCK_BYTES = 64 * 2**20
"""Memory for the features and gradients that a worker holds at a time."""


class Contrast:
    """Pictures of which it is asked: why class a and not b?

    >>> contrast = Contrast(net, images, rival=4)
    >>> contrast.margins(), contrast.gradients()

    A softmax or sigmoid at the net's end is left out, so that logits are explained: the numbers
    that it turns into probabilities. Their differences are log-odds and add up; probabilities
    level off at 0 and 1, and the gradient with them.

    Args:
        net: a `whynet.Sequential` or `Network` that ends in logits, or in softmax or sigmoid of
            logits. Its weights are used as they are when something is computed.
        images: (n, h, w, c), as `Sequential` takes them: uint8 is read as 0 to 1; n, and c where
            it is 1, may be left out.
        predicted: a, one class or one for each picture; by default the net's answer.
        rival: b; by default the likeliest class other than a.
        target: what is explained, one of `TARGETS`. All but the margin leave the rival alone.
        threads: how many to use; None takes all cores. Results do not depend on it.

    Attributes:
        net, target, threads: as given.
        images: (n, h, w, c) in the net's type.
        logits: (n, classes) of the images.
        predicted, rival: (n,) the classes a and b of each image, by number.
        classes: their names.
        layers: from the picture to the logits; the net's own objects.
        block: how many pictures are run at a time.

    Raises:
        ConfigError: the net has no logits or is not finite, or a class is unknown, or a rival is
            the predicted class.
        ShapeError: images that don't fit the net, or not one class for each of them.
    """

    def __init__(
        self,
        net: Network,
        images: NDArray[Any],
        predicted: Classes | None = None,
        rival: Classes | None = None,
        *,
        target: str = "margin",
        threads: int | None = None,
    ) -> None:
        self.net, self.threads = net, threads
        self.layers = _up_to_logits(net)
        self._span = Span(net, 0, len(self.layers))
        self.target = choice(target, "a target", TARGETS)
        _check_finite(net)
        self.images = self.as_images(images)
        self.block = shard_size(net)
        outputs = self.layers[-1].output_shape[0]
        known = net.card.classes if isinstance(net, Sequential) else ()
        self.classes = tuple(known) or tuple(str(index) for index in range(outputs))
        self.logits = self._logits()
        self.predicted = (
            self.logits.argmax(axis=1) if predicted is None else self._numbers(predicted, "class")
        )
        self.rival = self._runners_up() if rival is None else self._numbers(rival, "class as rival")
        same = self.predicted == self.rival
        if same.any():
            at = int(same.argmax())
            where = f" (picture {at})" if len(same) > 1 else ""
            raise ConfigError(
                f"expected a rival other than the predicted class, got "
                f"{self.classes[self.rival[at]]!r} for both{where}"
            )

    def __len__(self) -> int:
        return len(self.images)

    # -- asking -----------------------------------------------------------------------------

    def margins(self, x: NDArray[Any] | None = None, of: Integers | None = None) -> Array:
        """Return what is explained, (k,): z_a − z_b, or what ``target`` names.

        Args:
            x: other pictures (k, h, w, c) to ask the same of, as the class takes them; by default
                the images.
            of: (k,) which image's classes each x is asked for; by default the same place.
        """
        x, of = self._asked(x, of)
        return self._joined(x, of, (), lambda found: found.values)

    def gradients(
        self,
        x: NDArray[Any] | None = None,
        of: Integers | None = None,
        *,
        layer: str | int | None = None,
    ) -> Array:
        """Return ∂margin/∂x, (k, h, w, c), or by a layer's output, (k, *its shape).

        Args:
            x: see `margins`.
            of: see `margins`.
            layer: whose output, by name or number from 0; by default the picture itself.

        Raises:
            NotDifferentiableError: the net has a step function.
        """
        x, of = self._asked(x, of)
        place = self.place(layer)
        return self._joined(x, of, (place,), lambda found: found.gradients[place])

    def run(self, x: Array, of: Integers, places: Iterable[int] = (0,)) -> Pass:
        """Run one block in the thread that calls; see `passes.value_and_gradients`.

        Args:
            x: (k, h, w, c) in the net's type.
            of: (k,) which image's classes each x is asked for.
            places: where features and gradients are wanted; see `place`.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # checked once, where it begins
            return value_and_gradients(self._span, x, self._score(of), tuple(places))

    def share_out(self, task: Callable[[slice], T], size: int, n: int | None = None) -> list[T]:
        """Run ``task(part)`` for consecutive parts of n examples over the threads; in that order.

        Where parts begin depends on ``size`` and n (by default all images) alone, so that results
        are the same on any number of threads.
        """
        parts = cut(len(self) if n is None else n, size)
        with Workers(self.threads) as workers:
            return workers.map(lambda index: task(parts[index]), len(parts))

    # -- names and places -------------------------------------------------------------------

    def place(self, layer: str | int | None) -> int:
        """Return where a layer's output lies: 0 is the picture, i the i-th layer's output.

        Args:
            layer: its name, or its number from 0 (from −1 backwards); None means the picture.

        Raises:
            ConfigError: no such layer up to the logits.
        """
        if layer is None:
            return 0
        names = [each.name for each in self.layers]
        if isinstance(layer, str):
            return names.index(choice(layer, "a layer", names)) + 1
        last = len(names) - 1
        return whole(layer, "a layer's number", least=-last - 1, most=last) % len(names) + 1

    def shape(self, place: int) -> tuple[int, ...]:
        """Return the shape of what lies at a place, without n; see `place`."""
        return self.layers[place - 1].output_shape if place else self.net.input_shape

    def as_images(self, images: NDArray[Any]) -> Array:
        """Return pictures as the net takes them, (k, h, w, c) in its type; see the class.

        Raises:
            ConfigError: pixels that are no numbers, or not finite.
            ShapeError: they don't fit the net.
        """
        images, shape = np.asarray(images), self.net.input_shape
        if images.dtype != np.uint8 and images.dtype.kind != "f":
            raise ConfigError(
                f"expected pixels as uint8 grey levels or as floats, got {images.dtype}"
            )
        if images.dtype.kind == "f" and not np.isfinite(images).all():
            raise ConfigError("expected finite pixels, got NaN or infinity")
        wanting = images.shape[-len(shape) :] != shape
        if wanting and len(shape) > 1 and shape[-1] == 1 and images.ndim >= len(shape) - 1:
            images = images[..., None]
        if images.shape == shape:
            images = images[None]
        self.net.check_input(images)
        if not len(images):
            raise ShapeError("expected at least one picture, got none")
        return as_input(images, self.net.dtype)

    # -- inside -----------------------------------------------------------------------------

    def _score(self, of: Integers) -> Score:
        chosen = self.predicted[of]
        if self.target == "margin":
            return margin(chosen, self.rival[of])
        return logit(chosen) if self.target == "logit" else probability(chosen)

    def _asked(self, x: NDArray[Any] | None, of: Integers | None) -> tuple[Array, Integers]:
        pictures = self.images if x is None else self.as_images(x)
        if of is None and len(pictures) != len(self):
            raise ShapeError(
                f"expected a picture for each of {len(self)} images, or `of`, got {len(pictures)}"
            )
        of = np.arange(len(self)) if of is None else np.asarray(of)
        if of.shape != (len(pictures),) or of.dtype.kind not in "iu":
            raise ShapeError(f"expected `of` as {len(pictures)} whole numbers, got {of.shape}")
        if len(of) and not (of.min() >= 0 and of.max() < len(self)):
            raise ConfigError(f"expected `of` between 0 and {len(self) - 1}")
        return pictures, of

    def _joined(
        self, x: Array, of: Integers, places: Sequence[int], part_of: Callable[[Pass], Array]
    ) -> Array:
        def run(part: slice) -> Array:
            return part_of(self.run(x[part], of[part], places))

        return np.concatenate(self.share_out(run, self.block, len(x)))

    def _logits(self) -> Array:
        def everything(logits: Array) -> tuple[Array, Array]:
            return logits, logits

        def run(part: slice) -> Array:
            with np.errstate(over="ignore", invalid="ignore"):
                return value_and_gradients(self._span, self.images[part], everything, ()).values

        logits = np.concatenate(self.share_out(run, self.block))
        if not np.isfinite(logits).all():
            raise ConfigError(
                "expected finite logits, got NaN or infinity: the weights are too large"
            )
        return logits

    def _runners_up(self) -> NDArray[np.int64]:
        others = self.logits.copy()
        others[np.arange(len(others)), self.predicted] = -np.inf
        found: NDArray[np.int64] = others.argmax(axis=1)
        return found

    def _numbers(self, given: Classes, what: str) -> NDArray[np.int64]:
        """Read classes given by number or by name, one for all or one for each image."""
        one = isinstance(given, str) or np.ndim(given) == 0
        listed = [given] if one else list(given)  # type: ignore[arg-type]
        if len(listed) not in (1, len(self)) or (not one and len(listed) != len(self)):
            raise ShapeError(
                f"expected one {what}, or one for each of {len(self)} pictures, got {len(listed)}"
            )
        numbers = []
        for each in listed:
            if isinstance(each, str) and each in self.classes:
                numbers.append(self.classes.index(each))
                continue
            is_number = isinstance(each, int | np.integer) and not isinstance(each, bool)
            if not (is_number and 0 <= each < len(self.classes)):  # type: ignore[operator]
                raise ConfigError(
                    f"expected a {what} of {', '.join(self.classes)}, got {_plain(each)!r}"
                )
            numbers.append(int(each))  # type: ignore[arg-type]
        return np.broadcast_to(np.array(numbers, np.int64), (len(self),)).copy()


def _plain(value: object) -> object:
    """Return a NumPy number as Python's, for messages."""
    return value.item() if isinstance(value, np.generic) else value


def _up_to_logits(net: Network) -> tuple[Layer, ...]:
    """Return the layers up to the logits, without what turns them into probabilities."""
    if not isinstance(net, Network):
        raise ConfigError(f"expected a net such as whynet.Sequential, got {net!r}")
    layers = list(net.layers)
    if _ends_in(layers, "softmax", "sigmoid"):
        layers.pop()
    shape = net.output_shape
    bent = _ends_in(layers, "softmax", "sigmoid", "relu", "leaky_relu", "tanh", "step")
    if not layers or bent or len(shape) != 1 or shape[0] < 2:
        last = net.layers[-1]
        raise ConfigError(
            "expected a net that ends in logits, two or more plain sums such as those of "
            f"Dense(10), got one that ends in {type(last).__name__} of shape {shape}"
        )
    return tuple(layers)


def _ends_in(layers: Sequence[Layer], *functions: str) -> bool:
    last = layers[-1] if layers else None
    return isinstance(last, Activation) and last.function in functions


def _check_finite(net: Network) -> None:
    for name, array in net.weights().items():
        if not np.isfinite(array).all():
            raise ConfigError(f"expected a net of finite weights, got NaN or infinity in {name}")
