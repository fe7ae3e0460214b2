"""Ways of writing 9."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, arc, sharp

nine = Ways("9")


@nine.way(4)
def straight_stem(p: Dice) -> Drawing:
    """A loop, then a corner and a straight stem."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-60, -15), -p(280, 320), 8)
    top = sharp(x * p(1.9, 2.1), p(0.0, 0.14))
    return [[*loop, top, (x * p(1.5, 2.1), 1.0)]]


@nine.way(3)
def curved_tail(p: Dice) -> Drawing:
    """The stem bends to the left at the foot."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-60, -15), -p(280, 320), 8)
    return [
        [
            *loop,
            sharp(x * p(1.9, 2.1), p(0.0, 0.15)),
            (x * p(1.85, 2.1), p(0.5, 0.6)),
            (x * p(1.3, 1.7), p(0.86, 0.94)),
            (x * p(0.2, 0.9), 1.0),
        ]
    ]


@nine.way(2.5)
def round_turn(p: Dice) -> Drawing:
    """The loop runs over its own start and down without a corner."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-40, 20), -p(330, 370), 9)
    return [
        [
            *loop,
            (x * p(1.85, 2.05), p(0.42, 0.52)),
            (x * p(1.5, 2.0), p(0.75, 0.82)),
            (x * p(0.9, 1.9), 1.0),
        ]
    ]


@nine.way(2)
def two_strokes(p: Dice) -> Drawing:
    """A ring, and a stem beside it."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    ring = arc(x, y, x, y, p(-90, 0), -p(330, 375), 8)
    stem = x * p(1.8, 2.1)
    return [ring, [(stem + p(-0.02, 0.05), p(-0.05, 0.12)), (stem * p(0.8, 1.0), 1.0)]]


@nine.way(1.2)
def huge_loop(p: Dice) -> Drawing:
    """A huge loop on a short stem."""
    x, y = p(0.24, 0.36), p(0.3, 0.38)
    loop = arc(x, y, x, y, p(-60, -10), -p(290, 330), 8)
    return [
        [
            *loop,
            sharp(x * p(1.9, 2.1), p(0.02, 0.2)),
            (x * p(1.6, 2.05), 0.6),
            (x * p(1.0, 2.0), 1.0),
        ]
    ]


@nine.way(1.5)
def tiny_loop(p: Dice) -> Drawing:
    """A tiny loop on a long stem."""
    x, y = p(0.1, 0.18), p(0.12, 0.19)
    loop = arc(x, y, x, y, p(-60, -10), -p(290, 330), 8)
    return [
        [
            *loop,
            sharp(x * p(1.9, 2.2), p(0.0, 0.12)),
            (x * p(1.2, 2.1), 0.55),
            (x * p(0.4, 2.2), 1.0),
        ]
    ]


@nine.way(1.2)
def outside_hook(p: Dice) -> Drawing:
    """The loop starts with a hook that sticks out to the right."""
    x, y = p(0.16, 0.28), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-80, -50), -p(250, 290), 7)
    start = (x * p(2.0, 2.5), p(-0.06, 0.1))
    return [[start, *loop, sharp(x * p(1.85, 2.1), p(0.04, 0.18)), (x * p(1.4, 2.1), 1.0)]]


@nine.way(1.2)
def open_loop(p: Dice) -> Drawing:
    """The loop does not close before the stem comes down."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-100, -70), -p(215, 255), 7)
    return [[*loop, sharp(x * p(1.9, 2.2), p(-0.04, 0.12)), (x * p(1.4, 2.1), 1.0)]]


@nine.way(1)
def fish_hook(p: Dice) -> Drawing:
    """The tail curls up again at the left, as in a g."""
    x, y = p(0.17, 0.28), p(0.2, 0.27)
    loop = arc(x, y, x, y, p(-60, -15), -p(285, 320), 8)
    return [
        [
            *loop,
            sharp(x * p(1.9, 2.1), p(0.02, 0.15)),
            (x * p(1.9, 2.1), p(0.5, 0.6)),
            (x * p(1.5, 1.8), p(0.88, 0.94)),
            (x * p(0.6, 1.0), 1.0),
            (x * p(-0.3, 0.2), p(0.84, 0.94)),
        ]
    ]


@nine.way(1)
def leaning(p: Dice) -> Drawing:
    """A flat loop and a stem that leans strongly."""
    x, y = p(0.2, 0.32), p(0.15, 0.22)
    loop = arc(x, y, x, y, p(-50, 0), -p(300, 335), 8)
    return [
        [*loop, (x * p(1.9, 2.05), p(0.12, 0.2)), (x * p(1.2, 1.5), 0.6), (x * p(0.3, 1.0), 1.0)]
    ]


@nine.way(0.8)
def clockwise(p: Dice) -> Drawing:
    """From the waist: with the clock round the loop, then down."""
    x, y = p(0.17, 0.28), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(40, 80), p(290, 330), 8)
    return [
        [*loop, (x * p(1.8, 2.0), p(0.45, 0.52)), (x * p(1.5, 2.0), 0.75), (x * p(1.2, 2.0), 1.0)]
    ]


@nine.way(0.8)
def angular(p: Dice) -> Drawing:
    """The loop has corners."""
    w, y = p(0.35, 0.55), p(0.35, 0.5)
    return [
        [
            (w * p(0.9, 1.05), p(0.02, 0.1)),
            (w * p(0.45, 0.6), p(-0.02, 0.02)),
            sharp(w * p(0.0, 0.15), y * p(0.5, 0.8)),
            (w * p(0.3, 0.45), y),
            sharp(w * p(0.9, 1.0), p(0.06, 0.2)),
            (w * p(0.6, 1.0), 1.0),
        ]
    ]
