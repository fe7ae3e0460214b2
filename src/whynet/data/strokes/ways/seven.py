"""Ways of writing 7."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

seven = Ways("7")


@seven.way(6.4)
def plain(p: Dice) -> Drawing:
    """A bar, a corner and a straight slope."""
    w = p(0.4, 0.7)
    return [
        [
            (0.0, p(0.0, 0.1)),
            sharp(w, p(-0.05, 0.06)),
            (w * p(0.1, 0.75), 1.0),
        ]
    ]


@seven.way(2.5)
def bent(p: Dice) -> Drawing:
    """The slope bends as it falls."""
    w, foot = p(0.4, 0.7), p(0.1, 0.6)
    return [
        [
            (0.0, p(0.0, 0.1)),
            (w * p(0.45, 0.55), p(-0.03, 0.06)),
            sharp(w, p(-0.05, 0.06)),
            (w * (foot + (1 - foot) * p(0.25, 0.5)), p(0.4, 0.5)),
            (w * foot, 1.0),
        ]
    ]


@seven.way(1.9)
def round_corner(p: Dice) -> Drawing:
    """The bar turns into the slope without a corner."""
    w, foot = p(0.4, 0.65), p(0.1, 0.6)
    return [
        [
            (0.0, p(0.03, 0.18)),
            (w * p(0.35, 0.5), p(-0.01, 0.04)),
            (w * p(0.92, 1.0), p(0.04, 0.12)),
            (w * (foot + (1 - foot) * p(0.55, 0.75)), p(0.38, 0.45)),
            (w * foot, 1.0),
        ]
    ]


@seven.way(3.1)
def serif(p: Dice) -> Drawing:
    """A serif hangs down at the left end of the bar."""
    w, foot, y = p(0.42, 0.7), p(0.1, 0.65), p(0.0, 0.06)
    return [
        [
            (p(-0.06, 0.03), y + p(0.08, 0.24)),
            sharp(0.0, y),
            sharp(w, y + p(-0.06, 0.05)),
            (w * (foot + (1 - foot) * p(0.35, 0.55)), 0.45),
            (w * foot, 1.0),
        ]
    ]


@seven.way(1.8)
def crossed(p: Dice) -> Drawing:
    """A short bar crosses the slope."""
    w, foot, y = p(0.42, 0.7), p(0.15, 0.65), p(0.42, 0.58)
    body = [
        (0.0, p(0.0, 0.1)),
        sharp(w, p(-0.05, 0.05)),
        (w * (foot + (1 - foot) * p(0.4, 0.55)), 0.45),
        (w * foot, 1.0),
    ]
    x, reach = w * (foot + (1 - foot) * (1 - y)), p(0.12, 0.26)
    return [body, [(x - reach * p(0.7, 1.2), y + p(0.0, 0.06)), (x + reach, y - p(0.0, 0.08))]]


@seven.way(0.9)
def wide_cross(p: Dice) -> Drawing:
    """A bar as wide as the top crosses the slope."""
    w, foot, y = p(0.42, 0.65), p(0.2, 0.7), p(0.4, 0.55)
    body = [(0.0, p(0.0, 0.1)), sharp(w, p(-0.05, 0.05)), (w * foot, 1.0)]
    x = w * (foot + (1 - foot) * (1 - y))
    return [body, [(x - p(0.2, 0.42), y + p(-0.03, 0.1)), (x + p(0.18, 0.4), y - p(-0.03, 0.1))]]


@seven.way(0.6)
def serif_and_cross(p: Dice) -> Drawing:
    """With a serif and a crossbar."""
    w, foot, y = p(0.42, 0.65), p(0.15, 0.65), p(0.42, 0.56)
    top = p(0.0, 0.05)
    body = [
        (p(-0.05, 0.03), top + p(0.08, 0.2)),
        sharp(0.0, top),
        sharp(w, top + p(-0.05, 0.05)),
        (w * foot, 1.0),
    ]
    x = w * (foot + (1 - foot) * (1 - y))
    return [body, [(x - p(0.1, 0.28), y + p(0.0, 0.06)), (x + p(0.1, 0.28), y - p(0.0, 0.06))]]


@seven.way(1.2)
def check(p: Dice) -> Drawing:
    """A sagging bar, like a tick laid over the slope."""
    w, foot = p(0.42, 0.68), p(0.1, 0.6)
    return [
        [
            (p(-0.02, 0.05), p(0.02, 0.12)),
            (w * p(0.25, 0.45), p(0.14, 0.26)),
            sharp(w, p(-0.05, 0.05)),
            (w * (foot + (1 - foot) * p(0.35, 0.55)), 0.45),
            (w * foot, 1.0),
        ]
    ]


@seven.way(0.8)
def wave(p: Dice) -> Drawing:
    """A bar that swings up and down."""
    w, foot = p(0.45, 0.7), p(0.1, 0.6)
    return [
        [
            (0.0, p(0.1, 0.2)),
            (w * p(0.2, 0.3), p(0.0, 0.05)),
            (w * p(0.55, 0.7), p(0.08, 0.16)),
            sharp(w, p(-0.03, 0.04)),
            (w * (foot + (1 - foot) * p(0.35, 0.55)), 0.45),
            (w * foot, 1.0),
        ]
    ]


@seven.way(1)
def tilted(p: Dice) -> Drawing:
    """Strongly tilted: the bar falls and the slope stands upright or beyond."""
    w = p(0.3, 0.55)
    return [
        [
            (0.0, p(0.05, 0.22)),
            sharp(w, p(-0.1, 0.12)),
            (w * p(0.75, 1.05), 0.5),
            (w * p(0.6, 1.15), 1.0),
        ]
    ]


@seven.way(0.4)
def short_bar(p: Dice) -> Drawing:
    """A short bar on a long slope."""
    w = p(0.22, 0.38)
    return [
        [
            (0.0, p(0.0, 0.12)),
            sharp(w, p(-0.04, 0.05)),
            (w * p(0.4, 0.9), 0.5),
            (w * p(-0.2, 0.7), 1.0),
        ]
    ]


@seven.way(1.2)
def hanging(p: Dice) -> Drawing:
    """A long serif and a falling bar, in one bow."""
    w, foot = p(0.42, 0.65), p(0.2, 0.65)
    return [
        [
            (p(-0.08, 0.02), p(0.22, 0.38)),
            (w * p(0.05, 0.15), p(0.06, 0.12)),
            (w * p(0.4, 0.6), p(0.0, 0.08)),
            sharp(w, p(-0.02, 0.08)),
            (w * (foot + (1 - foot) * p(0.4, 0.6)), 0.45),
            (w * foot, 1.0),
        ]
    ]


@seven.way(1.6)
def gate(p: Dice) -> Drawing:
    """A serif as long as half the slope: two legs under a bar."""
    w, foot, y = p(0.4, 0.65), p(0.3, 0.8), p(0.0, 0.08)
    return [
        [
            (w * p(-0.2, 0.05), y + p(0.2, 0.42)),
            sharp(w * p(-0.05, 0.08), y),
            (w * p(0.4, 0.6), y + p(0.0, 0.08)),
            sharp(w, p(-0.06, 0.06)),
            (w * (foot + (1 - foot) * p(0.4, 0.6)), 0.45),
            (w * foot, 1.0),
        ]
    ]


@seven.way(1.8)
def arch(p: Dice) -> Drawing:
    """One round bow from the left over the top and down."""
    w, foot = p(0.4, 0.7), p(0.2, 0.8)
    return [
        [
            (w * p(-0.05, 0.1), p(0.12, 0.3)),
            (w * p(0.2, 0.35), p(0.02, 0.08)),
            (w * p(0.65, 0.8), p(-0.02, 0.03)),
            (w * p(0.95, 1.05), p(0.15, 0.25)),
            (w * (foot + (1 - foot) * p(0.5, 0.7)), p(0.5, 0.6)),
            (w * foot, 1.0),
        ]
    ]


@seven.way(0.9)
def hooked_bar(p: Dice) -> Drawing:
    """The bar dips into a deep V or U before the corner."""
    w, foot = p(0.45, 0.7), p(0.1, 0.55)
    return [
        [
            (w * p(-0.05, 0.1), p(0.0, 0.12)),
            (w * p(0.05, 0.2), p(0.2, 0.32)),
            (w * p(0.4, 0.55), p(0.2, 0.34)),
            sharp(w, p(-0.05, 0.05)),
            (w * (foot + (1 - foot) * p(0.4, 0.6)), 0.45),
            (w * foot, 1.0),
        ]
    ]


@seven.way(0.4)
def low_cross(p: Dice) -> Drawing:
    """A serif, and a crossbar that slants up to the right."""
    w, foot, y = p(0.4, 0.65), p(0.2, 0.7), p(0.4, 0.6)
    body = [
        (w * p(-0.05, 0.1), p(0.05, 0.25)),
        (w * p(0.3, 0.5), p(0.0, 0.1)),
        sharp(w, p(-0.06, 0.06)),
        (w * (foot + (1 - foot) * p(0.4, 0.6)), 0.45),
        (w * foot, 1.0),
    ]
    x = w * (foot + (1 - foot) * (1 - y))
    return [body, [(x - p(0.12, 0.35), y + p(0.02, 0.12)), (x + p(0.12, 0.35), y - p(0.02, 0.14))]]


@seven.way(1.1)
def vee(p: Dice) -> Drawing:
    """A short line falls to the middle of the slope's upper half: almost an open 4."""
    w, foot, y = p(0.4, 0.65), p(0.0, 0.5), p(0.18, 0.36)
    return [
        [
            (w * p(-0.1, 0.15), y - p(0.1, 0.22)),
            (w * p(0.15, 0.4), y),
            (w * p(0.5, 0.65), y - p(0.02, 0.08)),
            sharp(w, p(-0.06, 0.06)),
            (w * (foot + (1 - foot) * p(0.4, 0.6)), 0.48),
            (w * foot, 1.0),
        ]
    ]
