"""Ways of writing 2 with a loop at the foot."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways

looped = Ways("2")


@looped.way(2.6)
def small_loop(p: Dice) -> Drawing:
    """The pen turns through a small loop at the lower left."""
    w, size = p(0.45, 0.75), p(0.07, 0.16)
    return [
        [
            (w * p(0.0, 0.15), p(0.12, 0.3)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.2, 0.32)),
            (w * p(0.5, 0.65), p(0.6, 0.7)),
            (w * p(0.1, 0.2), 0.97),
            (-size, 1.0 - size / 2),
            (0.0, 1.0 - p(1.4, 2.0) * size),
            (w * p(0.35, 0.5), p(0.9, 0.98)),
            (w * p(0.8, 1.4), p(0.84, 1.1)),
        ]
    ]


@looped.way(3.7)
def big_loop(p: Dice) -> Drawing:
    """A big loop whose base runs straight to the lower right."""
    w, size = p(0.5, 0.8), p(0.15, 0.3)
    return [
        [
            (w * p(0.0, 0.2), p(0.08, 0.25)),
            (w * p(0.4, 0.6), 0.0),
            (w * p(0.85, 1.0), p(0.2, 0.3)),
            (w * p(0.55, 0.7), p(0.6, 0.7)),
            (w * p(0.15, 0.3), p(0.9, 0.98)),
            (-size * p(0.3, 0.8), 0.95 - size / 3),
            (w * p(0.05, 0.15), 0.92 - size),
            (w * p(0.4, 0.55), p(0.76, 0.88)),
            (w * p(1.0, 1.3), p(0.95, 1.15)),
        ]
    ]


@looped.way(4.8)
def teardrop(p: Dice) -> Drawing:
    """A round loop hangs from the neck, and a short tail falls from the crossing."""
    w, size = p(0.45, 0.7), p(0.16, 0.32)
    return [
        [
            (w * p(0.0, 0.25), p(0.05, 0.25)),
            (w * p(0.4, 0.6), 0.0),
            (w * p(0.85, 1.0), p(0.18, 0.3)),
            (w * p(0.6, 0.75), p(0.52, 0.64)),
            (w * p(0.35, 0.45), p(0.88, 0.98)),
            (w * p(0.05, 0.18), p(0.94, 1.0)),
            (w * p(-0.15, 0.02), 0.98 - size / 2),
            (w * p(0.15, 0.3), 0.96 - size),
            (w * p(0.55, 0.7), 0.92 - size * p(0.3, 0.7)),
            (w * p(0.8, 1.25), p(0.92, 1.1)),
        ]
    ]


@looped.way(0.8)
def curl_and_loop(p: Dice) -> Drawing:
    """A curled head above, a loop below."""
    w, size = p(0.5, 0.75), p(0.1, 0.25)
    return [
        [
            (w * p(0.25, 0.5), p(0.2, 0.36)),
            (w * p(0.0, 0.12), p(0.18, 0.32)),
            (w * p(0.1, 0.25), p(0.03, 0.1)),
            (w * p(0.5, 0.65), 0.0),
            (w * p(0.9, 1.0), p(0.22, 0.34)),
            (w * p(0.5, 0.65), p(0.62, 0.74)),
            (w * p(0.15, 0.25), p(0.92, 0.98)),
            (w * p(-0.12, 0.0), 0.96 - size / 2),
            (w * p(0.1, 0.22), 0.95 - size),
            (w * p(0.5, 0.6), p(0.82, 0.92)),
            (w * p(0.95, 1.3), p(0.88, 1.06)),
        ]
    ]


@looped.way(2)
def round_back(p: Dice) -> Drawing:
    """The head swings far round to the foot, so that the 2 is almost a ring with a tail."""
    w, size = p(0.6, 0.85), p(0.1, 0.28)
    return [
        [
            (w * p(0.0, 0.2), p(0.08, 0.3)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.9, 1.0), p(0.25, 0.38)),
            (w * p(0.75, 0.88), p(0.64, 0.74)),
            (w * p(0.35, 0.45), p(0.94, 1.0)),
            (w * p(0.02, 0.12), 0.97 - size / 2),
            (w * p(0.15, 0.28), 0.93 - size),
            (w * p(0.6, 0.7), p(0.78, 0.88)),
            (w * p(1.05, 1.35), p(0.92, 1.08)),
        ]
    ]


@looped.way(0.8)
def tiny_foot(p: Dice) -> Drawing:
    """A big head and neck, with the loop and tail small below."""
    w = p(0.45, 0.65)
    x, size = w * p(0.1, 0.3), p(0.06, 0.12)
    return [
        [
            (w * p(0.0, 0.2), p(0.1, 0.28)),
            (w * p(0.4, 0.6), 0.0),
            (w * p(0.9, 1.0), p(0.22, 0.36)),
            (w * p(0.6, 0.75), p(0.62, 0.72)),
            (x, 0.98),
            (x - size, 0.98 - size),
            (x, 0.96 - size * p(1.5, 2.2)),
            (x + p(0.1, 0.2), p(0.86, 0.96)),
            (x + p(0.22, 0.42), p(0.94, 1.04)),
        ]
    ]


@looped.way(1.8)
def flat_loop(p: Dice) -> Drawing:
    """Low and wide: a long flat loop and a long base."""
    w, size = p(0.7, 1.1), p(0.12, 0.25)
    return [
        [
            (w * p(0.0, 0.2), p(0.1, 0.3)),
            (w * p(0.35, 0.5), 0.0),
            (w * p(0.7, 0.9), p(0.2, 0.35)),
            (w * p(0.4, 0.55), p(0.66, 0.76)),
            (w * p(0.1, 0.2), p(0.93, 0.98)),
            (w * p(-0.1, 0.0), 0.96 - size / 2),
            (w * p(0.1, 0.2), 0.95 - size),
            (w * p(0.45, 0.6), p(0.82, 0.92)),
            (w * p(1.0, 1.5), p(0.84, 1.06)),
        ]
    ]


@looped.way(0.7)
def ring_and_tail(p: Dice) -> Drawing:
    """One sweep from inside: over the top, round the foot, and out in a tail."""
    w = p(0.45, 0.7)
    return [
        [
            (w * p(0.3, 0.6), p(0.25, 0.45)),
            (w * p(0.0, 0.15), p(0.2, 0.35)),
            (w * p(0.2, 0.35), p(0.02, 0.08)),
            (w * p(0.65, 0.8), p(0.02, 0.06)),
            (w * p(0.95, 1.05), p(0.35, 0.45)),
            (w * p(0.7, 0.85), p(0.72, 0.82)),
            (w * p(0.25, 0.4), p(0.96, 1.0)),
            (w * p(-0.05, 0.1), p(0.82, 0.92)),
            (w * p(0.2, 0.35), p(0.7, 0.8)),
            (w * p(0.7, 0.85), p(0.85, 0.95)),
            (w * p(1.0, 1.4), p(0.9, 1.1)),
        ]
    ]


@looped.way(0.7)
def narrow_loop(p: Dice) -> Drawing:
    """Narrow and thin: a neck straight down into a small loop with hardly a tail."""
    w, size = p(0.25, 0.42), p(0.1, 0.22)
    return [
        [
            (w * p(-0.1, 0.3), p(0.06, 0.22)),
            (w * p(0.4, 0.65), 0.0),
            (w * p(0.9, 1.05), p(0.14, 0.28)),
            (w * p(0.75, 0.95), p(0.55, 0.66)),
            (w * p(0.35, 0.5), p(0.93, 1.0)),
            (w * p(-0.2, 0.05), 0.98 - size / 2),
            (w * p(0.15, 0.35), 0.96 - size),
            (w * p(0.7, 0.9), p(0.84, 0.94)),
            (w * p(1.1, 1.7), p(0.86, 1.06)),
        ]
    ]


@looped.way(0.7)
def foot_loop_right(p: Dice) -> Drawing:
    """The base swings back under the neck: almost a 3."""
    w = p(0.5, 0.75)
    return [
        [
            (w * p(0.0, 0.2), p(0.08, 0.28)),
            (w * p(0.4, 0.6), 0.0),
            (w * p(0.88, 1.0), p(0.22, 0.34)),
            (w * p(0.6, 0.7), p(0.6, 0.68)),
            (w * p(0.2, 0.32), p(0.84, 0.92)),
            (w * p(-0.08, 0.08), p(0.78, 0.9)),
            (w * p(0.2, 0.4), p(0.66, 0.78)),
            (w * p(0.7, 0.85), p(0.78, 0.86)),
            (w * p(0.9, 1.1), p(0.92, 1.0)),
            (w * p(0.8, 1.15), p(1.02, 1.12)),
        ]
    ]


@looped.way(2.6)
def dee(p: Dice) -> Drawing:
    """A small hook, a straight neck and a loop half as high as the digit: almost a d."""
    w, size = p(0.25, 0.6), p(0.28, 0.5)
    return [
        [
            (w * p(0.0, 0.55), p(0.04, 0.2)),
            (w * p(0.55, 0.7), p(-0.01, 0.03)),
            (w * p(0.9, 1.0), p(0.1, 0.22)),
            (w * p(0.75, 0.95), p(0.5, 0.62)),
            (w * p(0.55, 0.7), p(0.88, 0.96)),
            (w * p(0.2, 0.35), p(0.98, 1.02)),
            (w * p(-0.1, 0.05), 1.0 - size * p(0.3, 0.5)),
            (w * p(0.15, 0.3), 1.0 - size),
            (w * p(0.6, 0.75), 1.0 - size * p(0.5, 0.8)),
            (w * p(0.95, 1.3), p(0.86, 1.06)),
        ]
    ]


@looped.way(1.3)
def lying(p: Dice) -> Drawing:
    """Much wider than high: two flat bows, one over the other."""
    w, size = p(0.9, 1.4), p(0.2, 0.4)
    return [
        [
            (w * p(0.0, 0.2), p(0.1, 0.35)),
            (w * p(0.35, 0.55), p(0.0, 0.04)),
            (w * p(0.8, 0.95), p(0.2, 0.4)),
            (w * p(0.45, 0.6), p(0.7, 0.8)),
            (w * p(0.12, 0.22), p(0.92, 0.98)),
            (w * p(-0.05, 0.05), 0.95 - size / 2),
            (w * p(0.15, 0.3), 0.92 - size),
            (w * p(0.5, 0.65), p(0.76, 0.92)),
            (w * p(0.95, 1.3), p(0.84, 1.1)),
        ]
    ]


@looped.way(1.6)
def wedge_loop(p: Dice) -> Drawing:
    """The same with a thin loop in place of the corner, drawn out along the neck."""
    w, thin = p(0.45, 0.75), p(0.02, 0.08)
    x = w * p(-0.25, 0.0)
    return [
        [
            (w * p(0.1, 0.35), p(0.1, 0.3)),
            (w * p(0.45, 0.65), p(0.0, 0.03)),
            (w * p(0.9, 1.0), p(0.12, 0.26)),
            (w * p(0.55, 0.7), p(0.5, 0.6)),
            (x + w * 0.25, p(0.86, 0.94)),
            (x, p(0.97, 1.03)),
            (x + w * 0.02 - thin, p(0.88, 0.94)),
            (x + w * p(0.2, 0.35) - thin, p(0.72, 0.82)),
            (x + w * p(0.5, 0.65), p(0.76, 0.88)),
            (x + w * p(0.8, 1.3), p(0.74, 1.02)),
        ]
    ]
