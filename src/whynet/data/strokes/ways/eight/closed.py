"""Ways of writing 8 with two closed loops."""

import numpy as np

from whynet.data.strokes.skeleton import Dice, Drawing, Stroke, Ways, arc, sharp

closed = Ways("8", pen=0.95)


@closed.way(4.3)
def ess_and_back(p: Dice) -> Drawing:
    """An S from the upper right, and back up to where it began."""
    w, y = p(0.4, 0.65), p(0.42, 0.52)
    top, foot = w * p(0.35, 0.45), w * p(0.42, 0.52)
    x = w * 0.5
    return [
        [
            (x + top * p(0.6, 0.95), p(0.08, 0.18)),
            (x + top * p(0.0, 0.3), 0.0),
            (x - top, y * p(0.42, 0.55)),
            (x, y),
            (x + foot, y + (1 - y) * p(0.45, 0.58)),
            (x, 1.0),
            (x - foot, y + (1 - y) * p(0.5, 0.65)),
            (x, y + p(-0.02, 0.06)),
            (x + top * p(0.85, 1.0), y * p(0.4, 0.55)),
            (x + top * p(0.5, 0.8), p(0.02, 0.12)),
        ]
    ]


@closed.way(1.4)
def two_rings(p: Dice) -> Drawing:
    """One ring on top of the other."""
    r1, r2, y = p(0.14, 0.24), p(0.18, 0.3), p(0.4, 0.5)
    shift = p(-0.04, 0.04)
    head = arc(0.0, y / 2, r1, y / 2, p(60, 120), -p(345, 385), 8)
    belly = arc(shift, (1 + y) / 2, r2, (1 - y) / 2, p(-120, -60), -p(345, 385), 8)
    return [head, belly]


@closed.way(1.4)
def from_the_left(p: Dice) -> Drawing:
    """From the upper left: over the top, down to the left, round and back."""
    w, y = p(0.4, 0.65), p(0.42, 0.52)
    return [
        [
            (w * p(0.05, 0.2), p(0.1, 0.2)),
            (w * p(0.4, 0.6), 0.0),
            (w * p(0.85, 0.95), y * p(0.4, 0.55)),
            (w * 0.5, y),
            (w * p(0.0, 0.08), y + (1 - y) * 0.55),
            (w * 0.5, 1.0),
            (w * p(0.92, 1.0), y + (1 - y) * 0.55),
            (w * 0.5, y),
            (w * p(0.05, 0.15), y * p(0.4, 0.55)),
            (w * p(0.2, 0.5), p(-0.02, 0.06)),
        ]
    ]


@closed.way(1.3)
def slanted_narrow(p: Dice) -> Drawing:
    """Narrow, and both loops pulled along a slant."""
    w, y, lean = p(0.24, 0.38), p(0.44, 0.54), p(0.05, 0.3)
    return [
        [
            (w * 0.9 + lean, p(0.06, 0.16)),
            (w * 0.6 + lean, 0.0),
            (w * 0.1 + lean * 0.8, y * 0.5),
            (w * 0.5 + lean * 0.5, y),
            (w * p(0.85, 1.0) + lean * 0.25, y + (1 - y) * 0.5),
            (w * p(0.35, 0.5), 1.0),
            (w * p(-0.05, 0.08) + lean * 0.15, y + (1 - y) * 0.6),
            (w * 0.5 + lean * 0.5, y + p(-0.03, 0.04)),
            (w * p(0.9, 1.05) + lean * 0.85, y * 0.42),
            (w * p(0.6, 0.9) + lean, p(0.0, 0.08)),
        ]
    ]


@closed.way(1.5)
def wide(p: Dice) -> Drawing:
    """Low and wide."""
    w, y = p(0.65, 0.9), p(0.42, 0.54)
    return [
        [
            (w * p(0.75, 0.9), p(0.08, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.05, 0.18), y * p(0.42, 0.55)),
            (w * p(0.42, 0.55), y),
            (w * p(0.88, 1.0), y + (1 - y) * 0.52),
            (w * p(0.45, 0.55), 1.0),
            (w * p(0.0, 0.1), y + (1 - y) * 0.58),
            (w * p(0.45, 0.55), y + p(-0.02, 0.04)),
            (w * p(0.88, 0.98), y * p(0.38, 0.5)),
            (w * p(0.65, 0.85), p(0.0, 0.1)),
        ]
    ]


