"""Ways of writing 8 that leave a loop open, or run out of it."""

from whynet.data.strokes.skeleton import Dice, Drawing, Ways

opened = Ways("8", pen=0.95)


@opened.way(2.9)
def long_exit(p: Dice) -> Drawing:
    """The end runs out far to the upper right."""
    w, y = p(0.38, 0.55), p(0.42, 0.54)
    return [
        [
            (w * p(0.7, 0.95), p(0.06, 0.18)),
            (w * p(0.4, 0.6), p(0.0, 0.04)),
            (w * p(0.05, 0.18), y * p(0.42, 0.6)),
            (w * p(0.4, 0.55), y),
            (w * p(0.85, 1.0), y + (1 - y) * p(0.45, 0.6)),
            (w * p(0.4, 0.55), 1.0),
            (w * p(0.0, 0.12), y + (1 - y) * p(0.5, 0.65)),
            (w * p(0.45, 0.6), y - p(-0.02, 0.05)),
            (w * p(0.95, 1.1), y * p(0.35, 0.5)),
            (w * p(1.2, 1.6), p(-0.15, 0.05)),
        ]
    ]


@opened.way(2.5)
def open_top(p: Dice) -> Drawing:
    """The top stays open."""
    w, y = p(0.4, 0.65), p(0.42, 0.54)
    return [
        [
            (w * p(0.5, 0.8), p(0.0, 0.06)),
            (w * p(0.1, 0.25), p(0.06, 0.12)),
            (w * p(0.08, 0.2), y * p(0.55, 0.7)),
            (w * 0.5, y),
            (w * p(0.92, 1.0), y + (1 - y) * 0.52),
            (w * 0.5, 1.0),
            (w * p(0.0, 0.1), y + (1 - y) * 0.58),
            (w * p(0.4, 0.55), y + p(-0.02, 0.04)),
            (w * p(0.85, 1.05), y * p(0.3, 0.55)),
        ]
    ]


@opened.way(0.8)
def open_legs(p: Dice) -> Drawing:
    """The foot stays open: from the lower left up over the top and down to the lower right."""
    w, y = p(0.42, 0.65), p(0.4, 0.5)
    return [
        [
            (w * p(0.25, 0.45), p(0.95, 1.0)),
            (w * p(0.0, 0.1), p(0.78, 0.86)),
            (w * p(0.4, 0.55), y + p(0.0, 0.06)),
            (w * p(0.85, 0.98), y * 0.5),
            (w * p(0.45, 0.55), 0.0),
            (w * p(0.05, 0.15), y * 0.5),
            (w * p(0.45, 0.6), y + p(0.0, 0.06)),
            (w * p(0.92, 1.0), p(0.76, 0.84)),
            (w * p(0.55, 0.8), p(0.95, 1.02)),
        ]
    ]


@opened.way(3.6)
def slanted_open(p: Dice) -> Drawing:
    """Narrow and slanted; the top starts with a hook and the end rises past it."""
    w, y, lean = p(0.28, 0.45), p(0.46, 0.58), p(0.05, 0.3)
    return [
        [
            (w * p(0.6, 0.95) + lean, p(0.06, 0.2)),
            (w * p(0.35, 0.55) + lean, p(0.0, 0.05)),
            (w * p(0.0, 0.12) + lean * 0.8, y * p(0.4, 0.6)),
            (w * p(0.4, 0.55) + lean * 0.5, y),
            (w * p(0.75, 0.95) + lean * 0.25, y + (1 - y) * 0.5),
            (w * p(0.35, 0.5), 1.0),
            (w * p(-0.02, 0.12) + lean * 0.15, y + (1 - y) * p(0.5, 0.65)),
            (w * p(0.45, 0.6) + lean * 0.5, y + p(-0.02, 0.08)),
            (w * p(0.95, 1.3) + lean, y * p(0.35, 0.6)),
            (w * p(1.2, 1.7) + lean, p(-0.05, 0.25)),
        ]
    ]


