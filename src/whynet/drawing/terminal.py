"""Pictures as text for terminals: two pixels to a character, in colour or without.

``colours`` is what `rich.console.Console.color_system` says: "truecolor", "256", or anything else
for terminals that have few colours or none (Rich knows NO_COLOR and dumb terminals). Without
colours, ink is drawn by characters that cover more or less, and signed numbers by + and −.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whynet.drawing.colours import LIGHT, Rgb, Theme, to_oklab
from whynet.drawing.raster import as_rgb
from whynet.errors import ConfigError, ShapeError
from whynet.options import whole

RESET = "\x1b[0m"

_COVER = " ░▒▓█"
_SIGNED = 0.2
"""Numbers from this share of the largest on are worth a sign."""

_NARROWEST = 12
"""Characters that a title gets at least before it is wrapped."""

_STEPS = (0, 95, 135, 175, 215, 255)
_CUBE_AND_GREYS = np.array(
    [*product(_STEPS, repeat=3), *((level, level, level) for level in range(8, 239, 10))]
)
"""Colours 16 to 255 of terminals that have 256; the first 16 are whatever people set."""

_CODE = re.compile(r"\x1b\[[0-9;]*m")


def half_blocks(
    rgb: Rgb,
    colours: str | None = "truecolor",
    *,
    values: ArrayLike | None = None,
    theme: Theme = LIGHT,
) -> str:
    """Return a picture as lines of ▀, each the colours of an upper and a lower pixel.

    Args:
        rgb: uint8 (h, w, 3); becomes w characters on ⌈h / 2⌉ lines, without an end of line at
            the end. Every line ends with a reset, or has no codes at all.
        colours: what the terminal has, see above.
        values: (h, w) the signed numbers that the picture's colours stand for, if they do: where
            there are no colours, what is large is drawn as + or −.
        theme: what the picture was drawn in; without colours its paper is left blank.

    Raises:
        ShapeError: no picture, or values of another size.
    """
    picture = as_rgb(rgb)
    numbers = np.zeros(picture.shape[:2]) if values is None else np.asarray(values, np.float64)
    if numbers.shape != picture.shape[:2]:
        raise ShapeError(
            f"expected values of the picture's size {picture.shape[:2]}, got {numbers.shape}"
        )
    if colours == "truecolor":
        names = [[f"2;{r};{g};{b}" for r, g, b in row] for row in picture.tolist()]
    elif colours == "256":
        names = [[f"5;{index}" for index in row] for row in _of_256(picture).tolist()]
    else:
        return _plain(picture, numbers, theme)
    names += [[""] * len(names[0])] * (len(names) % 2)
    pairs = zip(names[::2], names[1::2], strict=True)
    return "\n".join(_line(upper, lower) for upper, lower in pairs)


def beside(
    blocks: Sequence[str], titles: Sequence[str] = (), *, gap: int = 3, width: int = 80
) -> str:
    """Return pictures side by side, with titles above, on as many rows as the width needs.

    Args:
        blocks: from `half_blocks`.
        titles: one for each, or none at all; wrapped to their pictures, and rid of characters
            that a terminal would obey.
        gap: characters between pictures.
        width: of the terminal; a single picture that is wider stays whole.

    Raises:
        ConfigError: not a title for each picture.
    """
    gap, width = whole(gap, "a gap", least=0), whole(width, "a width", least=1)
    if titles and len(titles) != len(blocks):
        raise ConfigError(f"expected a title for each of {len(blocks)} pictures, got {len(titles)}")
    rows: list[list[_Column]] = []
    free = 0
    for block, title in zip(blocks, titles or [""] * len(blocks), strict=True):
        column = _Column(block, title)
        if not rows or column.width + gap > free:
            rows.append([])
            free = width + gap
        rows[-1].append(column)
        free -= column.width + gap
    return "\n\n".join(_side_by_side(row, " " * gap) for row in rows)


class _Column:
    """A picture's lines and its title's, and how wide they are together."""

    def __init__(self, block: str, title: str) -> None:
        self.lines = block.split("\n")
        across = max(_cells(line) for line in self.lines)
        safe = "".join(letter if letter.isprintable() else "\ufffd" for letter in title)
        self.titles = textwrap.wrap(safe, max(across, _NARROWEST))
        self.width = max([across, *(_cells(line) for line in self.titles)])


def _side_by_side(columns: Sequence[_Column], gap: str) -> str:
    above = max(len(column.titles) for column in columns)
    below = max(len(column.lines) for column in columns)
    filled = []
    for column in columns:
        lines = [""] * (above - len(column.titles)) + column.titles + column.lines
        lines += [""] * (above + below - len(lines))
        filled.append([line + " " * (column.width - _cells(line)) for line in lines])
    return "\n".join(gap.join(parts).rstrip(" ") for parts in zip(*filled, strict=True))


def _cells(line: str) -> int:
    """Return how many characters wide a terminal shows a line."""
    shown = [letter for letter in _CODE.sub("", line) if not unicodedata.combining(letter)]
    return len(shown) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in shown)


def _line(upper: Sequence[str], lower: Sequence[str]) -> str:
    """Write a line of ▀; a colour is told only where it changes."""
    written, top, bottom = [], "", ""
    for above, below in zip(upper, lower, strict=True):
        codes = [f"38;{above}"] if above != top else []
        codes += [f"48;{below}"] if below != bottom else []
        written.append(f"\x1b[{';'.join(codes)}m▀" if codes else "▀")
        top, bottom = above, below
    return "".join(written) + RESET


def _of_256(picture: Rgb) -> NDArray[np.int64]:
    """Return the numbers (h, w) of the colours that look nearest."""
    colours, places = np.unique(picture.reshape(-1, 3), axis=0, return_inverse=True)
    far = np.square(to_oklab(colours)[:, None] - to_oklab(_CUBE_AND_GREYS)).sum(axis=-1)
    numbers: NDArray[np.int64] = 16 + far.argmin(axis=1)
    return numbers[places].reshape(picture.shape[:2])


def _plain(picture: Rgb, values: NDArray[np.float64], theme: Theme) -> str:
    """Draw two pixels as one character: their sign if it is large, else how dark they are."""
    paper, ink = to_oklab(theme.paper)[0], to_oklab(theme.ink)[0]
    cover = np.clip((to_oklab(picture)[..., 0] - paper) / (ink - paper), 0, 1)
    odd = [(0, len(picture) % 2), (0, 0)]
    covers = np.pad(cover, odd).reshape(-1, 2, picture.shape[1]).mean(axis=1)
    pairs = np.pad(values, odd).reshape(-1, 2, picture.shape[1])
    first = np.abs(pairs[:, 0]) >= np.abs(pairs[:, 1])
    largest = np.where(first, pairs[:, 0], pairs[:, 1])
    letters = np.array(list(_COVER))[np.rint(covers * (len(_COVER) - 1)).astype(np.int64)]
    large = np.abs(largest) >= _SIGNED * np.abs(values).max()
    letters = np.where(large & (largest > 0), "+", letters)
    letters = np.where(large & (largest < 0), "−", letters)
    return "\n".join("".join(row) for row in letters)
