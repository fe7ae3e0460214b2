"""Pictures of colours: enlarged, framed, marked, captioned, put together, as PNG.

Every function takes and returns uint8 (height, width, 3). Words are set in Pillow's own font, so
that pictures look the same everywhere; what it cannot write is spelt with what it can.
"""

from __future__ import annotations

import base64
import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whynet.drawing.colours import LIGHT, Colour, Rgb, Theme
from whynet.errors import ConfigError, ShapeError
from whynet.ops.arrays import Integers
from whynet.options import choice, whole

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

_SPELT = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "×": "x", "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "≈": "~"}
)
_KNOWN = "·±°‘’“”"

_LEADING = 1.35
"""From one line of words to the next, in sizes."""

_MARGIN, _GAP = 24, 20
"""Of a sheet: around everything, and between panels; in pixels."""

_MARK = 0.65
"""How far a mark's colour lies from its cell's, on the way to black or white."""

_NARROWEST = 96
"""Room that words get at least, in pixels."""


# -- pixels -----------------------------------------------------------------------------------


def as_rgb(picture: NDArray[np.uint8]) -> Rgb:
    """Return a picture of colours as it is.

    Raises:
        ShapeError, ConfigError: it is none, or empty.
    """
    found = np.asarray(picture)
    if found.ndim != 3 or found.shape[2] != 3 or not found.size:
        raise ShapeError(f"expected a picture as (height, width, 3), got {found.shape}")
    if found.dtype != np.uint8:
        raise ConfigError(f"expected colours as uint8 of 0 to 255, got {found.dtype}")
    return found


def enlarge(rgb: Rgb, times: int) -> Rgb:
    """Return a picture with every pixel a square of times × times."""
    times = whole(times, "times", least=1)
    return as_rgb(rgb).repeat(times, axis=0).repeat(times, axis=1)


def framed(rgb: Rgb, width: int = 1, theme: Theme = LIGHT) -> Rgb:
    """Return a picture with a thin line around it, ``width`` pixels more on every side."""
    width = whole(width, "a frame's width", least=0)
    return _padded(as_rgb(rgb), width, width, width, width, theme.rule)


def grid(pictures: Sequence[Rgb], columns: int, *, gap: int = 2, theme: Theme = LIGHT) -> Rgb:
    """Return pictures of one size in rows, on paper.

    Args:
        pictures: at least one; or (n, h, w, 3).
        columns: how many to a row.
        gap: pixels between them.
        theme: its paper.

    Raises:
        ShapeError, ConfigError: pictures of different sizes, or none.
    """
    columns = whole(columns, "columns", least=1)
    gap = whole(gap, "a gap", least=0)
    cells = [as_rgb(picture) for picture in pictures]
    if not cells or len({cell.shape for cell in cells}) > 1:
        raise ShapeError("expected at least one picture, all of the same size")
    height, width, _ = cells[0].shape
    columns = min(columns, len(cells))
    rows = math.ceil(len(cells) / columns)
    laid = _paper(rows * (height + gap) - gap, columns * (width + gap) - gap, theme)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        top, left = row * (height + gap), column * (width + gap)
        laid[top : top + height, left : left + width] = cell
    return laid


def strongest(values: ArrayLike, most: int = 16, least: float = 0.25) -> NDArray[np.int8]:
    """Return the signs (h, w) of the largest numbers, and 0 elsewhere; see `marked`.

    Args:
        values: (h, w).
        most: how many to sign.
        least: numbers below this share of the largest are not signed.
    """
    found = np.asarray(values, np.float64)
    if found.ndim != 2:
        raise ShapeError(f"expected numbers as (height, width), got {found.shape}")
    most = whole(most, "a number of marks", least=0)
    size = np.abs(found)
    order = np.argsort(-size, axis=None, kind="stable")
    chosen = np.zeros(found.size, bool)
    chosen[order[:most]] = True
    chosen &= size.ravel() >= least * size.max(initial=0)
    signs: NDArray[np.int8] = np.where(chosen.reshape(found.shape), np.sign(found), 0)
    return signs.astype(np.int8)