@opened.way(0.8)
def open_left(p: Dice) -> Drawing:
    """The head is open on the left: almost a 3 with a closed belly."""
    w, y = p(0.4, 0.62), p(0.42, 0.54)
    return [
        [
            (w * p(0.05, 0.25), y * p(0.2, 0.5)),
            (w * p(0.4, 0.55), 0.0),
            (w * p(0.85, 1.0), y * p(0.4, 0.55)),
            (w * p(0.4, 0.55), y),
            (w * p(0.0, 0.12), y + (1 - y) * p(0.5, 0.65)),
            (w * p(0.4, 0.55), 1.0),
            (w * p(0.88, 1.0), y + (1 - y) * p(0.45, 0.6)),
            (w * p(0.4, 0.55), y + p(0.0, 0.06)),
            (w * p(0.08, 0.3), y * p(0.5, 0.75)),
        ]
    ]


@opened.way(1.2)
def two_arms(p: Dice) -> Drawing:
    """Two separate arms rise from a closed belly."""
    w, y = p(0.4, 0.7), p(0.42, 0.56)
    return [
        [
            (w * p(0.75, 1.1), p(-0.02, 0.15)),
            (w * p(0.35, 0.6), p(0.02, 0.1)),
            (w * p(0.05, 0.2), y * p(0.4, 0.6)),
            (w * 0.48, y),
            (w * p(0.85, 1.0), y + (1 - y) * 0.5),
            (w * p(0.4, 0.55), 1.0),
            (w * p(0.0, 0.1), y + (1 - y) * 0.55),
            (w * p(0.4, 0.55), y + p(0.0, 0.08)),
            (w * p(0.95, 1.25), y * p(0.4, 0.75)),
        ]
    ]


@opened.way(1.4)
def ladle(p: Dice) -> Drawing:
    """A small hook on the left, a small belly, and a tall arm that rises on the right."""
    w, y = p(0.35, 0.55), p(0.46, 0.6)
    return [
        [
            (w * p(0.35, 0.65), p(0.04, 0.2)),
            (w * p(0.15, 0.3), p(0.02, 0.1)),
            (w * p(-0.02, 0.1), y * p(0.5, 0.65)),
            (w * p(0.4, 0.55), y),
            (w * p(0.65, 0.85), y + (1 - y) * p(0.45, 0.6)),
            (w * p(0.3, 0.45), 1.0),
            (w * p(0.02, 0.15), y + (1 - y) * p(0.5, 0.7)),
            (w * p(0.45, 0.6), y + p(-0.02, 0.08)),
            (w * p(0.8, 1.0), y * p(0.4, 0.6)),
            (w * p(0.9, 1.25), p(-0.12, 0.06)),
        ]
    ]


@opened.way(1.9)
def cut_belly(p: Dice) -> Drawing:
    """A wide open head with both arms spread, and a belly drawn flat and slanted."""
    w, y = p(0.45, 0.7), p(0.48, 0.6)
    return [
        [
            (w * p(0.9, 1.3), p(0.02, 0.2)),
            (w * p(0.45, 0.7), p(-0.02, 0.06)),
            (w * p(0.05, 0.2), y * p(0.35, 0.5)),
            (w * p(0.3, 0.45), y * p(0.8, 0.95)),
            (w * p(0.7, 0.85), y + (1 - y) * p(0.4, 0.6)),
            (w * p(0.35, 0.5), 1.0),
            (w * p(0.0, 0.12), y + (1 - y) * p(0.55, 0.75)),
            (w * p(0.3, 0.5), y + p(0.0, 0.08)),
            (w * p(0.85, 1.3), y * p(0.3, 0.7)),
        ]
    ]


@opened.way(0.6)
def ribbon(p: Dice) -> Drawing:
    """A loop over two straight legs that stand apart, or nearly meet in a flat foot."""
    w, y = p(0.4, 0.7), p(0.42, 0.6)
    return [
        [
            (w * p(0.0, 0.5), p(0.94, 1.02)),
            (w * p(-0.02, 0.15), p(0.82, 0.92)),
            (w * p(0.4, 0.55), y + p(0.0, 0.05)),
            (w * p(0.82, 1.0), y * p(0.45, 0.6)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.02, 0.2), y * p(0.45, 0.6)),
            (w * p(0.45, 0.6), y + p(0.0, 0.05)),
            (w * p(0.85, 1.05), p(0.8, 0.92)),
            (w * p(0.6, 1.1), p(0.95, 1.04)),
        ]
    ]
