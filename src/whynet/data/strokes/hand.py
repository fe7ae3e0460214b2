"""The hand: what makes the same character come out different every time.

Every image owns one column, or row, of each table here. So what it looks like hangs on nothing but
its own luck and its character, whoever is written beside it.

All lengths are in heights of a digit, until the pen, whose width is in pixels of the final image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whynet.data.strokes.curves import DOTS
from whynet.data.strokes.skeleton import DICE, KNOTS, STROKES

Floats = NDArray[np.float32]

_WAVES = 3  # waves along each axis of the warp
_TREMOR = 8  # waves of the tremor along the pen's path
_SLOW, _FAST = 2, 5  # waves of the pressure: a few long ones and some short ones

_ALONG = np.linspace(0.0, 2 * np.pi, DOTS, dtype=np.float32)


def _waves(turns: tuple[float, ...]) -> Floats:
    """Return sines and cosines along the pen's path, (2 x len(turns), DOTS)."""
    angles = np.outer(np.array(turns, np.float32), _ALONG)
    return np.concatenate([np.sin(angles), np.cos(angles)])


# Random multiples of a sine and its cosine are one sine of random height and phase.
_TREMOR_WAVES = _waves((3.0, 4.3, 5.9, 7.1, 9.7, 12.1, 14.9, 18.3)) / np.float32(_TREMOR**0.5)
_PRESSURE_WAVES = np.concatenate([_waves((0.55, 1.15)), _waves((3.7, 6.1, 9.3, 14.7, 21.1))])


