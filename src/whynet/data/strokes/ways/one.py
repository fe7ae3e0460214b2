"""Ways of writing 1."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

one = Ways("1")


@one.way(10.6)
def bar(p: Dice) -> Drawing:
    """One plain line."""
    return [[(0.0, 0.0), (p(-0.03, 0.03), 0.5), (0.0, 1.0)]]


@one.way(1.4)
def bow(p: Dice) -> Drawing:
    """One line, bent."""
    bend = p(-0.1, 0.1)
    return [[(0.0, 0.0), (bend, 0.35), (bend, 0.65), (p(-0.05, 0.05), 1.0)]]


@one.way(0.5)
def wave(p: Dice) -> Drawing:
    """One line that swings to one side and back."""
    swing = p(0.02, 0.08)
    return [[(0.0, 0.0), (swing, 0.28), (-swing, 0.72), (p(-0.03, 0.06), 1.0)]]


@one.way(1)
def flag(p: Dice) -> Drawing:
    """A short flag, then down."""
    return [[(-p(0.08, 0.25), p(0.1, 0.25)), sharp(0.0, 0.0), (p(-0.03, 0.03), 1.0)]]


@one.way(0.7)
def long_flag(p: Dice) -> Drawing:
    """A long flag, as it is printed."""
    reach = p(0.2, 0.36)
    return [[(-reach, p(0.22, 0.45)), (-reach * 0.4, p(0.1, 0.2)), sharp(0.0, 0.0), (0.0, 1.0)]]


@one.way(0.4)
def hooked(p: Dice) -> Drawing:
    """The flag turns round into the line without a corner."""
    return [[(-p(0.08, 0.2), p(0.08, 0.2)), (0.0, 0.0), (p(0.02, 0.06), 0.2), (0.0, 1.0)]]


@one.way(0.6)
def flag_and_foot(p: Dice) -> Drawing:
    """A flag above and a foot below."""
    flagged = [(-p(0.12, 0.32), p(0.12, 0.32)), sharp(0.0, 0.0), (0.0, 1.0)]
    y = p(0.97, 1.03)
    return [flagged, [(-p(0.15, 0.38), y), (p(0.15, 0.38), y + p(-0.04, 0.04))]]


@one.way(0.1)
def foot(p: Dice) -> Drawing:
    """A plain line on a foot."""
    return [[(0.0, 0.0), (0.0, 1.0)], [(-p(0.12, 0.3), 1.0), (p(0.12, 0.3), p(0.96, 1.04))]]


@one.way(0.2)
def tail(p: Dice) -> Drawing:
    """The line runs out into a small tail to the right."""
    return [[(0.0, 0.0), (0.0, 0.6), (p(0.0, 0.04), 0.93), (p(0.1, 0.22), p(0.94, 1.02))]]


@one.way(1.6, pen=1.9)
def brush(p: Dice) -> Drawing:
    """One plain line with a very broad pen."""
    return [[(0.0, 0.0), (p(-0.02, 0.02), 0.5), (0.0, 1.0)]]


@one.way(0.6)
def wide_foot(p: Dice) -> Drawing:
    """A flag, and a foot as wide as a 2's base."""
    flagged = [(-p(0.15, 0.4), p(0.15, 0.35)), sharp(0.0, 0.0), (p(-0.04, 0.02), 1.0)]
    y = p(0.95, 1.05)
    return [flagged, [(-p(0.3, 0.55), y), (p(0.3, 0.55), y + p(-0.08, 0.03))]]


@one.way(0.5, pen=1.5)
def printed_bold(p: Dice) -> Drawing:
    """A flag, a line and a foot with a broad pen."""
    flagged = [(-p(0.1, 0.3), p(0.1, 0.3)), sharp(0.0, 0.0), (p(-0.04, 0.04), 1.0)]
    y = p(0.95, 1.03)
    return [flagged, [(-p(0.1, 0.4), y), (p(0.1, 0.4), y + p(-0.05, 0.05))]]
