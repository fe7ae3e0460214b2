"""Ways of writing 3."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways, sharp

three = Ways("3")


@three.way(4.4)
def two_bows(p: Dice) -> Drawing:
    """Two bows that meet in a corner."""
    w, y = p(0.4, 0.65), p(0.4, 0.5)
    return [
        [
            (w * p(0.0, 0.2), p(0.05, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.8, 1.0), y * p(0.4, 0.55)),
            sharp(w * p(0.3, 0.5), y),
            (w * p(0.95, 1.1), y + (1 - y) * p(0.4, 0.55)),
            (w * p(0.4, 0.6), 1.0),
            (w * p(-0.15, 0.1), p(0.82, 0.95)),
        ]
    ]


@three.way(3.1)
def round_waist(p: Dice) -> Drawing:
    """The bows meet without a corner."""
    w, y = p(0.4, 0.65), p(0.42, 0.5)
    return [
        [
            (w * p(0.0, 0.2), p(0.05, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.85, 1.0), y * p(0.4, 0.55)),
            (w * p(0.55, 0.7), y - p(0.0, 0.05)),
            (w * p(0.35, 0.5), y + 0.01),
            (w * p(0.65, 0.8), y + p(0.03, 0.08)),
            (w * p(0.95, 1.1), y + (1 - y) * 0.5),
            (w * p(0.4, 0.6), 1.0),
            (w * p(-0.15, 0.1), p(0.82, 0.95)),
        ]
    ]


@three.way(3)
def looped_waist(p: Dice) -> Drawing:
    """A small loop between the bows."""
    w, y, size = p(0.4, 0.65), p(0.42, 0.5), p(0.05, 0.12)
    return [
        [
            (w * p(0.0, 0.2), p(0.03, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.8, 1.0), y * p(0.4, 0.6)),
            (w * p(0.45, 0.6), y),
            (w * p(0.4, 0.5) - size, y + size / 3),
            (w * p(0.35, 0.5), y - size),
            (w * p(0.75, 0.9), y + p(0.05, 0.1)),
            (w * p(0.95, 1.1), y + (1 - y) * 0.55),
            (w * p(0.4, 0.6), 1.0),
            (w * p(-0.15, 0.1), p(0.82, 0.95)),
        ]
    ]


@three.way(1.2)
def flat_top(p: Dice) -> Drawing:
    """A flat bar and a slant above, one bow below."""
    w, y = p(0.4, 0.65), p(0.34, 0.45)
    return [
        [
            (0.0, p(0.0, 0.06)),
            sharp(w * p(0.75, 1.0), p(-0.03, 0.03)),
            sharp(w * p(0.3, 0.5), y),
            (w * p(0.8, 0.9), y + p(0.06, 0.12)),
            (w * p(0.95, 1.05), p(0.7, 0.78)),
            (w * p(0.45, 0.6), 1.0),
            (w * p(-0.1, 0.1), p(0.85, 0.95)),
        ]
    ]


@three.way(1)
def short_bottom(p: Dice) -> Drawing:
    """The lower bow breaks off early."""
    w, y = p(0.4, 0.6), p(0.42, 0.55)
    return [
        [
            (w * p(0.0, 0.15), p(0.05, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.85, 1.0), y * p(0.4, 0.55)),
            sharp(w * p(0.3, 0.5), y),
            (w * p(0.95, 1.1), y + (1 - y) * p(0.35, 0.5)),
            (w * p(0.7, 0.85), p(0.9, 0.97)),
            (w * p(0.3, 0.5), 1.0),
        ]
    ]


@three.way(0.6)
def curled_bottom(p: Dice) -> Drawing:
    """The lower bow curls up at its end."""
    w, y = p(0.45, 0.65), p(0.4, 0.5)
    return [
        [
            (w * p(0.0, 0.2), p(0.05, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.8, 1.0), y * p(0.4, 0.55)),
            sharp(w * p(0.35, 0.5), y),
            (w * p(0.95, 1.1), y + (1 - y) * 0.45),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.0, 0.15), p(0.88, 0.95)),
            (w * p(0.02, 0.15), p(0.74, 0.84)),
            (w * p(0.2, 0.4), p(0.72, 0.82)),
        ]
    ]


@three.way(1)
def big_belly(p: Dice) -> Drawing:
    """A small upper bow on a big lower one."""
    w, y = p(0.5, 0.75), p(0.28, 0.38)
    return [
        [
            (w * p(0.1, 0.3), p(0.05, 0.15)),
            (w * p(0.45, 0.55), 0.0),
            (w * p(0.65, 0.8), y * p(0.4, 0.6)),
            sharp(w * p(0.35, 0.5), y),
            (w * p(0.85, 0.95), y + p(0.12, 0.18)),
            (w, p(0.68, 0.76)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(-0.05, 0.1), p(0.82, 0.94)),
        ]
    ]


@three.way(0.6)
def big_head(p: Dice) -> Drawing:
    """A big upper bow on a small lower one."""
    w, y = p(0.45, 0.65), p(0.5, 0.6)
    return [
        [
            (w * p(0.0, 0.15), p(0.08, 0.22)),
            (w * p(0.5, 0.6), 0.0),
            (w * p(0.95, 1.05), y * p(0.4, 0.55)),
            sharp(w * p(0.3, 0.5), y),
            (w * p(0.8, 0.95), y + (1 - y) * 0.5),
            (w * p(0.4, 0.55), 1.0),
            (w * p(-0.1, 0.1), p(0.88, 0.96)),
        ]
    ]


@three.way(0.5)
def shallow(p: Dice) -> Drawing:
    """Hardly a waist: almost a bracket."""
    w, y = p(0.35, 0.6), p(0.42, 0.52)
    return [
        [
            (w * p(0.0, 0.15), p(0.02, 0.15)),
            (w * p(0.5, 0.65), 0.0),
            (w * p(0.95, 1.0), y * 0.5),
            (w * p(0.65, 0.8), y),
            (w * p(0.95, 1.1), y + (1 - y) * 0.45),
            (w * p(0.5, 0.6), 1.0),
            (w * p(-0.1, 0.1), p(0.85, 0.97)),
        ]
    ]


@three.way(0.7)
def long_tail(p: Dice) -> Drawing:
    """The foot runs out far to the left."""
    w, y = p(0.4, 0.55), p(0.36, 0.45)
    return [
        [
            (w * p(0.0, 0.2), p(0.02, 0.15)),
            (w * p(0.5, 0.6), 0.0),
            (w * p(0.85, 1.0), y * 0.5),
            sharp(w * p(0.35, 0.5), y),
            (w * p(0.9, 1.05), y + (1 - y) * p(0.35, 0.5)),
            (w * p(0.4, 0.6), p(0.92, 0.98)),
            (-w * p(0.3, 0.7), p(0.92, 1.04)),
        ]
    ]


@three.way(0.9)
def long_entry(p: Dice) -> Drawing:
    """The head starts far to the left with a flat run."""
    w, y = p(0.4, 0.6), p(0.4, 0.5)
    return [
        [
            (-w * p(0.1, 0.35), p(0.05, 0.18)),
            (w * p(0.3, 0.45), p(0.0, 0.03)),
            (w * p(0.85, 0.95), p(0.06, 0.12)),
            (w * p(0.75, 0.85), y * p(0.6, 0.7)),
            sharp(w * p(0.3, 0.45), y),
            (w * p(0.95, 1.1), y + (1 - y) * 0.45),
            (w * p(0.45, 0.6), 1.0),
            (w * p(-0.1, 0.1), p(0.85, 0.95)),
        ]
    ]


@three.way(0.6)
def hooked(p: Dice) -> Drawing:
    """A short hook below a flat or pointed head: almost a 7."""
    w, y = p(0.35, 0.6), p(0.4, 0.55)
    return [
        [
            (w * p(0.0, 0.2), p(0.02, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.9, 1.0), p(0.08, 0.2)),
            sharp(w * p(0.4, 0.6), y),
            (w * p(0.85, 1.0), y + (1 - y) * p(0.25, 0.4)),
            (w * p(0.6, 0.8), p(0.85, 0.95)),
            (w * p(0.2, 0.5), p(0.95, 1.03)),
        ]
    ]


@three.way(1)
def cornered_top(p: Dice) -> Drawing:
    """A flat bar and a slant that ends in a round bow: almost a 5 seen from behind."""
    w, y = p(0.4, 0.65), p(0.32, 0.46)
    return [
        [
            (w * p(0.05, 0.3), p(-0.02, 0.08)),
            (w * p(0.5, 0.7), p(-0.02, 0.03)),
            sharp(w * p(0.8, 1.1), p(-0.06, 0.06)),
            (w * p(0.55, 0.7), y * p(0.5, 0.65)),
            (w * p(0.3, 0.5), y),
            (w * p(0.8, 0.9), y + p(0.04, 0.12)),
            (w * p(0.95, 1.05), p(0.68, 0.78)),
            (w * p(0.45, 0.6), p(0.96, 1.0)),
            (w * p(-0.1, 0.15), p(0.85, 0.97)),
        ]
    ]


@three.way(0.4)
def curled_head(p: Dice) -> Drawing:
    """The head begins with a curl, the foot ends with one."""
    w, y = p(0.45, 0.65), p(0.4, 0.52)
    return [
        [
            (w * p(0.2, 0.4), p(0.2, 0.32)),
            (w * p(0.0, 0.12), p(0.14, 0.24)),
            (w * p(0.2, 0.3), p(0.02, 0.06)),
            (w * p(0.6, 0.7), p(0.0, 0.03)),
            (w * p(0.85, 1.0), y * p(0.45, 0.6)),
            sharp(w * p(0.35, 0.55), y),
            (w * p(0.95, 1.1), y + (1 - y) * p(0.4, 0.5)),
            (w * p(0.5, 0.6), 1.0),
            (w * p(0.02, 0.15), p(0.85, 0.94)),
            (w * p(0.05, 0.3), p(0.68, 0.82)),
        ]
    ]


@three.way(1.7)
def pointed_waist(p: Dice) -> Drawing:
    """Two arches side by side when the paper turns: straight runs into a deep waist."""
    w, y = p(0.4, 0.65), p(0.38, 0.52)
    return [
        [
            (w * p(-0.1, 0.15), p(0.02, 0.2)),
            (w * p(0.5, 0.7), p(-0.02, 0.03)),
            (w * p(0.9, 1.05), y * p(0.35, 0.5)),
            sharp(w * p(0.05, 0.3), y + p(-0.03, 0.05)),
            (w * p(0.7, 0.85), y + p(0.03, 0.1)),
            (w * p(0.95, 1.15), y + (1 - y) * p(0.45, 0.6)),
            (w * p(0.4, 0.6), p(0.96, 1.0)),
            (w * p(-0.2, 0.15), p(0.84, 1.0)),
        ]
    ]


@three.way(0.5)
def el_below(p: Dice) -> Drawing:
    """A small hooked head, a waist, and a bow that ends straight down."""
    w, y = p(0.3, 0.5), p(0.36, 0.5)
    return [
        [
            (w * p(0.0, 0.25), p(0.05, 0.18)),
            (w * p(0.5, 0.65), 0.0),
            (w * p(0.9, 1.0), y * 0.45),
            (w * p(0.5, 0.65), y),
            (w * p(0.9, 1.1), y + (1 - y) * p(0.3, 0.4)),
            (w * p(0.8, 1.0), p(0.8, 0.9)),
            (w * p(0.3, 0.7), 1.0),
        ]
    ]


@three.way(1)
def flat_foot(p: Dice) -> Drawing:
    """The lower bow runs back along a flat foot."""
    w, y = p(0.4, 0.6), p(0.4, 0.5)
    return [
        [
            (w * p(-0.1, 0.2), p(0.02, 0.18)),
            (w * p(0.4, 0.6), p(-0.02, 0.02)),
            (w * p(0.82, 1.0), y * p(0.4, 0.55)),
            sharp(w * p(0.2, 0.45), y),
            (w * p(0.8, 0.95), y + (1 - y) * p(0.2, 0.35)),
            (w * p(0.9, 1.05), p(0.8, 0.88)),
            (w * p(0.6, 0.75), p(0.95, 1.0)),
            (w * p(-0.3, 0.1), p(0.95, 1.03)),
        ]
    ]


@three.way(0.8)
def arches(p: Dice) -> Drawing:
    """Two pointed arches on lines of almost the same slope: an m on its side."""
    w, y = p(0.45, 0.75), p(0.4, 0.52)
    return [
        [
            (w * p(-0.1, 0.2), p(0.05, 0.25)),
            (w * p(0.4, 0.7), p(-0.02, 0.06)),
            (w * p(0.8, 1.0), p(0.05, 0.15)),
            sharp(w * p(0.0, 0.3), y + p(-0.04, 0.06)),
            (w * p(0.6, 0.8), y + p(-0.04, 0.06)),
            (w * p(0.9, 1.1), y + p(0.08, 0.2)),
            (w * p(0.6, 0.8), p(0.8, 0.9)),
            (w * p(-0.2, 0.3), p(0.92, 1.05)),
        ]
    ]
