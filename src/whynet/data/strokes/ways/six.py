"""Ways of writing 6."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

six = Ways("6", pen=0.95)


@six.way(2.5)
def plain(p: Dice) -> Drawing:
    """A curved stem and a loop that closes on it."""
    w, loop = p(0.42, 0.65), p(0.42, 0.58)
    return [
        [
            (w * p(0.5, 1.0), 0.0),
            (w * p(0.15, 0.35), p(0.2, 0.32)),
            (w * p(-0.02, 0.05), p(0.58, 0.68)),
            (w * p(0.15, 0.25), p(0.9, 0.96)),
            (w * p(0.45, 0.6), 1.0),
            (w * p(0.88, 1.0), p(0.84, 0.9)),
            (w * p(0.92, 1.02), p(0.66, 0.74)),
            (w * p(0.6, 0.75), loop),
            (w * p(0.3, 0.45), loop + p(0.0, 0.05)),
            (w * p(0.02, 0.2), loop + p(0.12, 0.25)),
        ]
    ]


@six.way(2.9)
def small_loop(p: Dice) -> Drawing:
    """A long stem with a small loop at the lower right."""
    w, loop = p(0.35, 0.6), p(0.6, 0.72)
    return [
        [
            (w * p(0.3, 1.0), 0.0),
            (w * p(0.08, 0.35), p(0.25, 0.35)),
            (w * p(-0.05, 0.08), p(0.6, 0.72)),
            (w * p(0.15, 0.3), p(0.92, 0.98)),
            (w * p(0.5, 0.65), 1.0),
            (w * p(0.9, 1.05), p(0.84, 0.9)),
            (w * p(0.75, 0.9), loop + p(0.0, 0.05)),
            (w * p(0.45, 0.6), loop + p(0.0, 0.04)),
            (w * p(0.15, 0.35), loop + p(0.12, 0.22)),
        ]
    ]


@six.way(2.1)
def wide_cup(p: Dice) -> Drawing:
    """A wide foot like a cup, the loop reaching far right."""
    w, loop = p(0.6, 0.85), p(0.48, 0.62)
    return [
        [
            (w * p(0.25, 0.6), 0.0),
            (w * p(0.08, 0.2), p(0.25, 0.35)),
            (w * p(-0.02, 0.06), p(0.58, 0.68)),
            (w * p(0.15, 0.25), p(0.9, 0.96)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.9, 1.0), p(0.82, 0.9)),
            (w * p(0.85, 1.0), p(0.64, 0.72)),
            (w * p(0.55, 0.7), loop + 0.02),
            (w * p(0.2, 0.4), loop + p(0.05, 0.15)),
            (w * p(0.05, 0.25), loop + p(0.2, 0.3)),
        ]
    ]


@six.way(0.7)
def crossing(p: Dice) -> Drawing:
    """The loop's end crosses the stem and sticks out."""
    w, loop = p(0.42, 0.65), p(0.45, 0.6)
    return [
        [
            (w * p(0.5, 1.0), 0.0),
            (w * p(0.15, 0.35), p(0.2, 0.32)),
            (w * p(-0.02, 0.05), p(0.58, 0.68)),
            (w * p(0.15, 0.25), p(0.9, 0.96)),
            (w * p(0.45, 0.6), 1.0),
            (w * p(0.9, 1.0), p(0.82, 0.88)),
            (w * p(0.8, 0.95), p(0.64, 0.7)),
            (w * p(0.4, 0.6), loop + p(0.0, 0.05)),
            (w * p(0.0, 0.1), loop + p(0.06, 0.14)),
            (-w * p(0.15, 0.4), loop + p(0.1, 0.25)),
        ]
    ]


@six.way(1.2)
def slash(p: Dice) -> Drawing:
    """A straight stem that leans, with a loop at its foot."""
    w, loop = p(0.42, 0.65), p(0.45, 0.62)
    return [
        [
            (w * p(0.6, 1.1), 0.0),
            (w * p(0.3, 0.5), p(0.28, 0.36)),
            (w * p(0.0, 0.1), p(0.64, 0.72)),
            (w * p(0.1, 0.2), p(0.9, 0.96)),
            (w * p(0.4, 0.55), 1.0),
            (w * p(0.85, 1.0), p(0.82, 0.88)),
            (w * p(0.85, 1.0), p(0.64, 0.72)),
            (w * p(0.55, 0.7), loop),
            (w * p(0.25, 0.4), loop + p(0.04, 0.1)),
            (w * p(0.02, 0.15), loop + p(0.14, 0.26)),
        ]
    ]


