"""Ways of writing 9."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, arc, sharp

nine = Ways("9", pen=0.95)


@nine.way(5.7)
def straight_stem(p: Dice) -> Drawing:
    """A loop, then a corner and a straight stem."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-60, -15), -p(280, 320), 8)
    top = sharp(x * p(1.9, 2.1), p(0.0, 0.14))
    return [[*loop, top, (x * p(1.5, 2.1), 1.0)]]


@nine.way(1.6)
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


@nine.way(2.4)
def two_strokes(p: Dice) -> Drawing:
    """A ring, and a stem beside it."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    ring = arc(x, y, x, y, p(-90, 0), -p(330, 375), 8)
    stem = x * p(1.8, 2.1)
    return [ring, [(stem + p(-0.02, 0.05), p(-0.05, 0.12)), (stem * p(0.8, 1.0), 1.0)]]


@nine.way(0.9)
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


@nine.way(0.9)
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


@nine.way(1.3)
def outside_hook(p: Dice) -> Drawing:
    """The loop starts with a hook that sticks out to the right."""
    x, y = p(0.16, 0.28), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-80, -50), -p(250, 290), 7)
    start = (x * p(2.0, 2.5), p(-0.06, 0.1))
    return [[start, *loop, sharp(x * p(1.85, 2.1), p(0.04, 0.18)), (x * p(1.4, 2.1), 1.0)]]


@nine.way(1.4)
def open_loop(p: Dice) -> Drawing:
    """The loop does not close before the stem comes down."""
    x, y = p(0.17, 0.3), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(-100, -70), -p(215, 255), 7)
    return [[*loop, sharp(x * p(1.9, 2.2), p(-0.04, 0.12)), (x * p(1.4, 2.1), 1.0)]]


@nine.way(0.5)
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


@nine.way(1.1)
def leaning(p: Dice) -> Drawing:
    """A flat loop and a stem that leans strongly."""
    x, y = p(0.2, 0.32), p(0.15, 0.22)
    loop = arc(x, y, x, y, p(-50, 0), -p(300, 335), 8)
    return [
        [*loop, (x * p(1.9, 2.05), p(0.12, 0.2)), (x * p(1.2, 1.5), 0.6), (x * p(0.3, 1.0), 1.0)]
    ]


@nine.way(1)
def clockwise(p: Dice) -> Drawing:
    """From the waist: with the clock round the loop, then down."""
    x, y = p(0.17, 0.28), p(0.2, 0.28)
    loop = arc(x, y, x, y, p(40, 80), p(290, 330), 8)
    return [
        [*loop, (x * p(1.8, 2.0), p(0.45, 0.52)), (x * p(1.5, 2.0), 0.75), (x * p(1.2, 2.0), 1.0)]
    ]


@nine.way(1)
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


@nine.way(0.7)
def pointed(p: Dice) -> Drawing:
    """The loop meets the stem's top in a point: almost a closed 4."""
    w, y = p(0.35, 0.6), p(0.36, 0.52)
    return [
        [
            (w * p(0.85, 1.05), p(-0.03, 0.1)),
            (w * p(0.3, 0.5), p(0.06, 0.16)),
            (w * p(0.0, 0.1), y * p(0.65, 0.85)),
            (w * p(0.3, 0.45), y),
            (w * p(0.7, 0.85), y * p(0.65, 0.85)),
            sharp(w * p(0.95, 1.1), p(0.0, 0.14)),
            (w * p(0.7, 1.0), p(0.5, 0.6)),
            (w * p(0.4, 1.0), 1.0),
        ]
    ]


@nine.way(0.9)
def gap(p: Dice) -> Drawing:
    """A cup that curves back over the top but leaves a gap before the stem."""
    w, y = p(0.38, 0.6), p(0.36, 0.5)
    return [
        [
            (w * p(0.6, 0.85), p(-0.03, 0.08)),
            (w * p(0.25, 0.4), p(0.02, 0.1)),
            (w * p(0.0, 0.08), y * p(0.55, 0.75)),
            (w * p(0.3, 0.45), y),
            (w * p(0.75, 0.88), y * p(0.7, 0.85)),
            sharp(w * p(0.98, 1.15), p(-0.02, 0.18)),
            (w * p(0.75, 1.05), p(0.5, 0.6)),
            (w * p(0.5, 1.0), 1.0),
        ]
    ]


@nine.way(0.5)
def ess_nine(p: Dice) -> Drawing:
    """A hook out to the right on top, a short loop and a swinging tail: almost a 5 or an S."""
    x, y = p(0.15, 0.26), p(0.17, 0.25)
    loop = arc(x, y, x, y, p(-90, -60), -p(235, 275), 7)
    return [
        [
            (x * p(2.1, 2.9), p(-0.08, 0.08)),
            *loop,
            sharp(x * p(1.8, 2.1), y * p(0.7, 1.2)),
            (x * p(1.6, 2.1), p(0.6, 0.7)),
            (x * p(0.6, 1.6), 1.0),
        ]
    ]


@nine.way(0.6)
def big_ring(p: Dice) -> Drawing:
    """A wide ring with a stem that hardly leaves it: almost a 0."""
    x, y = p(0.28, 0.42), p(0.3, 0.4)
    ring = arc(x, y, x, y, p(-80, -20), -p(320, 380), 9)
    stem = x * p(1.85, 2.1)
    return [ring, [(stem, p(-0.05, 0.15)), (stem * p(0.9, 1.1), 0.6), (stem * p(0.85, 1.15), 1.0)]]


@nine.way(0.8)
def flat_head(p: Dice) -> Drawing:
    """A wide flat loop on a short stem."""
    x, y = p(0.32, 0.5), p(0.18, 0.28)
    loop = arc(x, y, x, y, p(-60, 0), -p(290, 340), 8)
    stem = x * p(1.85, 2.1)
    return [[*loop, sharp(stem, p(0.02, 0.18)), (stem * p(0.85, 1.05), p(0.7, 1.0))]]


@nine.way(0.3)
def gee(p: Dice) -> Drawing:
    """A small ring hangs left of a long stem that bends at its foot."""
    x, y = p(0.12, 0.22), p(0.14, 0.22)
    ring = arc(x, y + p(0.0, 0.1), x, y, p(-60, 20), -p(310, 370), 8)
    stem = x * p(1.8, 2.2)
    line = [
        (stem, p(-0.06, 0.1)),
        (stem + p(-0.02, 0.04), p(0.5, 0.6)),
        (stem - p(0.0, 0.1), p(0.86, 0.94)),
        (stem - p(0.1, 0.4), p(0.94, 1.02)),
    ]
    return [ring, line]