@dataclass(frozen=True)
class Hands:
    """The luck of a batch of n images.

    Attributes:
        way: (n,), in [0, 1): picks the way of writing.
        dice: (`DICE`, n), in [0, 1): the lengths that the way of writing rolls.
        knots: (n, 2, `KNOTS`): how far every named point strays.
        strokes: (n, 2, `STROKES`): how far whole strokes stray from each other.
        ends: (n, 2 x `STROKES`): how far an end overshoots (or, negative, stops short).
        rounding: (n, 1, 1), 0 to 1: how far corners are rounded off.
        frame: (n, 2, 2): stretches, slants and turns the whole character.
        warp: (n, 2, `_WAVES`, 4): each wave's two frequencies, phase and height.
        tremor: (n, 2, waves): the pen's shaking.
        pressure: (n, 1, waves): the pen's width along the path, relative to its mean.
        radius: (n,): half the pen's width in pixels, before the character changes it.
        edge: (n,): how many pixels the ink takes to fade at its edge.
        gamma: (n,): the exponent that makes grey ink lighter or darker.
    """

    way: Floats
    dice: Floats
    knots: Floats
    strokes: Floats
    ends: Floats
    rounding: Floats
    frame: Floats
    warp: Floats
    tremor: Floats
    pressure: Floats
    radius: Floats
    edge: Floats
    gamma: Floats

    @staticmethod
    def draw(rng: np.random.Generator, n: int) -> Hands:
        """Draw the luck of n images."""

        def normal(*shape: int) -> Floats:
            return rng.standard_normal((n, *shape), np.float32)

        def uniform(low: float, high: float, *shape: int) -> Floats:
            return np.float32(low) + np.float32(high - low) * rng.random((n, *shape), np.float32)

        way = uniform(0, 1)
        dice = rng.random((DICE, n), np.float32)
        sway = uniform(0.005, 0.06, 1, 1)
        warp = np.concatenate(
            [
                uniform(-0.9, 0.9, 2, _WAVES, 2),
                uniform(0, 2 * np.pi, 2, _WAVES, 1),
                uniform(0.0, 0.045, 2, _WAVES, 1),
            ],
            axis=3,
        )
        slow = uniform(0.0, 0.25, 1, 1) * normal(1, 2 * _SLOW) / 2
        fast = uniform(0.0, 0.15, 1, 1) * normal(1, 2 * _FAST) / 2.5
        return Hands(
            way=way,
            dice=dice,
            knots=sway * normal(2, KNOTS),
            strokes=0.5 * sway * normal(2, STROKES),
            ends=0.06 * normal(2 * STROKES),
            rounding=np.clip(uniform(-0.4, 1.2, 1, 1), 0, 1),
            frame=_frame(0.06 + 0.14 * normal(), 0.22 + 0.24 * normal(), _turn(normal())),
            warp=warp,
            tremor=uniform(0.0, 0.012, 1, 1) * normal(2, 2 * _TREMOR),
            pressure=np.concatenate([slow, fast], axis=2),
            radius=np.clip(1.3 + 0.36 * normal(), 0.65, 2.7),
            edge=uniform(0.8, 1.7),
            gamma=uniform(0.7, 1.2),
        )

    def calmed(self) -> Hands:
        """Return the same hands writing neatly: strokes that should meet do meet."""
        knots, ends = np.float32(0.4) * self.knots, np.float32(0.15) * self.ends
        return replace(self, knots=knots, ends=ends, strokes=np.zeros_like(self.strokes))

    def shake(self, knots: Floats, ends: NDArray[np.int64], stroke: NDArray[np.int8]) -> None:
        """Move the named points, in place, from where they should be to where they are.

        Args:
            knots: (n, 2, `KNOTS`).
            ends: (n, 2 x `STROKES`, 2): each end of a stroke and its neighbour.
            stroke: (n, `KNOTS`): which stroke each point belongs to.
        """
        rows = np.arange(len(knots))[:, None]
        end, inner = ends[..., 0], ends[..., 1]
        outwards = knots[rows, :, end] - knots[rows, :, inner]
        length = np.sqrt((outwards**2).sum(axis=2, keepdims=True)) + np.float32(1e-3)
        # A short end piece is not trimmed away altogether.
        reach = np.maximum(self.ends[:, :, None], -0.6 * length)
        knots[rows, :, end] += outwards * (reach / length)

        knots += self.knots
        knots += np.take_along_axis(self.strokes, stroke[:, None, :].astype(np.int64), axis=2)
        middle = np.float32(0.5)
        x, y = knots[:, 0], knots[:, 1] - middle
        warped = np.matmul(self.frame, np.stack([x, y], axis=1))
        # Waves across the paper: what stands together sways together.
        along_x, along_y, phase, height = (self.warp[..., k, None] for k in range(4))
        turns = along_x * warped[:, None, None, 0] + along_y * warped[:, None, None, 1]
        sway = height * np.sin(np.float32(2 * np.pi) * turns + phase)
        knots[:] = warped + sway.sum(axis=2)

    def tremble(self, dots: Floats) -> None:
        """Shake the pen along its path, in place: (n, 2, `DOTS`)."""
        dots += np.matmul(self.tremor, _TREMOR_WAVES)

    def press(self) -> Floats:
        """Return the pen's width along its path, relative to its mean: (n, `DOTS`)."""
        swing = np.matmul(self.pressure, _PRESSURE_WAVES)[:, 0]
        return np.asarray(1 + np.clip(swing, -0.4, 0.4), np.float32)


def _turn(luck: Floats) -> Floats:
    """Return degrees: mostly a few, and now and then a paper that lay askew."""
    return np.asarray(8 * luck * np.exp(0.15 * np.abs(luck)), np.float32)


def _frame(stretch: Floats, slant: Floats, turn: Floats) -> Floats:
    """Return matrices (n, 2, 2): stretch across, then slant, then turn by degrees."""
    wide = np.exp(stretch / 2)
    lean = np.clip(slant, -0.4, 0.9)
    angle = np.deg2rad(turn)
    cos, sin = np.cos(angle), np.sin(angle)
    # Leaning to the right moves the top (negative y) to the right.
    across = [cos * wide, -(sin + lean * cos) / wide]
    down = [sin * wide, (cos - lean * sin) / wide]
    return np.moveaxis(np.array([across, down], np.float32), 2, 0)
