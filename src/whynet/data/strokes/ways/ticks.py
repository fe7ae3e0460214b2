"""Ways of writing a cross and a tick, the marks on a form."""

from whynet.data.strokes.skeleton import Dice, Drawing, Stroke, Ways, sharp

cross = Ways("cross")
tick = Ways("tick")


@cross.way(3)
def diagonal(p: Dice) -> Drawing:
    """Two slanted lines."""
    w = p(0.7, 1.1)
    down = [(p(0.0, 0.1), p(0.0, 0.1)), (w - p(0.0, 0.1), p(0.9, 1.0))]
    up = [(w - p(0.0, 0.1), p(0.0, 0.1)), (p(0.0, 0.1), p(0.9, 1.0))]
    return [down, up]


@cross.way(2)
def bowed(p: Dice) -> Drawing:
    """Two slanted lines, each bent a little."""
    w = p(0.7, 1.1)
    down: Stroke = [(0.0, p(0.0, 0.1)), (w * p(0.42, 0.58), p(0.42, 0.58)), (w, p(0.9, 1.0))]
    up: Stroke = [(w, p(0.0, 0.1)), (w * p(0.42, 0.58), p(0.42, 0.58)), (0.0, p(0.9, 1.0))]
    return [down, up]


@cross.way(1)
def joined(p: Dice) -> Drawing:
    """The pen stays down between the two lines, as in an alpha."""
    w = p(0.7, 1.1)
    return [
        [
            (w, p(0.0, 0.12)),
            (w * 0.5, 0.5),
            (w * p(0.02, 0.1), p(0.85, 0.95)),
            (p(-0.12, -0.02), p(0.45, 0.6)),
            (w * p(0.02, 0.1), p(0.05, 0.15)),
            (w * 0.5, 0.5),
            (w, p(0.88, 1.0)),
        ]
    ]


@tick.way(3)
def plain(p: Dice) -> Drawing:
    """Short down, a corner, long up."""
    w, foot = p(0.7, 1.1), p(0.2, 0.4)
    return [[(0.0, p(0.45, 0.7)), sharp(w * foot, 1.0), (w, 0.0)]]


@tick.way(2)
def swung(p: Dice) -> Drawing:
    """The long arm swings out."""
    w, foot = p(0.7, 1.1), p(0.2, 0.4)
    arm = (w * (foot + (1 - foot) * p(0.35, 0.5)), p(0.35, 0.5))
    return [[(0.0, p(0.45, 0.7)), sharp(w * foot, 1.0), arm, (w, 0.0)]]


@tick.way(1)
def rounded(p: Dice) -> Drawing:
    """The pen turns at the foot without a corner."""
    w = p(0.7, 1.1)
    return [
        [
            (0.0, p(0.5, 0.7)),
            (w * p(0.1, 0.2), p(0.8, 0.9)),
            (w * p(0.25, 0.35), 1.0),
            (w * 0.6, p(0.4, 0.6)),
            (w, 0.0),
        ]
    ]