@closed.way(0.5)
def small_head(p: Dice) -> Drawing:
    """A small head on a big belly."""
    w, y = p(0.45, 0.7), p(0.28, 0.4)
    return [
        [
            (w * p(0.65, 0.75), p(0.06, 0.12)),
            (w * 0.5, 0.0),
            (w * p(0.2, 0.3), y * 0.5),
            (w * 0.5, y),
            (w * p(0.92, 1.0), y + (1 - y) * 0.52),
            (w * 0.5, 1.0),
            (w * p(0.0, 0.08), y + (1 - y) * 0.55),
            (w * 0.48, y + p(-0.01, 0.04)),
            (w * p(0.72, 0.82), y * 0.5),
            (w * p(0.55, 0.7), p(0.0, 0.06)),
        ]
    ]


@closed.way(2.1)
def small_belly(p: Dice) -> Drawing:
    """A big head on a small, perhaps almost flat, belly."""
    w, y = p(0.42, 0.65), p(0.54, 0.68)
    return [
        [
            (w * p(0.85, 0.95), p(0.08, 0.18)),
            (w * p(0.5, 0.6), 0.0),
            (w * p(0.0, 0.1), y * p(0.42, 0.52)),
            (w * p(0.42, 0.52), y),
            (w * p(0.68, 0.85), y + (1 - y) * 0.55),
            (w * p(0.4, 0.5), 1.0),
            (w * p(0.15, 0.28), y + (1 - y) * 0.6),
            (w * p(0.42, 0.55), y + p(-0.03, 0.03)),
            (w * p(0.9, 1.0), y * p(0.4, 0.5)),
            (w * p(0.7, 0.9), p(0.0, 0.1)),
        ]
    ]


@closed.way(1.3)
def hourglass(p: Dice) -> Drawing:
    """Straight crossing lines with a flat top and foot."""
    w = p(0.4, 0.6)
    return [
        [
            (w * p(0.85, 1.0), p(0.02, 0.12)),
            (w * p(0.45, 0.6), p(-0.02, 0.03)),
            (w * p(0.0, 0.12), p(0.06, 0.16)),
            (w * p(0.4, 0.55), 0.47),
            (w * p(0.9, 1.0), p(0.84, 0.92)),
            (w * p(0.45, 0.55), 1.0),
            (w * p(0.0, 0.1), p(0.84, 0.92)),
            (w * p(0.42, 0.55), 0.5),
            (w * p(0.85, 1.0), p(0.08, 0.16)),
        ]
    ]


@closed.way(0.8)
def from_the_waist(p: Dice) -> Drawing:
    """Starts in the middle, first over the top, then round the foot."""
    w, y = p(0.4, 0.62), p(0.42, 0.52)
    return [
        [
            (w * p(0.5, 0.7), y + p(0.0, 0.05)),
            (w * p(0.05, 0.2), y * p(0.5, 0.65)),
            (w * 0.5, 0.0),
            (w * p(0.85, 0.98), y * p(0.4, 0.55)),
            (w * p(0.4, 0.55), y + p(0.0, 0.04)),
            (w * p(0.0, 0.1), y + (1 - y) * 0.55),
            (w * 0.5, 1.0),
            (w * p(0.92, 1.0), y + (1 - y) * 0.55),
            (w * p(0.45, 0.6), y + p(-0.02, 0.06)),
        ]
    ]


@closed.way(0.9)
def pointed_top(p: Dice) -> Drawing:
    """The two arms meet in a point at the upper right."""
    w, y = p(0.42, 0.65), p(0.44, 0.54)
    tip = sharp(w * p(0.85, 1.1), p(-0.05, 0.08))
    return [
        [
            tip,
            (w * p(0.3, 0.5), p(0.02, 0.08)),
            (w * p(0.08, 0.2), y * p(0.5, 0.62)),
            (w * p(0.45, 0.55), y),
            (w * p(0.85, 0.98), y + (1 - y) * 0.52),
            (w * p(0.42, 0.55), 1.0),
            (w * p(0.0, 0.1), y + (1 - y) * 0.58),
            (w * p(0.4, 0.52), y + p(-0.03, 0.03)),
            tip,
        ]
    ]


