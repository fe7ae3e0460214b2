"""Numbers as colours: ink on paper, signed evidence, activations, and what changed.

Colours are mixed in OKLab (Ottosson 2020, https://bottosson.github.io/posts/oklab), where equal
steps look equal. Blue speaks for and orange against: a pair that people with any colour vision
tell apart, equally light and equally strong, so that equal evidence looks equal on both sides.
What was added and what was erased differ in lightness too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.options import number

Rgb = NDArray[np.uint8]
"""Colours, (..., height, width, 3)."""

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_Floats = NDArray[np.float64]

# -- OKLab ------------------------------------------------------------------------------------

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_CONES, _FROM_LAB = np.linalg.inv(_TO_CONES), np.linalg.inv(_TO_LAB)


def to_oklab(rgb: ArrayLike) -> NDArray[np.float64]:
    """Return colours (..., 3) of 0 to 255 as lightness (0 to 1), green–red and blue–yellow."""
    share = np.asarray(rgb, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    found: _Floats = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return found


def from_oklab(lab: ArrayLike) -> Rgb:
    """Return the colours (..., 3) that `to_oklab` took apart; what no screen has is clipped."""
    linear = np.clip((np.asarray(lab, np.float64) @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T, 0, 1)
    share = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    found: Rgb = np.rint(share * 255).astype(np.uint8)
    return found


def _colour(lightness: float, chroma: float, hue: float) -> Colour:
    """Return a colour by its lightness (0 to 1), strength and hue in degrees, as OKLCH has them."""
    turn = np.radians(hue)
    red, green, blue = from_oklab((lightness, chroma * np.cos(turn), chroma * np.sin(turn)))
    return int(red), int(green), int(blue)


# -- themes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Theme:
    """The colours of everything that is drawn.

    Attributes:
        name: "light" or "dark".
        paper, ink: what pictures are drawn on and with.
        text, pale: of words, and of those that matter less.
        rule: of thin lines.
        positive, negative: what speaks for and what against.
        strong: of the largest activation.
        kept, added, erased: of ink in a picture that was changed.
        series: of curves, the first one first.
        faint: how much of its ink is left of a picture that lies under something else.
    """

    name: str
    paper: Colour
    ink: Colour
    text: Colour
    pale: Colour
    rule: Colour
    positive: Colour
    negative: Colour
    strong: Colour
    kept: Colour
    added: Colour
    erased: Colour
    series: tuple[Colour, ...]
    faint: float


LIGHT = Theme(
    name="light",
    paper=(255, 255, 255),
    ink=(0, 0, 0),
    text=_colour(0.24, 0.012, 257),
    pale=_colour(0.52, 0.015, 257),
    rule=_colour(0.91, 0.008, 257),
    positive=_colour(0.60, 0.155, 257),
    negative=_colour(0.60, 0.155, 50),
    strong=_colour(0.36, 0.17, 300),
    kept=_colour(0.38, 0.01, 257),
    added=_colour(0.54, 0.125, 155),
    erased=_colour(0.80, 0.13, 345),
    series=(
        _colour(0.55, 0.155, 257),
        _colour(0.63, 0.150, 50),
        _colour(0.50, 0.115, 155),
        _colour(0.50, 0.170, 300),
        _colour(0.70, 0.150, 345),
        _colour(0.52, 0.015, 257),
    ),
    faint=0.15,
)
"""Black on white."""

DARK = Theme(
    name="dark",
    paper=_colour(0.19, 0.01, 257),
    ink=_colour(0.95, 0.005, 257),
    text=_colour(0.92, 0.005, 257),
    pale=_colour(0.73, 0.015, 257),
    rule=_colour(0.34, 0.012, 257),
    positive=_colour(0.73, 0.135, 255),
    negative=_colour(0.73, 0.135, 57),
    strong=_colour(0.82, 0.13, 300),
    kept=_colour(0.70, 0.01, 257),
    added=_colour(0.82, 0.15, 155),
    erased=_colour(0.52, 0.15, 345),
    series=(
        _colour(0.73, 0.135, 255),
        _colour(0.75, 0.135, 57),
        _colour(0.80, 0.150, 155),
        _colour(0.72, 0.140, 300),
        _colour(0.78, 0.130, 345),
        _colour(0.73, 0.015, 257),
    ),
    faint=0.28,
)
"""Pale grey on nearly black."""


def css(colour: Colour) -> str:
    """Return a colour as CSS writes it: "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


# -- numbers as colours -----------------------------------------------------------------------


def ink(picture: NDArray[np.uint8], theme: Theme = LIGHT) -> Rgb:
    """Return a picture as it is shown to people.

    Grey levels count ink, as in MNIST: 0 is bare paper and 255 full ink. So in the light theme
    what is stored white on black is shown black on white, each level exactly as 255 − level.
    Colours stay as they are.

    Args:
        picture: uint8 grey (h, w) or (h, w, 1), colour (h, w, 3); or n of them, (n, h, w, 1 or 3).
        theme: its paper and ink.

    Raises:
        ShapeError, ConfigError: it is none of these.
    """
    picture = _as_picture(picture)
    if picture.shape[-1] == 3:
        return picture.copy()
    paper, full = np.array(theme.paper, np.float64), np.array(theme.ink, np.float64)
    shown: Rgb = np.rint(paper + picture / 255 * (full - paper)).astype(np.uint8)
    return shown


