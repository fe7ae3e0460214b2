"""The nets that are explained, and the pictures that they are asked about; each made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

import whynet
from explanations.notes import note
from explanations.questions import Question, all_counterfactuals
from explanations.sizes import Sizes
from whynet.data import Dataset
from whynet.errors import DataNotFoundError
from whynet.explain.counterfactual import Counterfactual
from whynet.explain.donors import Donors
from whynet.sequential import Sequential

HELD_OUT = 5000
UNSEEN = {"lenet": 11, "fast": 12, "mlp": 14}
"""Readers that take no part: presets, and the seeds of their weights."""


class Subject:
    """A net, what it has learnt, and donors for it.

    Args:
        net: the net.
        learnt: pictures and labels.
        donors: by default some are gathered when they are first asked for.
    """

    def __init__(self, net: Sequential, learnt: Dataset, donors: Donors | None = None) -> None:
        self.net, self.learnt, self._donors = net, learnt, donors

    @property
    def donors(self) -> Donors:
        """Pictures to borrow strokes from, and readers."""
        if self._donors is None:
            note(f"gathering donors from {self.learnt.name}")
            images, labels = self.learnt.images, self.learnt.known_labels
            self._donors = Donors.from_data(self.net, images, labels)
        return self._donors


@dataclass(frozen=True)
class Found:
    """A question about a digit, its counterfactual and the seconds it took."""

    question: Question
    counterfactual: Counterfactual | None
    seconds: float


class Subjects:
    """Nets and pictures, made when they are first asked for.

    Args:
        sizes: how much to train on.
        test: whether the questions are those that nothing was chosen by: the test set, and pairs of
            another seed.
    """

    def __init__(self, sizes: Sizes, test: bool) -> None:
        self.sizes, self.test = sizes, test
        self.pair_seed = 7000 if test else 100

    @cached_property
    def source(self) -> str:
        """The data set of digits: MNIST where it is at hand, else the writer's."""
        try:
            whynet.load("mnist", examples=10)
        except DataNotFoundError:
            return "strokes"
        return "mnist"

    @cached_property
    def _digits(self) -> tuple[Dataset, Dataset]:
        held_out = HELD_OUT if self.sizes.learnt is None else self.sizes.learnt // 5
        return whynet.load(self.source, examples=self.sizes.learnt).split(held_out, 0)

    @cached_property
    def digits(self) -> Subject:
        """LeNet on digits."""
        return self._subject(self._digits[0])

    @cached_property
    def asked(self) -> Dataset:
        """Digits that it has not seen: held out, or the test set."""
        if not self.test:
            return self._digits[1]
        return whynet.load(self.source, split="test")

    @cached_property
    def strokes(self) -> Subject:
        """LeNet on the writer's digits."""
        return self._subject(whynet.load("strokes", examples=self.sizes.drawn))

    @cached_property
    def ticks(self) -> Subject:
        """LeNet on the writer's ticks and crosses."""
        return self._subject(whynet.load("ticks", examples=self.sizes.drawn // 4))

    @cached_property
    def found(self) -> list[Found]:
        """Of each of many digits: why not the runner-up, and why not a class drawn by lot?"""
        rng = np.random.default_rng(1)
        questions = []
        chosen = rng.choice(len(self.asked), self.sizes.counterfactuals, replace=False)
        for image in self.asked.images[chosen]:
            order = self.digits.net.outputs(image)[0].argsort()[::-1]
            questions.append(Question(image, int(order[1]), "runner-up"))
            questions.append(Question(image, int(rng.choice(order[1:])), "by lot"))
        note("asking for counterfactuals")
        answers = all_counterfactuals(self.digits, questions)
        return [Found(q, *answer) for q, answer in zip(questions, answers, strict=True)]

    @cached_property
    def unseen(self) -> list[Sequential]:
        """Readers of digits that take no part in anything."""
        learnt = self.digits.learnt
        return [self._trained(preset, seed, learnt) for preset, seed in UNSEEN.items()]

    @cached_property
    def parrot(self) -> tuple[Sequential, float]:
        """LeNet on digits with labels dealt at random, and how many of them it knows by heart."""
        learnt = self.digits.learnt
        few = learnt.images[: self.sizes.drawn // 10]
        labels = np.random.default_rng(0).integers(0, 10, len(few))
        net = whynet.load_preset("lenet").build(learnt.image_shape, learnt.classes, seed=0)
        net.fit(few, labels, epochs=10 * self.sizes.epochs, lr=0.002, callbacks=[])
        return net, float((net.predict(few) == labels).mean())

    def _subject(self, learnt: Dataset) -> Subject:
        return Subject(self._trained("lenet", 0, learnt), learnt)

    def _trained(self, preset: str, seed: int, learnt: Dataset) -> Sequential:
        """Train a preset by its own recipe, in a few epochs at most."""
        note(f"training {preset} on {learnt.name}")
        made = whynet.load_preset(preset)
        net = made.build(learnt.image_shape, learnt.classes, seed=seed)
        epochs = min(self.sizes.epochs, made.recipe.epochs)
        net.train(
            learnt.images, learnt.known_labels, replace(made.recipe, seed=seed, epochs=epochs)
        )
        return net
