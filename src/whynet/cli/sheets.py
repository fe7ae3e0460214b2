"""Pictures for people: the confusion matrix, the worst errors, a data set's first pictures."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whynet.data.files import write_atomically

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from whynet.data import Dataset
    from whynet.train.evaluation import Evaluation

_WHITE, _INK, _PALE, _RULE = (255, 255, 255), (28, 32, 38), (110, 118, 128), (222, 226, 232)
_DEEP = (8, 69, 148)
"""One hue from white to this, so that the scale reads the same to colour-blind eyes."""

_MARGIN = 24
_MOST_ERRORS = 48


def save_png(image: Image, path: Path) -> None:
    """Write a picture as PNG, all of it or nothing.

    Raises:
        DataNotFoundError: the folder is missing, or may not be written to.
    """
    packed = io.BytesIO()
    image.save(packed, "PNG")
    with write_atomically(path) as file:
        file.write(packed.getvalue())


def draw_confusion(marks: Evaluation, title: str) -> Image:
    """Draw the confusion matrix: a row for each truth, a column for each answer.

    The colour is the share of the row, on a square-root scale, so that rare errors show. Counts
    stand in the cells while there is room.

    Args:
        marks: what to draw.
        title: the line above.
    """
    classes = [_legible(name) for name in marks.classes]
    n = len(classes)
    cell = 56 if n <= 12 else max(6, 672 // n)
    small, large = _font(max(9, min(16, cell // 3))), _font(20)
    label = max(_width(name, small) for name in classes)
    left, top = _MARGIN + 30 + label + 10, _MARGIN + 84
    upright = all(_width(name, small) <= cell - 4 for name in classes)
    under = 30 if upright else label + 14
    canvas, draw = _canvas(
        max(left + n * cell + _MARGIN, 480), top + n * cell + under + 36 + _MARGIN
    )
    draw.text((_MARGIN, _MARGIN), _legible(title), _INK, large)
    figures = (
        f"{marks.accuracy:.2%} of {marks.n:,} right, loss {marks.loss:.4f}, ECE {marks.ece:.2%}"
    )
    draw.text((_MARGIN, _MARGIN + 30), figures, _PALE, _font(15))
    shares = marks.confusion / np.maximum(marks.confusion.sum(axis=1, keepdims=True), 1)
    for truth in range(n):
        for answer in range(n):
            x, y = left + answer * cell, top + truth * cell
            count, depth = int(marks.confusion[truth, answer]), math.sqrt(shares[truth, answer])
            fill = _blend(_WHITE, _DEEP, depth)
            draw.rectangle((x, y, x + cell - 2, y + cell - 2), fill)
            if count and cell >= 30:
                colour = _WHITE if depth > 0.5 else _INK
                _centred(draw, (x + cell / 2 - 1, y + cell / 2 - 1), f"{count:,}", small, colour)
    draw.rectangle((left - 2, top - 2, left + n * cell, top + n * cell), outline=_RULE)
    step = max(1, math.ceil(14 / cell))  # leave names out rather than print them over each other
    for index in range(0, n, step):
        middle = index * cell + cell / 2 - 1
        _centred(draw, (left - 8, top + middle), classes[index], small, _INK, "rm")
        if upright:
            _centred(draw, (left + middle, top + n * cell + 14), classes[index], small, _INK)
        else:
            at = round(left + middle - 8), top + n * cell + 6
            _paste_turned(canvas, at, classes[index], small, _INK)
    axis = _font(15)
    _centred(draw, (left + n * cell / 2, top + n * cell + under + 14), "answer", axis, _PALE)
    _paste_turned(canvas, (_MARGIN, top + n * cell // 2 - 20), "truth", axis, _PALE)
    return canvas


def draw_errors(marks: Evaluation, data: Dataset, title: str) -> Image:
    """Draw the errors that the net was surest of: truth > answer, and its confidence.

    Args:
        marks: on this data.
        data: where the pictures are.
        title: the line above.
    """
    worst = marks.worst(_MOST_ERRORS)
    answers = marks.probabilities.argmax(axis=1)
    wrong = int(np.count_nonzero(answers != marks.labels))
    captions = [
        (
            f"{marks.classes[marks.labels[index]]} > {marks.classes[answers[index]]}",
            f"{marks.probabilities[index].max():.0%}  #{index}",
        )
        for index in worst
    ]
    if wrong:
        under = (
            f"truth > answer, confidence, #position; the surest {len(worst)} of {wrong:,} errors"
        )
    else:
        under = f"no error among {marks.n:,} pictures"
    return _sheet(data.images[worst], captions, title, under)


def draw_examples(data: Dataset) -> Image:
    """Draw all pictures of a set, with their labels."""
    labels = data.labels
    captions = [
        (data.classes[labels[index]] if labels is not None else f"#{index}",)
        for index in range(len(data))
    ]
    height, width, _ = data.image_shape
    return _sheet(
        data.images, captions, data.name, f"the first {len(data):,} pictures, {height} x {width}"
    )


def _sheet(
    images: NDArray[np.uint8], captions: Sequence[tuple[str, ...]], title: str, under: str
) -> Image:
    """Lay pictures out in rows, with captions below."""
    from PIL import Image

    n = len(images)
    lines = max((len(lines) for lines in captions), default=1)
    # More pictures, smaller ones; at a whole multiple of their size, so that pixels stay squares.
    side = max(images.shape[1:3]) if n else 28
    zoom = max(1, (112 if n <= 60 else 56) // side)
    width, height = (images.shape[2] * zoom, images.shape[1] * zoom) if n else (112, 112)
    font = _font(14)
    columns = max(1, min(n, 8 if n <= 60 else 16 if n <= 400 else 25))
    cell_width, cell_height = width + 16, height + 18 * lines + 14
    rows = math.ceil(n / columns)
    canvas, draw = _canvas(
        max(2 * _MARGIN + columns * cell_width - 16, 640),
        _MARGIN + 66 + rows * cell_height + _MARGIN // 2,
    )
    draw.text((_MARGIN, _MARGIN), _legible(title), _INK, _font(20))
    draw.text((_MARGIN, _MARGIN + 30), under, _PALE, _font(15))
    for index, (picture, caption) in enumerate(zip(images, captions, strict=True)):
        x = _MARGIN + index % columns * cell_width
        y = _MARGIN + 66 + index // columns * cell_height
        pixels = picture[..., 0] if picture.shape[2] == 1 else picture
        shown = Image.fromarray(np.ascontiguousarray(pixels))
        canvas.paste(shown.resize((width, height), Image.Resampling.NEAREST), (x, y))
        for line, text in enumerate(caption):
            place = x + width / 2, y + height + 11 + 18 * line
            text = _shortened(_legible(text), font, cell_width - 4)
            _centred(draw, place, text, font, _PALE if line else _INK)
    return canvas


def _canvas(width: int, height: int) -> tuple[Image, ImageDraw]:
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (width, height), _WHITE)
    return canvas, ImageDraw.Draw(canvas)


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _width(text: str, font: FreeTypeFont | ImageFont) -> int:
    return math.ceil(font.getlength(text))


def _legible(text: str) -> str:
    """Spell a text with what Pillow's own font has: the letters of ASCII."""
    plain = unicodedata.normalize("NFKD", text.replace("–", "-").replace("×", "x"))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace").decode()


def _shortened(text: str, font: FreeTypeFont | ImageFont, most: int) -> str:
    while _width(text, font) > most and len(text) > 2:
        text = text[:-2] + "."
    return text


def _centred(
    draw: ImageDraw,
    place: tuple[float, float],
    text: str,
    font: FreeTypeFont | ImageFont,
    colour: tuple[int, int, int],
    anchor: str = "mm",
) -> None:
    draw.text(place, text, colour, font, anchor=anchor)


def _paste_turned(
    canvas: Image,
    place: tuple[int, int],
    text: str,
    font: FreeTypeFont | ImageFont,
    colour: tuple[int, int, int],
) -> None:
    """Write text that reads from bottom to top, its top left corner at ``place``."""
    line, draw = _canvas(_width(text, font) + 2, 20)
    draw.text((1, 10), text, colour, font, anchor="lm")
    canvas.paste(line.rotate(90, expand=True), place)


def _blend(
    low: tuple[int, int, int], high: tuple[int, int, int], share: float
) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue
