"""Ways of writing 4."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

four = Ways("4")


@four.way(5.3)
def open_top(p: Dice) -> Drawing:
    """A slanted left stroke with a crossbar, and a stem beside it."""
    w, bar = p(0.4, 0.7), p(0.45, 0.68)
    left = [
        (w * p(0.05, 0.3), p(0.0, 0.12)),
        sharp(0.0, bar),
        (w * p(1.0, 1.4), bar + p(-0.08, 0.04)),
    ]
    x = w * p(0.7, 0.95)
    return [left, [(x + p(-0.02, 0.08), p(-0.05, 0.15)), (x, 1.0)]]


@four.way(4.6)
def cup(p: Dice) -> Drawing:
    """A round cup on a long stem."""
    w, bar = p(0.4, 0.65), p(0.4, 0.55)
    left = [
        (w * p(0.0, 0.15), p(0.0, 0.12)),
        (w * p(-0.05, 0.08), bar * p(0.55, 0.75)),
        (w * p(0.2, 0.4), bar + p(0.0, 0.04)),
        (w * p(0.7, 0.85), bar * p(0.85, 0.98)),
        (w * p(0.95, 1.1), bar * p(0.7, 0.9)),
    ]
    return [left, [(w * p(0.9, 1.05), p(-0.05, 0.12)), (w * p(0.8, 1.0), 1.0)]]


@four.way(1.6)
def cup_in_one(p: Dice) -> Drawing:
    """The cup rises to the stem's top and the pen comes down again, all in one."""
    w, bar = p(0.35, 0.6), p(0.35, 0.52)
    return [
        [
            (w * p(0.0, 0.15), p(0.0, 0.12)),
            (w * p(-0.05, 0.08), bar * p(0.55, 0.75)),
            (w * p(0.3, 0.5), bar),
            (w * p(0.8, 0.95), bar * p(0.5, 0.7)),
            sharp(w * p(0.95, 1.1), p(-0.03, 0.15)),
            (w * p(0.85, 1.0), 0.5),
            (w * p(0.7, 1.0), 1.0),
        ]
    ]


@four.way(3.4)
def corner_in_one(p: Dice) -> Drawing:
    """Down, sharply across, up to the stem's top and down again."""
    w, bar = p(0.4, 0.65), p(0.4, 0.58)
    return [
        [
            (w * p(0.0, 0.25), p(0.0, 0.12)),
            sharp(w * p(-0.05, 0.1), bar),
            sharp(w * p(0.85, 1.0), bar + p(-0.08, 0.03)),
            sharp(w * p(0.9, 1.05), p(-0.03, 0.2)),
            (w * p(0.75, 1.0), 1.0),
        ]
    ]


@four.way(0.9)
def printed(p: Dice) -> Drawing:
    """Closed: from the stem's top down the slope, across, and then the stem."""
    w, bar = p(0.45, 0.7), p(0.55, 0.72)
    x = w * p(0.65, 0.85)
    slope = [(x, p(-0.03, 0.06)), sharp(0.0, bar), (w * p(1.0, 1.3), bar + p(-0.05, 0.03))]
    return [slope, [(x + p(-0.03, 0.03), 0.0), (x, 1.0)]]


@four.way(0.5)
def closed_in_one(p: Dice) -> Drawing:
    """Closed and in one: the bar first, back over the top, then the stem."""
    w, bar = p(0.4, 0.65), p(0.45, 0.62)
    return [
        [
            (w * p(0.9, 1.2), bar + p(-0.05, 0.05)),
            sharp(w * p(-0.05, 0.1), bar),
            sharp(w * p(0.7, 0.9), p(-0.02, 0.05)),
            (w * p(0.65, 0.9), 1.0),
        ]
    ]


@four.way(0.9)
def long_stem(p: Dice) -> Drawing:
    """A small cup or corner high on a long stem."""
    w, bar = p(0.3, 0.5), p(0.28, 0.42)
    left = [
        (w * p(0.0, 0.2), p(0.02, 0.15)),
        (w * p(-0.08, 0.05), bar * p(0.75, 0.9)),
        (w * p(0.25, 0.45), bar + p(0.0, 0.05)),
        (w * p(0.9, 1.15), bar * p(0.8, 1.05)),
    ]
    return [left, [(w * p(0.95, 1.15), p(-0.02, 0.1)), (w * p(0.75, 1.05), 1.0)]]


