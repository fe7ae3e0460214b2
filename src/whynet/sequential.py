"""`Sequential`: a net that can be trained, asked, looked into and saved.

`whynet.nn.Network` is the mathematics; this is the same net with everything that people do with it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from whynet._version import __version__
from whynet.data.augment import Augmentation
from whynet.data.files import StrPath
from whynet.errors import ConfigError, ShapeError
from whynet.nn import Layer, Network
from whynet.nn.activation import Activation
from whynet.nn.costs import Cost, as_targets, get_cost, normalized
from whynet.ops.arrays import Array, Shape
from whynet.optim import Optimizer, Schedule, make_optimizer, make_schedule
from whynet.train.attachment import Attachment
from whynet.train.callbacks import Progress
from whynet.train.evaluation import Evaluation
from whynet.train.history import History
from whynet.train.lint import NetWarning, lint
from whynet.train.loop import Callback, Pictures, State, Training, all_finite, check_examples
from whynet.train.lr_finder import RangeTest, find_lr
from whynet.train.modelfile import Card, load_model, save_model
from whynet.train.recipe import Recipe
from whynet.train.shards import Plans, as_input, outputs, put_input
from whynet.train.workers import Workers

Validation = tuple[Pictures, NDArray[Any]] | float | None


class Sequential(Network):
    """A stack of layers, from pictures to classes.

    >>> net = Sequential([Flatten(), Dense(30), Sigmoid(), Dense(10)], input_shape=(28, 28, 1))
    >>> net.fit(images, labels, epochs=3)
    >>> net.predict(images[:5])

    Pictures are (n, height, width, channels); where there is one channel it may be left out, and so
    may n for a single picture. uint8 pixels are grey levels and are read as 0 to 1; floats are
    taken as they are.

    Args:
        layers: in order.
        input_shape: of one picture.
        classes: what each output stands for; by default its number.
        seed: of the initial weights.
        dtype: float32, or float64 to check gradients.
        weights: what `Network.weights` returned, in place of fresh ones.

    Attributes:
        card: what is known about the model besides its weights.
        training_state: where its training stands, to be taken up again; None if it never began.
        attachments: what else its file carries, by name, such as donors for explanations.

    Raises:
        ConfigError, ShapeError: as `Network`; or the number of classes is not that of the outputs.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape = (28, 28, 1),
        *,
        classes: Sequence[str] = (),
        seed: int = 0,
        dtype: np.dtype[Any] | type = np.float32,
        weights: Mapping[str, Array] | None = None,
    ) -> None:
        super().__init__(layers, input_shape, seed=seed, dtype=dtype, weights=weights)
        if classes and self.output_shape != (len(classes),):
            raise ConfigError(
                f"expected {len(classes)} outputs, one a class, got {self.output_shape}"
            )
        names = tuple(classes) or tuple(str(index) for index in range(self.output_shape[-1]))
        # A guess that the command line and whoever knows better may overrule.
        preparation = "digit" if self.input_shape == (28, 28, 1) else "fit"
        self.card = Card(classes=names, preparation=preparation, version=__version__)
        self.training_state: State | None = None
        self.attachments: dict[str, Attachment] = {}
        self._plans = Plans(self)

    # -- learning ---------------------------------------------------------------------------

    def fit(
        self,
        images: Pictures,
        labels: NDArray[Any],
        *,
        epochs: int = 10,
        batch_size: int | None = 64,
        cost: str = "softmax_cross_entropy",
        optimizer: str | Optimizer = "adam",
        lr: float | None = None,
        schedule: str | Schedule = "constant",
        l2: float = 0.0,
        augment: Augmentation | None = None,
        seed: int = 0,
        validation: Validation = None,
        callbacks: Sequence[Callback] | None = None,
        threads: int | None = None,
    ) -> History:
        """Learn from pictures and their labels.

        The same arguments give the same weights, bit for bit, on any number of threads. Ctrl-C ends
        training after the batch under way and keeps the net.

        Args:
            images: see the class.
            labels: (n,) whole numbers, or rows (n, classes).
            epochs: passes over the examples.
            batch_size: examples an update; 1 is online learning, None takes all at once.
            cost: a name in `whynet.nn.COSTS`.
            schedule: a name in `whynet.optim.SCHEDULES`, or a schedule.
            l2: λ of L2 regularisation, which adds ½ λ Σw² to the cost.
            augment: how pictures are varied; None shows them as they are.
            seed: of the order of examples, dropout and augmentation.
            optimizer: a name in `whynet.optim.OPTIMIZERS`, or an optimizer.
            lr: the learning rate for an optimizer given by name; None takes its default.
            validation: images and labels to measure on after every epoch, or the share of the
                training examples to hold out for it.
            callbacks: what watches the run; None prints a line an epoch.
            threads: how many to use; None takes all cores.

        Returns:
            The curves of this run, also kept on the card.

        Raises:
            ConfigError, ShapeError: something does not fit.
            DivergedError: the cost became NaN in the first epoch.
        """
        if isinstance(optimizer, str):
            optimizer = make_optimizer(optimizer, lr)
        elif lr is not None:
            raise ConfigError("expected lr only with an optimizer given by name, got both")
        recipe = Recipe(
            cost=cost,
            optimizer=optimizer,
            schedule=make_schedule(schedule) if isinstance(schedule, str) else schedule,
            epochs=epochs,
            batch_size=batch_size,
            l2=l2,
            augment=augment,
            seed=seed,
        )
        images, labels = self._pictures(images), np.asarray(labels)
        if isinstance(validation, int | float | np.number):
            images, labels, held_out = _hold_out(images, labels, float(validation), seed)
        elif validation is None:
            held_out = None
        elif isinstance(validation, tuple) and len(validation) == 2:
            held_out = self._pictures(validation[0]), np.asarray(validation[1])
        else:
            raise ConfigError("expected validation as (images, labels) or the share to hold out")
        for advice in lint(self, recipe.cost, recipe.optimizer):
            warnings.warn(str(advice), NetWarning, stacklevel=2)
        if images.dtype != np.uint8 and images.size and images.max() > _BRIGHT:
            warnings.warn(
                f"pixels reach {images.max():g}, and floats are taken as they are: divide by 255, "
                "or pass uint8 grey levels, which are read as 0 to 1",
                NetWarning,
                stacklevel=2,
            )
        return self.train(
            images,
            labels,
            recipe,
            validation=held_out,
            callbacks=(Progress(),) if callbacks is None else callbacks,
            threads=threads,
        )

    def train(
        self,
        images: Pictures,
        labels: NDArray[Any],
        recipe: Recipe,
        *,
        validation: tuple[Pictures, NDArray[Any]] | None = None,
        callbacks: Sequence[Callback] = (),
        threads: int | None = None,
        workers: str = "auto",
        resume: bool = False,
    ) -> History:
        """Learn by a recipe: what `fit` does, told in one object.

        Args:
            images: (n, *input_shape).
            labels: (n,) whole numbers, or rows (n, classes).
            recipe: how to train.
            validation: images and labels to measure on after every epoch.
            callbacks: what watches the run.
            threads: how many workers to use; None takes all cores.
            workers: "threads", "processes", or "auto" for processes where they are safe. The result
                is the same.
            resume: go on from `training_state` rather than begin anew.

        Raises:
            ConfigError, ShapeError: something does not fit, or there is nothing to resume.
            DivergedError: the cost became NaN in the first epoch.
        """
        if isinstance(callbacks, Callback):
            raise ConfigError("expected callbacks as a list, got one callback alone")
        if resume and self.training_state is None:
            raise ConfigError("expected a model with a training state to resume, got none")
        run = Training(
            self,
            recipe,
            images,
            labels,
            validation=validation,
            callbacks=callbacks,
            threads=threads,
            workers=workers,
            state=self.training_state if resume else None,
        )
        self.training_state = run.state
        self.card.recipe, self.card.history = recipe, run.history
        return run.run()

    def find_lr(
        self,
        images: Pictures,
        labels: NDArray[Any],
        *,
        batch_size: int | None = 64,
        cost: str = "softmax_cross_entropy",
        optimizer: str | Optimizer = "adam",
        l2: float = 0.0,
        augment: Augmentation | None = None,
        seed: int = 0,
        lowest: float | None = None,
        highest: float | None = None,
        steps: int | None = None,
        callbacks: Sequence[Callback] = (),
        threads: int | None = None,
    ) -> RangeTest:
        """Look for a good learning rate: try ever higher ones, and give the weights back.

        >>> net.fit(images, labels, lr=net.find_lr(images, labels).suggested)

        Nothing about the net is changed: not its weights, its card or its training state.

        Args:
            images: see the class.
            labels: (n,) whole numbers, or rows (n, classes).
            batch_size: examples an update, as `fit` will get it; so are the next four.
            cost: a name in `whynet.nn.COSTS`.
            optimizer: a name, or an optimizer, whose rate plays no part.
            l2: λ of L2 regularisation.
            augment: how pictures are varied.
            seed: of the order of examples, dropout and augmentation.
            lowest: the first rate; None takes a tenth of the lowest that the optimizer is used
                with.
            highest: the last rate; None takes a hundred times the highest.
            steps: updates from one to the other; None takes those that see 10,000 examples, but at
                least 200.
            callbacks: what watches the test.
            threads: how many to use; None takes all cores.

        Returns:
            The curve, and the rate that it suggests, or None if the cost fell at no rate.

        Raises:
            ConfigError, ShapeError: something does not fit.
            DivergedError: the cost was NaN before the first update.
            KeyboardInterrupt: someone pressed Ctrl-C.
        """
        recipe = Recipe(
            cost=cost,
            optimizer=make_optimizer(optimizer) if isinstance(optimizer, str) else optimizer,
            batch_size=batch_size,
            l2=l2,
            augment=augment,
            seed=seed,
        )
        return find_lr(
            self,
            recipe,
            self._pictures(images),
            np.asarray(labels),
            lowest=lowest,
            highest=highest,
            steps=steps,
            callbacks=callbacks,
            threads=threads,
        )

    # -- asking -----------------------------------------------------------------------------

    def outputs(self, images: Pictures, *, threads: int | None = None) -> Array:
        """Return what comes out of the last layer, (n, *output_shape): logits, as a rule.

        Args:
            images: see the class.
            threads: how many to use; None takes all cores.

        Raises:
            ShapeError: the pictures don't fit the net.
        """
        images = self._pictures(images)
        with Workers(threads) as workers:
            return outputs(
                self._plans,
                self,
                len(images),
                lambda part, x: put_input(images, x, part),
                workers,
            )

    def predict_proba(self, images: Pictures, *, threads: int | None = None) -> Array:
        """Return how likely each class is, (n, classes): positive numbers that add up to 1.

        Logits pass through the function of the cost that the net was trained with (softmax if it
        was not). Outputs that aim at 0 and 1, by a sigmoid or the quadratic cost, are divided by
        their sum, negative ones counting as 0.
        Arguments and errors as `outputs`.
        """
        return self._probabilities(self.outputs(images, threads=threads))

    def predict(self, images: Pictures, *, threads: int | None = None) -> NDArray[np.int64]:
        """Return the likeliest class of each picture, (n,). Arguments and errors as `outputs`."""
        answers: NDArray[np.int64] = self.outputs(images, threads=threads).argmax(axis=1)
        return answers

    def evaluate(
        self, images: Pictures, labels: NDArray[np.integer[Any]], *, threads: int | None = None
    ) -> Evaluation:
        """Mark the net's answers against the truth.

        Args:
            images: see the class.
            labels: (n,) whole numbers, or one-hot rows (n, classes).
            threads: how many to use; None takes all cores.

        Raises:
            ConfigError, ShapeError: images and labels don't fit the net or each other.
        """
        images, labels = self._pictures(images), np.asarray(labels)
        if not len(images):
            raise ConfigError("expected at least one example to evaluate, got none")
        check_examples(self, images, labels)
        labels = labels.argmax(axis=1) if labels.ndim == 2 else labels
        y = self.outputs(images, threads=threads)
        costs, _ = self._cost.compute(y, as_targets(labels, y.shape[1], self.dtype))
        return Evaluation.of(self._probabilities(y), costs, labels, self.card.classes)

    def activations(self, images: Pictures) -> dict[str, Array]:
        """Return what every layer makes of some pictures, by the layers' names, in order.

        Args:
            images: see the class; all of them are run at once.

        Raises:
            ShapeError: the pictures don't fit the net.
        """
        x = as_input(self._pictures(images), self.dtype)
        seen = {}
        for layer in self.layers:
            x, _ = layer.forward(x)
            seen[layer.name] = x
        return seen

    @property
    def _cost(self) -> Cost:
        if self.card.recipe is not None:
            return get_cost(self.card.recipe.cost)
        return get_cost("quadratic" if self._bounded else "softmax_cross_entropy")

    @property
    def _bounded(self) -> bool:
        """Whether the outputs lie between 0 and 1 already."""
        last = self.layers[-1]
        return isinstance(last, Activation) and last.function in ("softmax", "sigmoid", "step")

    def _probabilities(self, y: Array) -> Array:
        """Turn outputs into probabilities: logits by their cost, shares of 1 by their sum."""
        return normalized(y) if self._bounded else self._cost.probabilities(y)

    def _pictures(self, images: Pictures) -> Pictures:
        """Add the axes that may be left out: one channel, and n for a single picture."""
        images = np.asarray(images)
        if images.dtype != np.uint8 and images.dtype.kind != "f":
            raise ConfigError(
                f"expected pixels as uint8 grey levels or as floats, got {images.dtype}: "
                "use .astype('uint8') if they are grey levels from 0 to 255"
            )
        if images.dtype.kind == "f" and not all_finite(images):
            raise ConfigError("expected finite pixels, got NaN or infinity")
        shape = self.input_shape
        if shape[-1] == 1 and images.shape[-len(shape) + 1 :] == shape[:-1] and len(shape) > 1:
            wanting = images.shape[-len(shape) :] != shape
            images = images[..., None] if wanting else images
        if images.shape == shape:
            images = images[None]
        self.check_input(images)
        return images

    def __repr__(self) -> str:
        shape = "×".join(str(size) for size in self.input_shape)
        return (
            f"Sequential({shape} to {self.output_shape[-1]}, {self.parameters.size:,} parameters)"
        )

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    # -- keeping ----------------------------------------------------------------------------

    def save(self, path: StrPath) -> None:
        """Write everything needed to predict and to continue training; see `train.modelfile`.

        Raises:
            ConfigError: an attachment that no file could give back.
            DataNotFoundError: the folder is missing, or may not be written to.
        """
        save_model(path, self, self.card, self.training_state, self.attachments)

    @classmethod
    def load(cls, path: StrPath) -> Self:
        """Read a net back.

        Raises:
            DataNotFoundError: no such file.
            DataFormatError: a folder, or a file of 0 bytes.
            CheckpointError: it is not a model file, or is damaged.
        """
        loaded = load_model(path)
        net = cls.from_config(loaded.network, weights=loaded.weights)
        net.card, net.training_state = loaded.card, loaded.state
        net.attachments = loaded.attachments
        return net


_BRIGHT = 16
"""Pixels above this were hardly meant as 0 to 1, nor as standardised values."""


def _hold_out(
    images: Pictures, labels: NDArray[Any], share: float, seed: int
) -> tuple[Pictures, NDArray[Any], tuple[Pictures, NDArray[Any]]]:
    """Deal a share of the examples out for validation."""
    n = len(images)
    if len(labels) != n:
        raise ShapeError(f"expected a label for each of {n} images, got {len(labels)}")
    held = round(n * share)
    if not 0 < held < n:
        raise ConfigError(f"expected validation to hold out some of {n} examples, got {share:g}")
    order = np.random.default_rng(seed).permutation(n)
    kept, out = np.sort(order[held:]), np.sort(order[:held])
    return images[kept], labels[kept], (images[out], labels[out])
