"""Ways of writing 0."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, arc

zero = Ways("0")


@zero.way(6.1)
def oval(p: Dice) -> Drawing:
    """Once round against the clock, from somewhere near the top."""
    x, y = p(0.26, 0.46), 0.5
    return [arc(x, y, x, y, p(-140, -30), -p(345, 375), 10, end=p(0.9, 1.05))]


@zero.way(1.1)
def clockwise(p: Dice) -> Drawing:
    """Once round with the clock."""
    x, y = p(0.22, 0.42), 0.5
    return [arc(x, y, x, y, p(-150, -60), p(345, 380), 10, end=p(0.9, 1.05))]


@zero.way(2.3)
def wide(p: Dice) -> Drawing:
    """As wide as high, or wider."""
    x, y = p(0.4, 0.6), 0.5
    return [arc(x, y, x, y, p(-140, -20), -p(345, 375), 10, end=p(0.9, 1.05))]


@zero.way(0.7)
def narrow(p: Dice) -> Drawing:
    """Squeezed to an upright leaf."""
    x, y = p(0.12, 0.22), 0.5
    return [arc(x, y, x, y, p(-120, -50), -p(345, 375), 10)]


@zero.way(2.3)
def overshot(p: Dice) -> Drawing:
    """The pen runs on over its own start."""
    x, y = p(0.22, 0.45), 0.5
    return [arc(x, y, x, y, p(-140, -20), -p(365, 440), 12, end=p(0.75, 1.05))]


@zero.way(1.1)
def hook_inside(p: Dice) -> Drawing:
    """The end turns into the hole."""
    w = p(0.45, 0.8)
    start = p(-110, -50)
    ring = arc(w / 2, 0.5, w / 2, 0.5, start, -p(340, 375), 10)
    return [[*ring, (w * p(0.35, 0.6), p(0.12, 0.3)), (w * p(0.3, 0.5), p(0.25, 0.45))]]


@zero.way(0.8)
def open_top(p: Dice) -> Drawing:
    """The end stops short of the start."""
    w = p(0.45, 0.8)
    return [arc(w / 2, 0.5, w / 2, 0.5, p(-110, -60), -p(295, 340), 10, end=p(0.9, 1.1))]


@zero.way(0.7)
def straight_entry(p: Dice) -> Drawing:
    """A straight line leads in from the upper right."""
    w = p(0.45, 0.75)
    ring = arc(w / 2, 0.5, w / 2, 0.5, p(-125, -95), -p(330, 370), 9)
    return [[(w * p(0.8, 1.2), p(-0.12, 0.02)), *ring]]


@zero.way(1.1)
def entry_from_left(p: Dice) -> Drawing:
    """A short flourish from the left starts the ring over the top."""
    w = p(0.45, 0.75)
    ring = arc(w / 2, 0.5, w / 2, 0.5, p(-95, -60), p(340, 375), 9)
    return [[(w * p(-0.1, 0.2), p(-0.05, 0.15)), *ring]]


@zero.way(1)
def two_arcs(p: Dice) -> Drawing:
    """A left bow and a right bow, which may miss each other."""
    w = p(0.45, 0.75)
    left = arc(w / 2, 0.5, w / 2, 0.5, p(-100, -70), -p(170, 210), 6)
    right = arc(w / 2, 0.5, w / 2, 0.5, p(-120, -85), p(170, 210), 6, end=p(0.9, 1.1))
    return [left, right]


@zero.way(1)
def curl_on_top(p: Dice) -> Drawing:
    """The ring closes with a small loop at the top."""
    w = p(0.45, 0.75)
    ring = arc(w / 2, 0.5, w / 2, 0.5, p(-110, -80), -p(325, 350), 9)
    y = p(0.02, 0.12)
    return [
        [*ring, (w * p(0.45, 0.6), y - p(0.08, 0.15)), (w * p(0.25, 0.45), y), (w * 0.6, y + 0.1)]
    ]


@zero.way(1)
def egg(p: Dice) -> Drawing:
    """Pointed at the top, heavy at the foot."""
    w, belly = p(0.5, 0.75), p(0.55, 0.72)
    return [
        [
            (w * p(0.4, 0.7), 0.0),
            (w * p(0.08, 0.2), 0.3),
            (0.0, belly),
            (w * 0.2, 0.94),
            (w * 0.55, 1.0),
            (w * 0.92, 0.85),
            (w, belly),
            (w * p(0.8, 0.95), 0.28),
            (w * p(0.4, 0.65), p(-0.03, 0.05)),
        ]
    ]


@zero.way(1.3)
def spur(p: Dice) -> Drawing:
    """The pen comes in from above on the right and cuts into the ring: almost a 6."""
    w = p(0.5, 0.8)
    ring = arc(w / 2, 0.5, w / 2, 0.5, p(-115, -85), -p(320, 375), 9, end=p(0.85, 1.0))
    return [[(w * p(0.6, 0.9), p(-0.28, -0.1)), *ring]]


@zero.way(1)
def bridged(p: Dice) -> Drawing:
    """The ring's end runs across below its top, and out on the other side."""
    w = p(0.5, 1.0)
    ring = arc(w / 2, 0.5, w / 2, 0.5, p(-70, -30), -p(290, 330), 9, end=p(0.8, 1.0))
    return [[*ring, (w * p(0.3, 0.5), p(0.1, 0.2)), (w * p(-0.05, 0.2), p(0.02, 0.22))]]


@zero.way(0.4)
def stroke_inside(p: Dice) -> Drawing:
    """A stray line runs through the hole."""
    w = p(0.5, 0.8)
    ring = arc(w / 2, 0.5, w / 2, 0.5, p(-140, -40), -p(345, 375), 10)
    x, y = w * p(0.3, 0.7), p(0.3, 0.7)
    return [ring, [(x + p(-0.05, 0.2), y - p(0.1, 0.25)), (x - p(-0.05, 0.2), y + p(0.1, 0.25))]]