@six.way(0.5)
def hooked_top(p: Dice) -> Drawing:
    """The stem begins with a hook to the right."""
    w, loop = p(0.45, 0.65), p(0.44, 0.56)
    return [
        [
            (w * p(0.9, 1.1), p(0.1, 0.22)),
            (w * p(0.65, 0.8), p(0.0, 0.03)),
            (w * p(0.22, 0.35), p(0.15, 0.22)),
            (w * p(-0.02, 0.05), p(0.55, 0.62)),
            (w * p(0.15, 0.25), p(0.9, 0.96)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.92, 1.0), p(0.78, 0.86)),
            (w * p(0.6, 0.75), loop + 0.02),
            (w * p(0.25, 0.4), loop + p(0.05, 0.12)),
            (w * p(0.02, 0.15), loop + p(0.16, 0.26)),
        ]
    ]


@six.way(0.9)
def open_loop(p: Dice) -> Drawing:
    """The loop stops before it reaches the stem."""
    w, loop = p(0.42, 0.65), p(0.48, 0.62)
    return [
        [
            (w * p(0.4, 0.95), 0.0),
            (w * p(0.1, 0.3), p(0.22, 0.34)),
            (w * p(-0.02, 0.05), p(0.58, 0.68)),
            (w * p(0.15, 0.25), p(0.9, 0.96)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.9, 1.0), p(0.82, 0.88)),
            (w * p(0.8, 0.95), p(0.64, 0.7)),
            (w * p(0.4, 0.7), loop + p(0.0, 0.06)),
        ]
    ]


@six.way(0.5)
def big_loop(p: Dice) -> Drawing:
    """A short stem on a big loop."""
    w, loop = p(0.5, 0.75), p(0.26, 0.4)
    return [
        [
            (w * p(0.5, 0.95), 0.0),
            (w * p(0.15, 0.3), p(0.18, 0.26)),
            (w * p(-0.02, 0.05), p(0.55, 0.64)),
            (w * p(0.15, 0.25), p(0.9, 0.95)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.92, 1.0), p(0.78, 0.84)),
            (w * p(0.9, 1.0), p(0.55, 0.62)),
            (w * p(0.6, 0.7), loop),
            (w * p(0.25, 0.4), loop + p(0.04, 0.1)),
            (w * p(0.0, 0.12), loop + p(0.16, 0.3)),
        ]
    ]


@six.way(0.8)
def curled_inside(p: Dice) -> Drawing:
    """The loop runs on and curls inside itself."""
    w, loop = p(0.45, 0.68), p(0.46, 0.58)
    return [
        [
            (w * p(0.5, 1.0), 0.0),
            (w * p(0.15, 0.35), p(0.2, 0.3)),
            (w * p(-0.02, 0.05), p(0.58, 0.66)),
            (w * p(0.15, 0.25), p(0.9, 0.95)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.92, 1.0), p(0.78, 0.84)),
            (w * p(0.6, 0.75), loop + 0.02),
            (w * p(0.28, 0.4), loop + p(0.08, 0.14)),
            (w * p(0.25, 0.4), p(0.78, 0.86)),
            (w * p(0.45, 0.65), p(0.84, 0.92)),
        ]
    ]


@six.way(1.2)
def flat_foot(p: Dice) -> Drawing:
    """An upright stem, a round turn and a low flat loop."""
    w, loop = p(0.45, 0.7), p(0.55, 0.68)
    return [
        [
            (w * p(0.05, 0.3), 0.0),
            (w * p(-0.02, 0.12), 0.35),
            (w * p(-0.05, 0.05), p(0.7, 0.78)),
            (w * p(0.2, 0.3), p(0.96, 1.0)),
            (w * p(0.6, 0.75), p(0.97, 1.0)),
            (w * p(0.95, 1.05), p(0.8, 0.86)),
            (w * p(0.7, 0.85), loop + p(0.0, 0.04)),
            (w * p(0.3, 0.5), loop + p(0.02, 0.1)),
            (w * p(0.05, 0.2), loop + p(0.15, 0.25)),
        ]
    ]


@six.way(1.6)
def round_cup(p: Dice) -> Drawing:
    """A wide round foot, and a loop whose end only just meets the stem: almost a 0."""
    w, loop = p(0.5, 0.75), p(0.32, 0.5)
    return [
        [
            (w * p(0.2, 0.55), 0.0),
            (w * p(0.05, 0.2), p(0.22, 0.32)),
            (w * p(-0.03, 0.05), p(0.55, 0.66)),
            (w * p(0.15, 0.28), p(0.88, 0.95)),
            (w * p(0.5, 0.65), p(0.97, 1.0)),
            (w * p(0.9, 1.0), p(0.8, 0.86)),
            (w * p(0.9, 1.02), p(0.58, 0.68)),
            (w * p(0.6, 0.8), loop + p(0.0, 0.08)),
            (w * p(0.35, 0.5), loop + p(0.04, 0.14)),
            (w * p(0.15, 0.4), loop + p(0.14, 0.3)),
        ]
    ]


