"""Ways of writing 5."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

five = Ways("5")


@five.way(3.5)
def bar_last(p: Dice) -> Drawing:
    """Neck and bowl first, then the bar on top."""
    w, neck = p(0.45, 0.7), p(0.35, 0.48)
    x = w * p(0.1, 0.25)
    body = [
        (x + p(0.0, 0.06), p(0.0, 0.06)),
        sharp(x - p(0.0, 0.06), neck),
        (w * p(0.6, 0.75), neck - p(-0.02, 0.06)),
        (w * p(0.95, 1.05), p(0.62, 0.74)),
        (w * p(0.5, 0.6), 1.0),
        (w * p(-0.1, 0.1), p(0.86, 0.97)),
    ]
    return [body, [(x + p(-0.04, 0.06), p(0.0, 0.06)), (w * p(0.85, 1.3), p(-0.08, 0.05))]]


@five.way(3.9)
def in_one(p: Dice) -> Drawing:
    """From the right end of the bar in one line."""
    w, neck = p(0.45, 0.7), p(0.35, 0.48)
    x = w * p(0.1, 0.25)
    return [
        [
            (w * p(0.85, 1.25), p(-0.08, 0.05)),
            sharp(x, p(0.0, 0.05)),
            sharp(x - p(0.0, 0.08), neck),
            (w * p(0.6, 0.75), neck - p(-0.02, 0.06)),
            (w * p(0.95, 1.05), p(0.62, 0.74)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(-0.1, 0.1), p(0.86, 0.97)),
        ]
    ]


@five.way(2.4)
def ess(p: Dice) -> Drawing:
    """Almost an S: no corner anywhere."""
    w = p(0.4, 0.65)
    return [
        [
            (w * p(0.9, 1.4), p(-0.06, 0.08)),
            (w * p(0.45, 0.6), p(0.0, 0.05)),
            (w * p(0.08, 0.2), p(0.2, 0.28)),
            (w * p(0.4, 0.55), p(0.4, 0.48)),
            (w * p(0.85, 1.0), p(0.6, 0.72)),
            (w * p(0.45, 0.6), p(0.96, 1.0)),
            (w * p(-0.1, 0.15), p(0.85, 1.0)),
        ]
    ]


@five.way(2.6)
def long_bar(p: Dice) -> Drawing:
    """A long raised bar over a small bowl."""
    w, neck = p(0.35, 0.5), p(0.38, 0.5)
    x = w * p(0.1, 0.3)
    body = [
        (x + p(0.02, 0.1), p(0.06, 0.15)),
        sharp(x - p(0.0, 0.06), neck),
        (w * p(0.65, 0.8), neck + p(0.0, 0.06)),
        (w * p(0.9, 1.0), p(0.68, 0.78)),
        (w * p(0.4, 0.6), p(0.97, 1.0)),
        (w * p(-0.15, 0.1), p(0.85, 0.97)),
    ]
    bar = [(x + p(0.0, 0.1), p(0.06, 0.15)), (w * p(1.5, 2.1), p(-0.12, 0.04))]
    return [body, bar]


@five.way(1.9)
def curled_bowl(p: Dice) -> Drawing:
    """The bowl curls back towards the neck."""
    w, neck = p(0.45, 0.65), p(0.35, 0.45)
    x = w * p(0.1, 0.25)
    return [
        [
            (w * p(0.85, 1.3), p(-0.08, 0.04)),
            sharp(x, p(0.0, 0.05)),
            sharp(x - p(0.0, 0.05), neck),
            (w * p(0.65, 0.75), neck - p(0.0, 0.05)),
            (w * p(0.95, 1.05), p(0.62, 0.72)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.05, 0.2), p(0.86, 0.94)),
            (w * p(0.05, 0.2), p(0.68, 0.78)),
        ]
    ]


@five.way(1)
def apart(p: Dice) -> Drawing:
    """The bar floats apart from the neck."""
    w, neck = p(0.4, 0.65), p(0.38, 0.5)
    x = w * p(0.1, 0.25)
    body = [
        (x + p(0.0, 0.08), p(0.1, 0.18)),
        sharp(x - p(0.0, 0.05), neck),
        (w * p(0.6, 0.75), neck - p(-0.02, 0.05)),
        (w * p(0.95, 1.05), p(0.64, 0.75)),
        (w * p(0.45, 0.6), 1.0),
        (w * p(-0.1, 0.1), p(0.86, 0.97)),
    ]
    bar = [(x + p(0.04, 0.18), p(-0.02, 0.04)), (w * p(1.1, 1.6), p(-0.14, 0.0))]
    return [body, bar]


@five.way(0.7)
def big_bowl(p: Dice) -> Drawing:
    """A short neck on a big round bowl."""
    w, neck = p(0.55, 0.75), p(0.22, 0.34)
    x = w * p(0.1, 0.3)
    return [
        [
            (w * p(0.7, 1.1), p(-0.06, 0.04)),
            sharp(x, p(0.0, 0.05)),
            sharp(x - p(0.0, 0.08), neck),
            (w * p(0.6, 0.7), neck - p(0.0, 0.06)),
            (w * p(0.95, 1.05), p(0.55, 0.65)),
            (w * p(0.55, 0.65), p(0.97, 1.0)),
            (w * p(-0.05, 0.1), p(0.85, 0.97)),
        ]
    ]


@five.way(1.1)
def round_neck(p: Dice) -> Drawing:
    """A corner under the bar, but a neck that flows into the bowl."""
    w = p(0.4, 0.65)
    x = w * p(0.08, 0.25)
    return [
        [
            (w * p(0.85, 1.4), p(-0.08, 0.05)),
            sharp(x + p(0.0, 0.08), p(0.0, 0.06)),
            (x - p(0.0, 0.08), p(0.26, 0.34)),
            (w * p(0.4, 0.55), p(0.42, 0.5)),
            (w * p(0.88, 1.0), p(0.62, 0.74)),
            (w * p(0.4, 0.6), 1.0),
            (w * p(-0.15, 0.1), p(0.88, 1.0)),
        ]
    ]


@five.way(0.6)
def hooked_tail(p: Dice) -> Drawing:
    """The foot runs far out to the left, flat."""
    w, neck = p(0.4, 0.6), p(0.34, 0.46)
    x = w * p(0.15, 0.3)
    body = [
        (x + p(0.0, 0.06), p(0.0, 0.06)),
        sharp(x - p(0.0, 0.06), neck),
        (w * p(0.65, 0.8), neck + p(-0.03, 0.04)),
        (w * p(0.9, 1.0), p(0.66, 0.76)),
        (w * p(0.45, 0.6), p(0.93, 0.98)),
        (-w * p(0.15, 0.5), p(0.9, 1.02)),
    ]
    return [body, [(x + p(-0.02, 0.06), p(0.0, 0.05)), (w * p(0.9, 1.4), p(-0.08, 0.06))]]


@five.way(0.9)
def short_bowl(p: Dice) -> Drawing:
    """The bowl breaks off at the foot."""
    w, neck = p(0.4, 0.6), p(0.38, 0.5)
    x = w * p(0.05, 0.2)
    body = [
        (x + p(0.0, 0.06), p(0.0, 0.06)),
        sharp(x - p(0.0, 0.04), neck),
        (w * p(0.65, 0.8), neck + p(-0.02, 0.05)),
        (w * p(0.9, 1.05), p(0.66, 0.78)),
        (w * p(0.35, 0.6), 1.0),
    ]
    return [body, [(x + p(-0.02, 0.04), p(0.0, 0.05)), (w * p(0.85, 1.4), p(-0.1, 0.05))]]


@five.way(0.9)
def closed_bowl(p: Dice) -> Drawing:
    """The bowl closes on the foot of the neck: almost a 6."""
    w, neck = p(0.4, 0.65), p(0.32, 0.46)
    x = w * p(0.1, 0.3)
    body = [
        (x + p(0.0, 0.08), p(0.02, 0.1)),
        (x - p(0.02, 0.08), neck),
        (x - p(-0.04, 0.04), neck + p(0.06, 0.14)),
        (w * p(0.6, 0.72), neck - p(-0.02, 0.06)),
        (w * p(0.95, 1.05), p(0.6, 0.72)),
        (w * p(0.5, 0.6), p(0.96, 1.0)),
        (w * p(0.05, 0.2), p(0.86, 0.94)),
        (x - p(0.0, 0.1), neck + p(0.14, 0.3)),
    ]
    return [body, [(x + p(-0.02, 0.12), p(0.0, 0.08)), (w * p(0.9, 1.5), p(-0.1, 0.06))]]


@five.way(1.4)
def retraced_neck(p: Dice) -> Drawing:
    """The pen runs down the neck, back up a little and into the bowl."""
    w, neck = p(0.4, 0.65), p(0.4, 0.52)
    x = w * p(0.1, 0.25)
    return [
        [
            (w * p(0.85, 1.4), p(-0.08, 0.05)),
            sharp(x + p(0.0, 0.06), p(0.0, 0.06)),
            sharp(x - p(0.0, 0.08), neck + p(0.02, 0.1)),
            (w * p(0.35, 0.5), neck - p(0.04, 0.12)),
            (w * p(0.8, 0.92), neck + p(0.0, 0.06)),
            (w * p(0.95, 1.05), p(0.68, 0.78)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(-0.05, 0.2), p(0.84, 0.96)),
        ]
    ]


@five.way(1.2)
def flat_ess(p: Dice) -> Drawing:
    """A low, wide S with a long bar."""
    w = p(0.6, 0.85)
    return [
        [
            (w * p(1.0, 1.5), p(-0.08, 0.06)),
            (w * p(0.5, 0.6), p(0.0, 0.06)),
            (w * p(0.12, 0.25), p(0.22, 0.3)),
            (w * p(0.4, 0.5), p(0.42, 0.5)),
            (w * p(0.75, 0.9), p(0.6, 0.72)),
            (w * p(0.4, 0.55), p(0.95, 1.0)),
            (w * p(-0.15, 0.1), p(0.86, 1.0)),
        ]
    ]


@five.way(0.7)
def narrow(p: Dice) -> Drawing:
    """Narrow and upright, with a small bar."""
    w, neck = p(0.28, 0.42), p(0.34, 0.5)
    x = w * p(0.1, 0.3)
    body = [
        (x + p(0.0, 0.06), p(0.0, 0.08)),
        (x - p(0.0, 0.04), neck * 0.6),
        sharp(x - p(-0.02, 0.05), neck),
        (w * p(0.6, 0.75), neck + p(-0.03, 0.05)),
        (w * p(0.95, 1.05), p(0.64, 0.76)),
        (w * p(0.5, 0.7), p(0.94, 1.0)),
        (w * p(-0.1, 0.2), p(0.86, 1.0)),
    ]
    return [body, [(x + p(-0.02, 0.08), p(0.0, 0.08)), (w * p(0.9, 1.6), p(-0.08, 0.06))]]


@five.way(2)
def long_bar_curled(p: Dice) -> Drawing:
    """A long raised bar over a small flat bowl that almost closes."""
    w, neck = p(0.4, 0.6), p(0.36, 0.5)
    x = w * p(0.15, 0.4)
    body = [
        (x + p(0.04, 0.14), p(0.06, 0.16)),
        sharp(x - p(0.02, 0.1), neck),
        (w * p(0.65, 0.8), neck + p(-0.03, 0.05)),
        (w * p(0.95, 1.1), p(0.64, 0.76)),
        (w * p(0.45, 0.65), p(0.96, 1.0)),
        (w * p(-0.05, 0.12), p(0.88, 0.96)),
        (w * p(-0.1, 0.1), p(0.7, 0.86)),
    ]
    return [body, [(x + p(0.02, 0.14), p(0.06, 0.16)), (w * p(1.4, 2.1), p(-0.14, 0.04))]]


@five.way(0.9)
def loop_at_neck(p: Dice) -> Drawing:
    """A small loop where the neck meets the bowl."""
    w, neck = p(0.42, 0.65), p(0.4, 0.52)
    x = w * p(0.12, 0.3)
    return [
        [
            (w * p(0.9, 1.5), p(-0.08, 0.05)),
            sharp(x + p(0.0, 0.1), p(0.0, 0.06)),
            (x - p(0.0, 0.05), neck * 0.7),
            (x - p(0.02, 0.1), neck + p(0.0, 0.06)),
            (x + p(0.02, 0.08), neck + p(0.0, 0.05)),
            (w * p(0.5, 0.65), neck - p(0.04, 0.1)),
            (w * p(0.95, 1.05), p(0.62, 0.74)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(-0.08, 0.15), p(0.84, 0.97)),
        ]
    ]
