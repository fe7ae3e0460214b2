"""A net marked on labelled pictures, whichever are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