@six.way(2)
def bar_loop(p: Dice) -> Drawing:
    """The loop comes back as a straight bar to the stem: almost a 4 without its foot."""
    w, bar = p(0.5, 0.8), p(0.55, 0.7)
    return [
        [
            (w * p(0.3, 0.8), 0.0),
            (w * p(0.1, 0.3), p(0.22, 0.34)),
            (w * p(-0.03, 0.08), p(0.6, 0.7)),
            (w * p(0.15, 0.3), p(0.92, 1.0)),
            (w * p(0.6, 0.75), p(0.92, 1.0)),
            (w * p(0.98, 1.1), p(0.7, 0.8)),
            (w * p(0.8, 0.92), bar),
            (w * p(0.4, 0.55), bar + p(-0.02, 0.06)),
            (w * p(-0.1, 0.2), bar + p(0.02, 0.12)),
        ]
    ]


@six.way(0.6)
def thin_loop(p: Dice) -> Drawing:
    """Hardly a loop at all: a stem with a narrow hook."""
    w, loop = p(0.25, 0.4), p(0.5, 0.7)
    return [
        [
            (w * p(0.3, 1.1), 0.0),
            (w * p(0.1, 0.4), 0.3),
            (w * p(-0.05, 0.1), p(0.66, 0.76)),
            (w * p(0.2, 0.4), p(0.95, 1.0)),
            (w * p(0.8, 1.0), p(0.86, 0.94)),
            (w * p(0.85, 1.05), loop + 0.1),
            (w * p(0.4, 0.7), loop + p(0.0, 0.06)),
            (w * p(0.1, 0.3), loop + p(0.1, 0.2)),
        ]
    ]


@six.way(1.5)
def upright(p: Dice) -> Drawing:
    """A straight stem that meets the foot's turn almost in a corner."""
    w, loop = p(0.4, 0.65), p(0.55, 0.7)
    return [
        [
            (w * p(0.1, 0.5), 0.0),
            (w * p(0.0, 0.25), 0.4),
            (w * p(-0.05, 0.1), p(0.8, 0.86)),
            (w * p(0.15, 0.3), p(0.97, 1.02)),
            (w * p(0.6, 0.8), p(0.9, 0.97)),
            (w * p(0.95, 1.1), p(0.72, 0.8)),
            (w * p(0.6, 0.8), loop),
            (w * p(0.2, 0.4), loop + p(0.06, 0.16)),
            (w * p(0.0, 0.2), loop + p(0.18, 0.28)),
        ]
    ]


@six.way(2.4)
def angular(p: Dice) -> Drawing:
    """The stem meets the loop in a corner at the foot: almost a 4 or an L."""
    w, loop = p(0.45, 0.7), p(0.55, 0.7)
    return [
        [
            (w * p(0.2, 0.7), 0.0),
            (w * p(0.05, 0.25), 0.4),
            sharp(w * p(-0.05, 0.08), p(0.84, 0.98)),
            (w * p(0.5, 0.7), p(0.92, 1.02)),
            (w * p(0.95, 1.1), p(0.74, 0.84)),
            (w * p(0.65, 0.85), loop),
            (w * p(0.3, 0.45), loop + p(0.02, 0.12)),
            (w * p(0.05, 0.25), loop + p(0.12, 0.25)),
        ]
    ]


@six.way(0.4)
def loop_below(p: Dice) -> Drawing:
    """A long stem over a small round loop that hangs at its foot."""
    w, loop = p(0.3, 0.45), p(0.6, 0.72)
    return [
        [
            (w * p(0.2, 0.9), 0.0),
            (w * p(0.15, 0.4), 0.35),
            (w * p(0.1, 0.3), loop),
            (w * p(-0.05, 0.1), (1 + loop) / 2),
            (w * p(0.4, 0.55), 1.0),
            (w * p(0.9, 1.05), (1 + loop) / 2),
            (w * p(0.55, 0.75), loop + p(0.0, 0.04)),
            (w * p(0.1, 0.35), loop + p(0.0, 0.15)),
        ]
    ]


@six.way(1.7, pen=1.25)
def blot(p: Dice) -> Drawing:
    """A broad pen fills the small loop at the foot."""
    w, loop = p(0.4, 0.65), p(0.58, 0.72)
    return [
        [
            (w * p(0.1, 0.7), 0.0),
            (w * p(0.0, 0.25), 0.38),
            (w * p(-0.05, 0.08), p(0.8, 0.88)),
            (w * p(0.2, 0.4), p(0.96, 1.02)),
            (w * p(0.75, 0.95), p(0.88, 0.95)),
            (w * p(0.9, 1.1), p(0.74, 0.82)),
            (w * p(0.6, 0.8), loop),
            (w * p(0.15, 0.4), loop + p(0.05, 0.18)),
        ]
    ]
