"""Ways of writing 2 whose foot is a corner or a round turn."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

plain = Ways("2")


@plain.way(3)
def straight(p: Dice) -> Drawing:
    """A round head, a straight neck, a corner and a straight base."""
    w = p(0.45, 0.75)
    return [
        [
            (w * p(0.0, 0.15), p(0.15, 0.32)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.18, 0.32)),
            (w * p(0.5, 0.65), p(0.58, 0.68)),
            sharp(w * p(-0.1, 0.1), p(0.94, 1.0)),
            (w * p(0.8, 1.4), p(0.86, 1.08)),
        ]
    ]


@plain.way(1.4)
def wavy_base(p: Dice) -> Drawing:
    """The base swings up and down again."""
    w, foot = p(0.45, 0.75), p(0.92, 1.0)
    return [
        [
            (w * p(0.0, 0.15), p(0.12, 0.3)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.18, 0.32)),
            (w * p(0.5, 0.65), p(0.58, 0.68)),
            sharp(w * p(-0.1, 0.1), foot),
            (w * p(0.3, 0.45), foot - p(0.04, 0.12)),
            (w * p(0.65, 0.85), foot + p(0.0, 0.06)),
            (w * p(1.0, 1.25), foot - p(-0.03, 0.1)),
        ]
    ]


@plain.way(3.3)
def rising_tail(p: Dice) -> Drawing:
    """The base ends in a tail that rises to the right."""
    w = p(0.45, 0.75)
    return [
        [
            (w * p(0.0, 0.15), p(0.12, 0.3)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.2, 0.3)),
            (w * p(0.45, 0.6), p(0.6, 0.7)),
            sharp(w * p(-0.05, 0.1), p(0.9, 1.0)),
            (w * p(0.5, 0.7), p(0.86, 0.98)),
            (w * p(1.1, 1.6), p(0.6, 0.88)),
        ]
    ]


@plain.way(1.8)
def squat(p: Dice) -> Drawing:
    """Low and wide, with a long base."""
    w = p(0.6, 0.85)
    return [
        [
            (w * p(0.0, 0.1), p(0.15, 0.35)),
            (w * p(0.3, 0.45), 0.0),
            (w * p(0.6, 0.75), p(0.2, 0.35)),
            (w * p(0.3, 0.45), p(0.62, 0.72)),
            sharp(w * p(-0.15, 0.05), p(0.88, 1.0)),
            (w * p(1.2, 1.7), p(0.88, 1.05)),
        ]
    ]


@plain.way(0.7)
def narrow_swan(p: Dice) -> Drawing:
    """A narrow swan: a small head on a long neck, and a round turn at the foot."""
    w = p(0.3, 0.45)
    return [
        [
            (w * p(0.0, 0.3), p(0.1, 0.25)),
            (w * p(0.5, 0.7), 0.0),
            (w * p(0.95, 1.05), p(0.15, 0.28)),
            (w * p(0.6, 0.8), p(0.5, 0.62)),
            (w * p(0.1, 0.25), p(0.85, 0.92)),
            (w * p(0.1, 0.25), 1.0),
            (w * p(0.6, 0.8), p(0.92, 1.0)),
            (w * p(1.1, 1.5), p(0.9, 1.05)),
        ]
    ]


@plain.way(1)
def round_foot(p: Dice) -> Drawing:
    """The foot turns without a corner."""
    w = p(0.45, 0.7)
    return [
        [
            (w * p(0.0, 0.15), p(0.15, 0.3)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.9, 1.0), p(0.2, 0.35)),
            (w * p(0.4, 0.55), p(0.62, 0.72)),
            (w * p(0.0, 0.12), p(0.86, 0.93)),
            (w * p(0.2, 0.35), 1.0),
            (w * p(0.9, 1.4), p(0.82, 1.04)),
        ]
    ]


@plain.way(1.2)
def zed(p: Dice) -> Drawing:
    """Almost a Z: a flat top with a corner."""
    w = p(0.45, 0.75)
    return [
        [
            (0.0, p(0.0, 0.15)),
            (w * p(0.4, 0.6), p(-0.04, 0.04)),
            (w * p(0.9, 1.0), p(0.08, 0.2)),
            (w * p(0.75, 0.9), p(0.3, 0.4)),
            sharp(w * p(-0.1, 0.1), 1.0),
            (w * p(0.9, 1.3), p(0.94, 1.04)),
        ]
    ]


@plain.way(0.5)
def curled_head(p: Dice) -> Drawing:
    """The head begins with a curl inside."""
    w = p(0.5, 0.75)
    return [
        [
            (w * p(0.3, 0.45), p(0.22, 0.32)),
            (w * p(0.02, 0.12), p(0.2, 0.3)),
            (w * p(0.1, 0.2), p(0.05, 0.1)),
            (w * p(0.5, 0.6), 0.0),
            (w * p(0.9, 1.0), p(0.2, 0.32)),
            (w * p(0.5, 0.65), p(0.6, 0.68)),
            sharp(w * p(-0.1, 0.1), p(0.94, 1.0)),
            (w * p(0.9, 1.3), p(0.92, 1.04)),
        ]
    ]


@plain.way(0.8)
def falling_base(p: Dice) -> Drawing:
    """The base falls away to the lower right, so the corner hangs in the middle."""
    w, corner = p(0.45, 0.75), p(0.72, 0.86)
    return [
        [
            (w * p(0.0, 0.15), p(0.1, 0.28)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.18, 0.28)),
            (w * p(0.5, 0.65), p(0.5, 0.58)),
            sharp(w * p(-0.1, 0.1), corner),
            (w * p(1.0, 1.3), p(0.95, 1.08)),
        ]
    ]


@plain.way(0.4)
def short_base(p: Dice) -> Drawing:
    """Hardly a base at all."""
    w = p(0.4, 0.65)
    return [
        [
            (w * p(0.0, 0.15), p(0.12, 0.3)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.2, 0.32)),
            (w * p(0.5, 0.65), p(0.62, 0.7)),
            sharp(w * p(0.0, 0.15), p(0.93, 1.0)),
            (w * p(0.45, 0.75), p(0.95, 1.06)),
        ]
    ]


@plain.way(0.5)
def angular(p: Dice) -> Drawing:
    """A short start, a pointed head and a straight base."""
    w = p(0.4, 0.7)
    return [
        [
            (w * p(0.05, 0.3), p(0.12, 0.3)),
            (w * p(0.3, 0.5), p(0.02, 0.08)),
            sharp(w * p(0.8, 1.0), p(-0.02, 0.1)),
            (w * p(0.5, 0.7), p(0.5, 0.6)),
            sharp(w * p(-0.1, 0.1), p(0.9, 1.0)),
            (w * p(0.8, 1.4), p(0.88, 1.08)),
        ]
    ]


@plain.way(1.3)
def drooping(p: Dice) -> Drawing:
    """The base hooks down at its right end."""
    w = p(0.45, 0.75)
    return [
        [
            (w * p(0.0, 0.2), p(0.08, 0.28)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), p(0.16, 0.3)),
            (w * p(0.5, 0.65), p(0.52, 0.64)),
            sharp(w * p(-0.15, 0.1), p(0.86, 0.96)),
            (w * p(0.35, 0.55), p(0.78, 0.9)),
            (w * p(0.85, 1.05), p(0.84, 0.94)),
            (w * p(1.0, 1.25), p(0.98, 1.14)),
        ]
    ]


@plain.way(0.6)
def el(p: Dice) -> Drawing:
    """A head that hardly bends: almost a 1 on a base."""
    w = p(0.35, 0.55)
    return [
        [
            (w * p(0.1, 0.4), p(0.08, 0.22)),
            (w * p(0.45, 0.65), p(0.0, 0.04)),
            (w * p(0.75, 0.9), p(0.1, 0.2)),
            (w * p(0.5, 0.65), p(0.55, 0.65)),
            sharp(w * p(0.0, 0.2), p(0.93, 1.0)),
            (w * p(0.9, 1.6), p(0.9, 1.06)),
        ]
    ]


@plain.way(1.8)
def slanted(p: Dice) -> Drawing:
    """A small head, a long slanted neck and a base that rises: almost a Z."""
    w = p(0.5, 0.85)
    return [
        [
            (w * p(0.1, 0.35), p(0.08, 0.25)),
            (w * p(0.5, 0.7), p(-0.02, 0.03)),
            (w * p(0.9, 1.0), p(0.08, 0.2)),
            (w * p(0.6, 0.75), p(0.42, 0.52)),
            (w * p(0.25, 0.4), p(0.72, 0.8)),
            sharp(w * p(-0.15, 0.1), p(0.9, 1.0)),
            (w * p(0.35, 0.55), p(0.84, 0.98)),
            (w * p(0.9, 1.4), p(0.74, 1.0)),
        ]
    ]


@plain.way(0.9)
def bent_base(p: Dice) -> Drawing:
    """A base that dips and rises like a shallow bowl."""
    w, foot = p(0.4, 0.7), p(0.84, 0.94)
    return [
        [
            (w * p(0.0, 0.2), p(0.1, 0.28)),
            (w * p(0.4, 0.6), 0.0),
            (w * p(0.85, 1.0), p(0.18, 0.3)),
            (w * p(0.45, 0.6), p(0.55, 0.65)),
            (w * p(0.0, 0.12), foot),
            (w * p(0.15, 0.3), p(0.97, 1.02)),
            (w * p(0.6, 0.8), p(0.94, 1.02)),
            (w * p(1.0, 1.4), foot - p(0.02, 0.15)),
        ]
    ]


@plain.way(1.3)
def wedge(p: Dice) -> Drawing:
    """The neck runs far to the lower left and a short base rises close to it: almost a 7."""
    w = p(0.45, 0.75)
    corner = w * p(-0.3, 0.0)
    return [
        [
            (w * p(0.1, 0.35), p(0.1, 0.3)),
            (w * p(0.45, 0.65), p(0.0, 0.03)),
            (w * p(0.9, 1.0), p(0.12, 0.26)),
            (w * p(0.55, 0.7), p(0.5, 0.6)),
            sharp(corner, p(0.94, 1.02)),
            (corner + w * p(0.35, 0.5), p(0.84, 0.96)),
            (corner + w * p(0.75, 1.2), p(0.68, 0.9)),
        ]
    ]