@four.way(0.9)
def long_bar(p: Dice) -> Drawing:
    """The crossbar runs far past the stem."""
    w, bar = p(0.4, 0.6), p(0.48, 0.68)
    left = [
        (w * p(0.1, 0.45), p(0.0, 0.1)),
        sharp(w * p(-0.1, 0.05), bar),
        (w * p(1.3, 1.8), bar + p(-0.12, 0.04)),
    ]
    x = w * p(0.7, 0.95)
    return [left, [(x + p(0.0, 0.08), p(0.05, 0.3)), (x, 1.0)]]


@four.way(0.8)
def low_stem(p: Dice) -> Drawing:
    """The stem starts low, barely above the bar."""
    w, bar = p(0.45, 0.7), p(0.5, 0.62)
    left = [(w * p(0.1, 0.4), 0.0), sharp(0.0, bar), (w * p(1.0, 1.3), bar + p(-0.08, 0.04))]
    x = w * p(0.65, 0.9)
    return [left, [(x + p(0.0, 0.06), p(0.2, 0.38)), (x, 1.0)]]


@four.way(0.7)
def bowed(p: Dice) -> Drawing:
    """The left stroke bows outwards, the stem swings."""
    w, bar = p(0.45, 0.7), p(0.45, 0.6)
    left = [
        (w * p(0.25, 0.5), p(0.0, 0.08)),
        (w * p(0.02, 0.12), bar * p(0.5, 0.7)),
        sharp(w * p(-0.02, 0.08), bar),
        (w * p(0.5, 0.6), bar + p(-0.05, 0.03)),
        (w * p(1.0, 1.25), bar - p(-0.02, 0.08)),
    ]
    x = w * p(0.75, 0.95)
    return [left, [(x, p(-0.02, 0.15)), (x + p(-0.06, 0.02), 0.55), (x + p(-0.08, 0.05), 1.0)]]


@four.way(1.2)
def square_cup(p: Dice) -> Drawing:
    """Two uprights joined by a level bar, like an H without its left foot."""
    w, bar = p(0.4, 0.65), p(0.42, 0.55)
    left = [(p(-0.03, 0.05), p(0.0, 0.1)), sharp(0.0, bar), (w, bar + p(-0.04, 0.03))]
    return [left, [(w + p(-0.03, 0.06), p(-0.03, 0.1)), (w + p(-0.05, 0.02), 1.0)]]


@four.way(0.4)
def peak(p: Dice) -> Drawing:
    """Two slopes from one peak and a bar between: almost an A."""
    w, bar = p(0.4, 0.7), p(0.5, 0.7)
    x = w * p(0.5, 0.9)
    return [
        [
            (x, p(-0.02, 0.05)),
            sharp(w * p(-0.1, 0.1), bar),
            (w * p(0.7, 1.0), bar + p(-0.08, 0.05)),
        ],
        [(x + p(-0.03, 0.03), p(-0.02, 0.08)), (w * p(0.75, 1.0), 0.6), (w * p(0.75, 1.1), 1.0)],
    ]


@four.way(0.3)
def cee(p: Dice) -> Drawing:
    """The left stroke curves like a c into the bar, which the stem cuts: almost a 6."""
    w, bar = p(0.45, 0.75), p(0.5, 0.68)
    left = [
        (w * p(0.5, 0.9), p(0.0, 0.1)),
        (w * p(0.15, 0.35), p(0.2, 0.32)),
        (w * p(-0.05, 0.08), bar * p(0.8, 0.92)),
        (w * p(0.15, 0.35), bar + p(0.0, 0.05)),
        (w * p(0.9, 1.2), bar - p(-0.02, 0.12)),
    ]
    x = w * p(0.5, 0.75)
    return [left, [(x + p(0.0, 0.1), p(0.25, 0.5)), (x - p(-0.03, 0.08), 1.0)]]