def signed(
    values: ArrayLike,
    *,
    limit: float | None = None,
    over: NDArray[np.uint8] | None = None,
    theme: Theme = LIGHT,
) -> Rgb:
    """Return signed numbers as colours: what is positive blue, what is negative orange.

    Zero is paper, and the way to full colour is even: twice the number looks twice as coloured.

    Args:
        values: (..., h, w), finite.
        limit: the size from which on a number has full colour; by default the largest one's.
        over: a picture of the same size, as `ink` takes it, to be seen faintly under the colours:
            paper and weak colours show it, full colour hides it.
        theme: its paper and colours.

    Returns:
        uint8 (..., h, w, 3).

    Raises:
        ShapeError, ConfigError: values, limit or picture make no sense.
    """
    found = _as_values(values)
    largest = _limit(found, limit)
    share = np.clip(found, -largest, largest)[..., None] / largest
    ground = to_oklab(theme.paper)
    if over is not None:
        levels = _levels(over)
        if levels.shape[-2:] != found.shape[-2:]:
            raise ShapeError(
                f"expected a picture of the values' size {found.shape[-2:]}, "
                f"got {levels.shape[-2:]}"
            )
        ground = _mixed(theme, (theme.faint * levels, theme.ink))
    full = np.where(share >= 0, to_oklab(theme.positive), to_oklab(theme.negative))
    return from_oklab(ground + np.abs(share) * (full - ground))


def sequential(
    values: ArrayLike, *, low: float = 0.0, high: float | None = None, theme: Theme = LIGHT
) -> Rgb:
    """Return numbers as colours from paper (none) to violet (most), such as activations.

    Args:
        values: (..., h, w), finite.
        low: the number that is paper, and all below it.
        high: the number that has full colour, and all above it; by default the largest one.
        theme: its paper and colour.

    Returns:
        uint8 (..., h, w, 3).

    Raises:
        ShapeError, ConfigError: values or bounds make no sense.
    """
    found = _as_values(values)
    low = number(low, "low")
    above = np.maximum(found - low, 0)
    span = _limit(above, None if high is None else number(high, "high", above=low) - low)
    return from_oklab(_mixed(theme, (np.minimum(above, span) / span, theme.strong)))


def difference(before: NDArray[np.uint8], after: NDArray[np.uint8], theme: Theme = LIGHT) -> Rgb:
    """Return what happened between two pictures: ink kept grey, added green, erased pink.

    Args:
        before: a picture, as `ink` takes it, or several.
        after: as many of the same size.
        theme: its paper and colours.

    Returns:
        uint8 (h, w, 3), or (n, h, w, 3).

    Raises:
        ShapeError, ConfigError: they are no pictures, or not of the same size.
    """
    first, second = _levels(before), _levels(after)
    if first.shape != second.shape:
        raise ShapeError(
            f"expected two pictures of the same size, got {first.shape} and {second.shape}"
        )
    change = second - first
    return from_oklab(
        _mixed(
            theme,
            (np.minimum(first, second), theme.kept),
            (np.maximum(change, 0), theme.added),
            (np.maximum(-change, 0), theme.erased),
        )
    )


# -- inside -----------------------------------------------------------------------------------


def _mixed(theme: Theme, *parts: tuple[_Floats, Colour]) -> _Floats:
    """Return paper with shares (..., h, w) of colours laid on it, in OKLab."""
    paper = to_oklab(theme.paper)
    laid = [share[..., None] * (to_oklab(colour) - paper) for share, colour in parts]
    mixed: _Floats = paper + sum(laid)
    return mixed


def _limit(values: _Floats, limit: float | None) -> float:
    """Return what is divided by to get shares; of nothing but zeros, 1."""
    if limit is not None:
        return number(limit, "a limit of the colours", above=0)
    return float(np.abs(values).max(initial=0)) or 1.0


def _as_values(values: ArrayLike) -> _Floats:
    found = np.asarray(values)
    if found.ndim < 2:
        raise ShapeError(f"expected numbers as (..., height, width), got {found.shape}")
    if found.dtype.kind not in "buif" or not np.isfinite(found).all():
        raise ConfigError("expected finite numbers to colour, got something else")
    return found.astype(np.float64)


def _as_picture(picture: NDArray[np.uint8]) -> NDArray[Any]:
    """Return a picture or several with their channels last."""
    found = np.asarray(picture)
    if found.ndim == 2:
        found = found[..., None]
    if found.ndim not in (3, 4) or found.shape[-1] not in (1, 3):
        raise ShapeError(
            "expected a picture as (height, width), (height, width, 1 or 3), or several as "
            f"(n, height, width, 1 or 3), got {np.shape(picture)}"
        )
    if found.dtype != np.uint8:
        raise ConfigError(f"expected pixels as uint8 levels of 0 to 255, got {found.dtype}")
    return found


def _levels(picture: NDArray[np.uint8]) -> _Floats:
    """Return how much ink lies where, 0 to 1, (h, w) or (n, h, w); colours by their darkness."""
    found = _as_picture(picture)
    if found.shape[-1] == 1:
        grey: _Floats = found[..., 0] / 255
        return grey
    dark: _Floats = 1 - to_oklab(found)[..., 0]
    return np.clip(dark, 0, 1)
