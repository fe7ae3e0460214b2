"""Any picture file into bytes."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from whynet.data import read_picture
from whynet.data.pictures import fit, resize
from whynet.errors import DataFormatError, DataNotFoundError

GREY = np.arange(6 * 5, dtype=np.uint8).reshape(6, 5) * 8
COLOUR = np.random.default_rng(0).integers(0, 256, (6, 5, 3), np.uint8)


@pytest.fixture
def save(tmp_path):
    def save(image, suffix="png", **options):
        path = tmp_path / f"picture.{suffix}"
        (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
        return path

    return save


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "ppm"])
@pytest.mark.parametrize("array", [GREY, COLOUR])
def test_grey_and_colour_are_kept(save, suffix, array):
    picture = read_picture(save(array, suffix))
    assert picture.dtype == np.uint8
    assert picture.flags.writeable
    np.testing.assert_array_equal(picture, array.reshape(6, 5, -1))


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats(save, suffix):
    smooth = np.repeat(np.arange(0, 240, 15, np.uint8)[:, None], 16, 1)
    picture = read_picture(save(smooth, suffix, quality=95))
    assert abs(picture.astype(int).mean(2) - smooth).max() < 16


def test_a_suffix_may_lie(save, tmp_path):
    save(GREY, "bmp").rename(tmp_path / "really_a_bmp.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "really_a_bmp.png")[..., 0], GREY)


def test_one_bit(save):
    picture = read_picture(save(Image.fromarray(GREY > 100)))
    np.testing.assert_array_equal(picture[..., 0], (GREY > 100) * 255)


def test_sixteen_bits_become_eight(save):
    np.testing.assert_array_equal(read_picture(save(GREY.astype(np.uint16) * 257))[..., 0], GREY)


def test_a_palette_of_greys_is_grey_and_one_of_colours_is_not(save):
    assert read_picture(save(Image.fromarray(GREY).convert("P"), "gif")).shape == (6, 5, 1)
    coloured = Image.fromarray(COLOUR).quantize(64)
    expected = np.asarray(coloured.convert("RGB"))
    np.testing.assert_array_equal(read_picture(save(coloured)), expected)


def test_cmyk_becomes_rgb(save):
    white = Image.new("CMYK", (8, 8), (0, 0, 0, 0))
    assert (read_picture(save(white, "jpg")) > 250).all()


def test_transparency_is_laid_on_white(save):
    half = np.dstack([COLOUR, np.full((6, 5), 0, np.uint8)])
    assert (read_picture(save(half)) == 255).all()
    grey = Image.merge("LA", [Image.new("L", (3, 3), 0), Image.new("L", (3, 3), 51)])
    np.testing.assert_array_equal(read_picture(save(grey)), np.full((3, 3, 1), 204))


@pytest.mark.parametrize(("ink", "ground"), [(255, 0), (0, 255), (120, 255)])
def test_white_ink_on_nothing_is_laid_on_black(save, ink, ground):
    pixels = np.full((8, 8, 4), ink, np.uint8)
    pixels[..., 3] = 0
    pixels[2:6, 3:5, 3] = 255
    pixels[0, 0] = (90, 90, 90, 3)  # all but invisible
    picture = read_picture(save(pixels))
    assert abs(int(picture[7, 7, 0]) - ground) <= 3
    assert picture[3, 3, 0] == ink


def test_a_transparent_palette_entry_is_laid_on_white(save):
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 90, 90, 90])
    image.putdata([0, 1])
    assert read_picture(save(image, transparency=0)).tolist() == [[[255], [90]]]


def test_the_picture_is_turned_upright(save):
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me 90 degrees clockwise"
    np.testing.assert_array_equal(
        read_picture(save(GREY, "png", exif=exif))[..., 0], np.rot90(GREY, -1)
    )


def test_a_damaged_exif_block_does_no_harm(save):
    path = save(GREY, "png", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    np.testing.assert_array_equal(read_picture(path)[..., 0], GREY)


def _png(width, height):
    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    ink = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + ink + chunk(b"IEND", b"")


BAD = {
    "a bomb": (_png(30_000, 30_000), "at most 67,108,864 pixels"),
    "a smaller bomb": (_png(9_000, 9_000), "at most 67,108,864 pixels, got 9,000 × 9,000"),
    "between Pillow's two limits": (_png(10_000, 12_000), "at most 67,108,864 pixels"),
    "text": (b"I am no picture", "is not a picture that can be read"),
    "cut short": (_png(100, 100), "damaged or cut short"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
    "nothing": (b"", "empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_pictures_end_in_one_sentence(tmp_path, case):
    content, message = BAD[case]
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(DataFormatError, match=message) as caught:
        read_picture(tmp_path / "bad.png")
    assert "bad.png" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_limit_is_an_argument(save):
    with pytest.raises(DataFormatError, match="at most 29 pixels, got 5 × 6"):
        read_picture(save(GREY), max_pixels=29)


def test_numbers_that_are_no_bytes(save):
    with pytest.raises(DataFormatError, match="8 or 16 bits"):
        read_picture(save(Image.fromarray(np.array([[1e9, 0.5]], np.float32)), "tiff"))


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(DataFormatError, match="got a folder"):
        read_picture(tmp_path)
    with pytest.raises(DataNotFoundError):
        read_picture(tmp_path / "gone.png")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]))
@pytest.mark.filterwarnings("ignore")  # Pillow may warn of what it can still read
def test_a_damaged_picture_is_read_or_refused(tmp_path, data, kind):
    file = io.BytesIO()
    Image.fromarray(COLOUR).save(file, kind)
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    (tmp_path / "x").write_bytes(content)
    with suppress(DataFormatError):
        picture = read_picture(tmp_path / "x", max_pixels=10_000)
        assert picture.dtype == np.uint8
        assert picture.shape[2] in (1, 3)


def test_area_averaging_is_exact():
    picture = np.array([[0, 100, 200], [40, 60, 80]], np.uint8)[..., None]
    assert resize(picture, 1, 3).ravel().tolist() == [20, 80, 140]
    # Half of each new pixel's width: (0 + 100/2) / 1.5 and (100/2 + 200) / 1.5.
    assert resize(picture[:1], 1, 2).ravel().tolist() == [33, 167]
    np.testing.assert_array_equal(resize(picture, 2, 3), picture)
    np.testing.assert_array_equal(resize(picture, 4, 6), picture.repeat(2, 0).repeat(2, 1))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=50, deadline=None)
def test_an_even_picture_stays_even(height, width, new_height, new_width):
    picture = np.full((height, width, 3), [7, 130, 255], np.uint8)
    assert (fit(picture, new_height, new_width) == [7, 130, 255]).all()


def test_fitting_keeps_proportions_and_continues_the_paper():
    page = np.full((10, 40, 1), 250, np.uint8)
    page[4:6, 10:30] = 0
    framed = fit(page, 20, 20)
    assert framed.shape == (20, 20, 1)
    assert (framed[:7] == 250).all()
    assert (framed[13:] == 250).all()
    assert (framed[9:11] < 250).any()