@closed.way(1.3)
def thread(p: Dice) -> Drawing:
    """The belly is so narrow that its two sides almost touch: almost a 9."""
    w, y = p(0.32, 0.55), p(0.45, 0.58)
    x, thin = w * p(0.3, 0.55), w * p(0.06, 0.16)
    return [
        [
            (w * p(0.8, 1.0), p(0.06, 0.16)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.05, 0.15), y * p(0.45, 0.6)),
            (w * p(0.42, 0.55), y),
            (x + thin * 2, y + (1 - y) * 0.5),
            (x, 1.0),
            (x - thin, y + (1 - y) * 0.6),
            (w * p(0.5, 0.62), y),
            (w * p(0.9, 1.05), y * p(0.4, 0.5)),
            (w * p(0.7, 1.0), p(0.0, 0.1)),
        ]
    ]


@closed.way(1.2)
def flat_belly(p: Dice) -> Drawing:
    """Wide loops, the lower one pressed flat."""
    w, y = p(0.5, 0.75), p(0.5, 0.62)
    return [
        [
            (w * p(0.75, 0.9), p(0.1, 0.2)),
            (w * p(0.45, 0.6), 0.0),
            (w * p(0.05, 0.18), y * 0.5),
            (w * p(0.35, 0.5), y - p(0.0, 0.05)),
            (w * p(0.85, 1.0), y + (1 - y) * p(0.35, 0.55)),
            (w * p(0.5, 0.65), 1.0),
            (w * p(0.05, 0.2), y + (1 - y) * p(0.5, 0.7)),
            (w * p(0.4, 0.55), y + p(-0.02, 0.06)),
            (w * p(0.9, 1.05), y * p(0.3, 0.5)),
            (w * p(0.6, 0.85), p(0.02, 0.12)),
        ]
    ]


@closed.way(0.6)
def six_with_roof(p: Dice) -> Drawing:
    """A long S with a small hook on top, whose belly closes low: almost a 6 or a 5."""
    w, y = p(0.4, 0.65), p(0.4, 0.52)
    return [
        [
            (w * p(0.7, 1.0), p(0.1, 0.25)),
            (w * p(0.45, 0.65), p(0.0, 0.04)),
            (w * p(0.08, 0.22), y * p(0.4, 0.55)),
            (w * p(0.35, 0.5), y),
            (w * p(0.9, 1.0), y + (1 - y) * p(0.4, 0.55)),
            (w * p(0.45, 0.6), 1.0),
            (w * p(0.0, 0.12), y + (1 - y) * p(0.5, 0.65)),
            (w * p(0.3, 0.5), y + p(0.0, 0.1)),
            (w * p(0.6, 0.85), y * p(0.6, 0.9)),
        ]
    ]


@closed.way(1.1)
def wide_rings(p: Dice) -> Drawing:
    """Two wide rings, one on the other."""
    r1, r2, y = p(0.26, 0.4), p(0.3, 0.45), p(0.42, 0.54)
    head = arc(p(-0.12, 0.12), y / 2, r1, y / 2, p(40, 140), -p(340, 385), 8)
    belly = arc(0.0, (1 + y) / 2, r2, (1 - y) / 2, p(-140, -40), -p(340, 385), 8)
    return [head, belly]


@closed.way(0.7)
def bead(p: Dice) -> Drawing:
    """A tiny closed loop above or below, perhaps filled with ink, on a big one."""
    w, y = p(0.4, 0.65), p(0.2, 0.3)
    up = np.where(p(0, 1) < 0.5, 1.0, 0.0)
    x, r1, r2 = w / 2, w * p(0.15, 0.28), w * 0.5
    loop: Stroke = [
        (x + r1 * 0.6, y * p(0.1, 0.3)),
        (x, 0.0),
        (x - r1, y * 0.5),
        (x, y),
        (x + r2, y + (1 - y) * p(0.42, 0.56)),
        (x, 1.0),
        (x - r2, y + (1 - y) * p(0.42, 0.56)),
        (x, y + p(-0.02, 0.05)),
        (x + r1, y * p(0.4, 0.6)),
        (x + r1 * p(0.2, 0.8), y * p(0.0, 0.2)),
    ]
    # Turned by half a circle the small loop is the lower one.
    return [[(up * a + (1 - up) * (w - a), up * b + (1 - up) * (1 - b)) for a, b in loop]]
