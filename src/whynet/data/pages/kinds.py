"""What kinds of pages there are: the pen, how it writes, and what is printed on the paper."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Kind:
    """Limits within which a page of this kind is drawn, evenly.

    Attributes:
        pen: the width of a stroke, in heights of a digit.
        ink: how much of the paper's light the ink takes away, 0 to 1.
        grain: how far the paper's fibres break the ink up, 0 to 1.
        rules: what is printed on the paper: "", "ruled" or "squared".
        broken: the share of digits whose strokes have gaps.
        touching: the share of neighbours whose strokes meet.
    """

    pen: Range = (0.05, 0.1)
    ink: Range = (0.55, 0.9)
    grain: float = 0.0
    rules: str = ""
    broken: float = 0.0
    touching: float = 0.0


KINDS = {
    "pen": Kind(),
    "thin": Kind(pen=(0.025, 0.045)),
    "thick": Kind(pen=(0.12, 0.2), ink=(0.7, 0.95)),
    "pencil": Kind(pen=(0.05, 0.09), ink=(0.18, 0.45), grain=0.5),
    "ruled": Kind(rules="ruled"),
    "squared": Kind(rules="squared"),
    "broken": Kind(broken=0.7),
    "touching": Kind(touching=0.5),
}
"""Kinds of pages by name."""
