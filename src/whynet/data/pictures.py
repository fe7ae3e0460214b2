"""Any picture file as an array of bytes, safely.

`read_picture` is the one place where whynet opens a picture. It decodes only the common formats
(for some of the rest Pillow would start other programs), looks at the size before it decodes, and
turns whatever the file holds into grey or RGB.
"""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from whynet.data.files import StrPath, open_file
from whynet.errors import DataFormatError

if TYPE_CHECKING:
    from PIL.Image import Image

Picture = NDArray[np.uint8]

_Number = TypeVar("_Number", bound=np.generic)

MAX_PIXELS = 2**26
"""More than most phones take; 200 MB as RGB."""

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")

_GREY_MODES = ("1", "L", "LA", "La")
_ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")

_SEEN, _LIGHT = 16, 192
"""Opacity from which a pixel counts, and levels from which ink is taken for white; of 255."""

# Pillow warns about large pictures, which are refused here anyway. A filter against the warning
# belongs to the whole process, so two threads must not save and restore the filters at once.
_quiet = threading.Lock()


def read_picture(path: StrPath, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture file: PNG, JPEG, GIF, BMP, TIFF, WebP or PPM.

    It is turned upright as its EXIF orientation says, transparent parts are laid on white (on
    black if all that can be seen is nearly white), 16-bit numbers become bytes, and of an animation
    the first picture is taken.

    Args:
        path: the file.
        max_pixels: larger pictures are refused before they are decoded.

    Returns:
        uint8, (height, width, 1) if the file keeps grey or black and white, or a palette of greys;
        otherwise RGB, (height, width, 3).

    Raises:
        DataNotFoundError: no such file.
        DataFormatError: not a picture, damaged, too large, or with numbers that are no bytes.
    """
    from PIL import Image

    path = Path(path)
    too_large = f"{path}: expected a picture of at most {max_pixels:,} pixels, got"
    with open_file(path) as file:
        try:
            with _quiet, warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                image = Image.open(file, formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise DataFormatError(f"{too_large} far more") from error
        except Exception as error:  # Pillow raises a dozen types on what is no picture
            raise DataFormatError(
                f"{path}: is not a picture that can be read "
                "(expected PNG, JPEG, GIF, BMP, TIFF, WebP or PPM)"
            ) from error
        with image:
            width, height = image.size
            if not 0 < width * height <= max_pixels:
                raise DataFormatError(f"{too_large} {width:,} × {height:,}")
            try:
                image.load()
                return _to_bytes(_upright(image), path)
            except DataFormatError:
                raise
            except Exception as error:
                raise DataFormatError(f"{path}: the picture is damaged or cut short") from error


def grey(picture: Picture) -> NDArray[np.float32]:
    """Return (h, w): grey levels of a picture (h, w, 1 or 3), 0 to 255.

    Colours are weighed as eyes do (ITU-R BT.601).
    """
    if picture.shape[2] == 1:
        return picture[..., 0].astype(np.float32)
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    levels: NDArray[np.float32] = picture.astype(np.float32) @ weights
    return levels


def rim(picture: NDArray[_Number]) -> NDArray[_Number]:
    """Return the outermost pixels of a picture (h, w) or (h, w, c), each once, in a row."""
    return np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])


def resize(picture: Picture, height: int, width: int) -> Picture:
    """Resample a picture by area averaging: every new pixel is the mean of what it covers.

    Args:
        picture: uint8, (h, w, c).
        height: of the result.
        width: of the result.

    Returns:
        uint8, (height, width, c).
    """
    rows = _coverage(picture.shape[0], height)
    columns = _coverage(picture.shape[1], width)
    mixed: NDArray[np.float32] = np.einsum(
        "hi,iwc->hwc", rows, picture.astype(np.float32), optimize=True
    )
    mixed = np.einsum("vw,hwc->hvc", columns, mixed, optimize=True)
    return np.rint(mixed).astype(np.uint8)


def fit(picture: Picture, height: int, width: int) -> Picture:
    """Resize a picture to lie centred within a frame, its proportions kept.

    The frame is filled with the median colour of the picture's own rim, so that paper continues
    as paper and black as black.

    Args:
        picture: uint8, (h, w, c).
        height: of the frame.
        width: of the frame.

    Returns:
        uint8, (height, width, c).
    """
    old_height, old_width, channels = picture.shape
    if (old_height, old_width) == (height, width):
        return picture
    scale = min(height / old_height, width / old_width)
    inner_height = min(height, max(1, round(old_height * scale)))
    inner_width = min(width, max(1, round(old_width * scale)))
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    frame = np.empty((height, width, channels), np.uint8)
    frame[:] = np.median(rim(picture), axis=0)
    inner = resize(picture, inner_height, inner_width)
    frame[top : top + inner_height, left : left + inner_width] = inner
    return frame


def _coverage(old: int, new: int) -> NDArray[np.float32]:
    """Return (new, old): how much of each new pixel each old one covers. Rows sum to 1."""
    edges = np.arange(new + 1) * (old / new)
    begin, end = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)
    overlap = np.minimum(end, pixel + 1) - np.maximum(begin, pixel)
    share: NDArray[np.float64] = np.maximum(overlap, 0) * (new / old)
    return share.astype(np.float32)


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a good picture with a damaged EXIF block is still a good picture
        return image


def _to_bytes(image: Image, path: Path) -> Picture:
    mode = image.mode
    if mode == "F" or mode.startswith("I"):
        return _sixteen_bits(np.asarray(image), path)
    if mode in _ALPHA_MODES or "transparency" in image.info:
        image = _opaque(image)
    pixels = np.asarray(image.convert("L" if mode in _GREY_MODES else "RGB"))
    if pixels.ndim == 2:
        return pixels[..., None].copy()
    if mode in ("P", "PA") and (pixels == pixels[..., :1]).all():
        # A palette does not say whether it has colours; its pixels do.
        return pixels[..., :1].copy()
    return pixels.copy()  # Pillow lends its memory read-only


def _opaque(image: Image) -> Image:
    """Lay a picture with transparent parts on paper: white, or black if it was drawn in white."""
    from PIL import Image as Pillow

    layer = image.convert("RGBA")
    pixels = np.asarray(layer)
    alpha = pixels[..., 3]
    # What can hardly be seen has no colour to speak of: programs write anything there.
    seen = pixels[alpha >= _SEEN][:, :3]
    chalk = bool(alpha.min() < _SEEN and len(seen) and seen.min() >= _LIGHT)
    ground = Pillow.new("RGBA", layer.size, "black" if chalk else "white")
    return Pillow.alpha_composite(ground, layer)


def _sixteen_bits(numbers: NDArray[np.generic], path: Path) -> Picture:
    wide = numbers.astype(np.float64)
    if not (wide.min() >= 0 and wide.max() <= 65535 and (wide == np.rint(wide)).all()):
        raise DataFormatError(
            f"{path}: expected a picture of 8 or 16 bits a pixel, "
            f"got numbers from {wide.min():g} to {wide.max():g}"
        )
    return np.rint(wide / 257).astype(np.uint8)[..., None]