def marked(rgb: Rgb, signs: Integers) -> Rgb:
    """Return an enlarged picture with a small + or − in some cells.

    So nobody has to tell two colours apart. A mark is darker than its cell, or lighter if the
    cell is dark.

    Args:
        rgb: (h · times, w · times, 3), times at least 5; see `enlarge`.
        signs: (h, w): above 0 for +, below for −, 0 for none; see `strongest`.

    Raises:
        ShapeError: the picture is not a multiple of the signs' size, or less than 5 times as large.
    """
    drawn, signs = as_rgb(rgb).copy(), np.asarray(signs)
    times = drawn.shape[0] // signs.shape[0] if signs.ndim == 2 and signs.size else 0
    if times < 5 or drawn.shape[:2] != (signs.shape[0] * times, signs.shape[1] * times):
        raise ShapeError(
            f"expected a picture a whole number of times, at least 5, as large as its signs "
            f"{signs.shape}, got {drawn.shape[:2]}"
        )
    bar = 2 - times % 2 if times < 15 else 4 - times % 2  # so that it lies in the middle
    low, high = (times - bar) // 2, (times + bar) // 2
    arm = low * 2 // 3
    for row, column in np.argwhere(signs != 0):
        cell = drawn[row * times : (row + 1) * times, column * times : (column + 1) * times]
        ground = cell[low, low].astype(np.float64)
        colour = 0 if ground @ (0.299, 0.587, 0.114) > 140 else 255
        colour = np.rint(ground + _MARK * (colour - ground))
        cell[low:high, low - arm : high + arm] = colour
        if signs[row, column] > 0:
            cell[low - arm : high + arm, low:high] = colour
    return drawn


# -- words ------------------------------------------------------------------------------------


@cache
def font(size: int) -> FreeTypeFont | ImageFont:
    """Return Pillow's own font, its letters ``size`` pixels high."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def legible(text: str) -> str:
    """Return text spelt with what Pillow's own font has: the letters of ASCII, and a few signs."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELT))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" or letter in _KNOWN else "?" for letter in bare)


def wrapped(text: str, width: float, size: int) -> list[str]:
    """Return text, made legible, as lines no wider than ``width`` pixels.

    Line ends in the text stay; a single word that is too wide is cut.
    """
    own = font(size)
    lines = []
    for paragraph in text.splitlines():
        line = ""
        for word in legible(paragraph).split():
            if line and own.getlength(f"{line} {word}") > width:
                lines.append(line)
                line = ""
            line = f"{line} {word}" if line else word
            while own.getlength(line) > width and len(line) > 1:
                fits = next(n for n in range(len(line) - 1, 0, -1) if _fits(line[:n], width, own))
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def _fits(text: str, width: float, own: FreeTypeFont | ImageFont) -> bool:
    """Whether text fits; a single letter always does."""
    return len(text) == 1 or own.getlength(text) <= width


def words(
    text: str,
    width: int,
    *,
    size: int = 15,
    pale: bool = False,
    align: str = "left",
    theme: Theme = LIGHT,
) -> Rgb:
    """Return text as a picture ``width`` pixels wide, on as many lines as it takes.

    Args:
        text: what to write; see `legible`.
        width: in pixels.
        size: of the letters, in pixels.
        pale: whether it matters less.
        align: "left" or "center".
        theme: its paper and colours.
    """
    from PIL import Image, ImageDraw

    choice(align, "an alignment", ("left", "center"))
    width, size = whole(width, "a width", least=1), whole(size, "a size", least=6)
    lines = wrapped(text, width, size) or [""]
    step = math.ceil(size * _LEADING)
    canvas = Image.new("RGB", (width, step * len(lines)), theme.paper)
    draw, own = ImageDraw.Draw(canvas), font(size)
    x, anchor = (0.0, "lm") if align == "left" else (width / 2, "mm")
    for index, line in enumerate(lines):
        colour = theme.pale if pale else theme.text
        draw.text((x, (index + 0.5) * step), line, colour, own, anchor=anchor)
    return np.asarray(canvas).copy()


def captioned(
    rgb: Rgb, caption: str = "", *, title: str = "", size: int = 14, theme: Theme = LIGHT
) -> Rgb:
    """Return a picture with a title above and a caption below, centred and wrapped.

    Around a narrow picture paper is added, so that words have some room.

    Args:
        rgb: the picture.
        caption: below, in a paler colour; may be empty.
        title: above; may be empty.
        size: of the letters, in pixels.
        theme: its paper and colours.
    """
    picture = as_rgb(rgb)
    room = max(0, _NARROWEST - picture.shape[1]) if title or caption else 0
    parts = [_padded(picture, 0, room - room // 2, 0, room // 2, theme.paper)]
    width, space = parts[0].shape[1], _paper(size // 2, parts[0].shape[1], theme)
    if title:
        parts[:0] = [words(title, width, size=size + 1, align="center", theme=theme), space]
    if caption:
        below = words(caption, width, size=size, pale=True, align="center", theme=theme)
        parts += [space, below]
    return np.concatenate(parts)


# -- sheets -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture with its words.

    Attributes:
        picture: uint8 (h, w, 3), as large as it is to be shown.
        title: above it.
        caption: below it.
    """

    picture: Rgb = field(repr=False)
    title: str = ""
    caption: str = ""


def sheet(
    rows: Sequence[Sequence[Panel] | str],
    *,
    title: str = "",
    width: int = 480,
    theme: Theme = LIGHT,
) -> Rgb:
    """Return one picture of everything, ready to be a PNG.

    Args:
        rows: from top to bottom: panels beside each other, or text, which is wrapped.
        title: the line above.
        width: at least this many pixels; wider if a row of panels is.
        theme: its paper and colours.

    Raises:
        ConfigError: there is nothing to show.
    """
    laid: list[Rgb | str] = [row if isinstance(row, str) else _row(row, theme) for row in rows]
    if not laid and not title:
        raise ConfigError("expected rows or a title for a sheet, got none")
    pictures = [row.shape[1] for row in laid if not isinstance(row, str)]
    inner = max([whole(width, "a width", least=2 * _MARGIN + 1) - 2 * _MARGIN, *pictures])
    parts = [words(title, inner, size=22, theme=theme)] if title else []
    for index, row in enumerate(laid):
        if parts:
            follows = isinstance(row, str) and (index == 0 or isinstance(laid[index - 1], str))
            parts.append(_paper(_GAP // 3 if follows else _GAP, inner, theme))
        part = words(row, inner, theme=theme) if isinstance(row, str) else row
        parts.append(_padded(part, 0, inner - part.shape[1], 0, 0, theme.paper))
    return _padded(np.concatenate(parts), _MARGIN, _MARGIN, _MARGIN, _MARGIN, theme.paper)


def _row(panels: Sequence[Panel], theme: Theme) -> Rgb:
    """Lay panels beside each other; their pictures hang from one line."""
    if not panels:
        raise ConfigError("expected at least one panel in a row of a sheet, got none")
    columns = []
    for panel in panels:
        column = captioned(panel.picture, panel.caption, title=panel.title, theme=theme)
        untitled = captioned(panel.picture, panel.caption, theme=theme)
        columns.append((column, column.shape[0] - untitled.shape[0]))
    deepest = max(drop for _, drop in columns)
    tallest = max(column.shape[0] + deepest - drop for column, drop in columns)
    parts: list[Rgb] = []
    for column, drop in columns:
        above = deepest - drop
        beneath = tallest - above - column.shape[0]
        left = _GAP if parts else 0
        parts.append(_padded(column, above, 0, beneath, left, theme.paper))
    return np.concatenate(parts, axis=1)


# -- files ------------------------------------------------------------------------------------


def png(rgb: Rgb) -> bytes:
    """Return a picture as the bytes of a PNG file, as small as Pillow makes it."""
    from PIL import Image

    packed = io.BytesIO()
    image = with_palette(rgb) or Image.fromarray(np.ascontiguousarray(rgb))
    image.save(packed, "PNG", optimize=True)
    return packed.getvalue()


def with_palette(rgb: Rgb) -> Image | None:
    """Return a picture of at most 256 colours as Pillow's, a byte for each pixel; else None."""
    from PIL import Image

    counted = Image.fromarray(np.ascontiguousarray(as_rgb(rgb))).getcolors(256)
    if counted is None:
        return None
    colours = np.array(sorted(colour for _, colour in counted), np.uint8)
    table = np.zeros(1 << 24, np.uint8)  # by colour; only what is looked up takes memory
    table[colour_numbers(colours)] = np.arange(len(colours))
    image = Image.fromarray(table[colour_numbers(rgb)])
    image.putpalette(colours.tobytes())
    return image


def colour_numbers(rgb: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return colours (..., 3) as one number each: 0xRRGGBB."""
    wide = rgb.astype(np.int32)
    numbers: NDArray[np.int32] = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return numbers


def data_uri(rgb: Rgb) -> str:
    """Return a picture as a URI that holds all of it, for HTML: "data:image/png;base64,…"."""
    return "data:image/png;base64," + base64.b64encode(png(rgb)).decode("ascii")


# -- inside -----------------------------------------------------------------------------------


def _paper(height: int, width: int, theme: Theme) -> Rgb:
    return np.full((height, width, 3), theme.paper, np.uint8)


def _padded(rgb: Rgb, top: int, right: int, bottom: int, left: int, colour: Colour) -> Rgb:
    height, width, _ = rgb.shape
    laid = np.full((top + height + bottom, left + width + right, 3), colour, np.uint8)
    laid[top : top + height, left : left + width] = rgb
    return laid
