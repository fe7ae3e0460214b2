"""Digits as people draw them in a paint program, for tests of reading."""

import numpy as np
from PIL import Image, ImageDraw

_PATHS = {
    0: "200,60 160,80 140,150 160,220 200,240 240,220 260,150 240,80 200,60",
    1: "180,88 205,60 205,240",
    2: "145,105 165,70 205,58 245,75 250,115 220,160 150,238 260,238",
    3: "150,75 195,58 240,80 235,125 195,145 240,165 248,210 200,242 148,222",
    4: "225,60 140,180 265,180 / 225,60 225,245",
    5: "250,60 165,60 158,140 205,128 250,160 248,212 200,242 150,222",
    6: "240,65 190,95 155,165 165,225 205,242 245,215 240,170 200,155 160,180",
    7: "145,65 255,65 190,245",
    8: (
        "200,145 155,115 160,75 200,58 240,75 245,115 200,145 150,185 155,228 200,244 "
        "245,228 250,185 200,145"
    ),
    9: "245,110 210,145 165,130 155,90 195,58 240,75 245,110 240,180 215,245",
}

STROKES = {
    digit: [
        [(int(x), int(y)) for x, y in (point.split(",") for point in stroke.split())]
        for stroke in path.split("/")
    ]
    for digit, path in _PATHS.items()
}
"""Corners of each digit's strokes, x and y, on a canvas of 400 × 300."""


def draw_digit(
    digit: int,
    *,
    pen: float = 18,
    ink: int = 0,
    ground: int = 255,
    size: tuple[int, int] = (400, 300),
    scale: float = 1.0,
    move: tuple[float, float] = (0, 0),
) -> Image.Image:
    """Draw a digit in grey with a round pen, on a canvas of ``size`` (width, height)."""
    image = Image.new("L", size, ground)
    canvas = ImageDraw.Draw(image)
    for stroke in STROKES[digit]:
        points = [(x * scale + move[0], y * scale + move[1]) for x, y in stroke]
        canvas.line(points, fill=ink, width=max(1, round(pen * scale)), joint="curve")
        half = pen * scale / 2
        for x, y in (points[0], points[-1]):
            canvas.ellipse((x - half, y - half, x + half, y + half), fill=ink)
    return image


def as_picture(image: Image.Image) -> np.ndarray:
    """Return an image as whynet holds pictures: uint8, (h, w, 1 or 3)."""
    pixels = np.array(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels
