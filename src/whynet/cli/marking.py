"""A net marked on labelled pictures, whichever are asked for, and on corrupted copies of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whynet.cli.matching import check_pictures, listed, matched, picture_size
from whynet.errors import ConfigError

if TYPE_CHECKING:
    from whynet.cli.console import Output
    from whynet.data import Dataset
    from whynet.sequential import Sequential
    from whynet.train.evaluation import Evaluation


def marked(
    net: Sequential,
    model: Path,
    data: str | None,
    threads: int | None,
    output: Output,
    *,
    split: str = "test",
    examples: int | None = None,
) -> tuple[Dataset, Evaluation]:
    """Return labelled pictures, and a net's marks on them.

    Args:
        net: what is marked.
        model: its file, for messages.
        data: a set's name or path; by default what the net was trained on.
        threads: how many to use; None takes all cores.
        output: where to remark that classes go by their numbers.
        split: test or train.
        examples: how many pictures; None takes all.

    Raises:
        WhynetError: nobody knows which data, or they are missing, damaged or do not suit the net.
    """
    from whynet.data import load

    data = data or net.card.data
    if not data:
        raise ConfigError(f"{model}: does not say what it was trained on: choose with --data")
    # Folders of pictures are brought to the size that the net was trained on.
    examined = load(data, split=split, examples=examples, size=picture_size(net))
    check_pictures(net, examined, model)
    answers = net.card.classes
    examined = matched(answers, examined, model)
    marks = net.evaluate(examined.images, examined.known_labels, threads=threads)
    if examined.classes != answers:
        output.note(
            f"the model answers {listed(answers)} and {data} has "
            f"{listed(examined.classes)}: they are compared by their numbers"
        )
    return examined, marks


# -- corrupted ------------------------------------------------------------------------------------

EVERY = "all"
"""What to write for all corruptions."""


@dataclass(frozen=True)
class Robustness:
    """A net's marks on corrupted pictures.

    Attributes:
        marks: for each corruption by name.
    """

    marks: dict[str, Evaluation]

    @property
    def accuracy(self) -> float:
        """The mean over corruptions."""
        return sum(marks.accuracy for marks in self.marks.values()) / len(self.marks)

    @property
    def ece(self) -> float:
        """The mean calibration error over corruptions."""
        return sum(marks.ece for marks in self.marks.values()) / len(self.marks)

    def to_dict(self) -> dict[str, Any]:
        """Return the means, and accuracy, loss and ece for each corruption, in plain values."""
        return {
            "mean_accuracy": self.accuracy,
            "mean_ece": self.ece,
            "corruptions": {
                name: {"accuracy": marks.accuracy, "loss": marks.loss, "ece": marks.ece}
                for name, marks in self.marks.items()
            },
        }


def picked_corruptions(text: str) -> tuple[str, ...]:
    """Read ``all`` or ``fog,rotate`` as names of corruptions, in the order of the paper.

    Raises:
        ConfigError: one is unknown, or there is none.
    """
    from whynet.data.corruptions import CORRUPTIONS

    known = tuple(CORRUPTIONS)
    names = known if text.strip() == EVERY else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise ConfigError(
                f"--corrupted: expected {EVERY}, or some of {', '.join(known)}, got {name!r}"
            )
    return tuple(name for name in known if name in names)


def marked_corrupted(
    net: Sequential,
    examined: Dataset,
    names: Sequence[str],
    threads: int | None,
    progress: Callable[[float], None],
) -> Robustness:
    """Return a net's marks on corrupted copies of pictures that it was marked on.

    Args:
        net: what is marked.
        examined: grey pictures and their labels.
        names: of corruptions, at least one.
        threads: how many to use; None takes all cores.
        progress: is told the share done.

    Raises:
        ConfigError: the pictures are not grey.
    """
    from whynet.data.corruptions import corrupt

    if (channels := examined.image_shape[-1]) != 1:
        raise ConfigError(
            f"--corrupted: expected grey pictures, got {examined.name} with {channels} channels: "
            "leave it out"
        )
    marks = {}
    for done, name in enumerate(names):
        progress(done / len(names))
        images = corrupt(name, examined.images)
        marks[name] = net.evaluate(images, examined.known_labels, threads=threads)
    return Robustness(marks)
