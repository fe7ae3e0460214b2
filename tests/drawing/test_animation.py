"""Animations: every frame comes back, for as long as it should be seen."""

import base64
import html
import io
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageSequence

from whynet.drawing.animation import SCRIPT, STYLE, Animation
from whynet.drawing.colours import DARK, to_oklab
from whynet.drawing.page import page
from whynet.errors import ConfigError, ShapeError


def frames(n: int = 5, side: int = 6) -> np.ndarray:
    """A white square that walks over coloured paper."""
    made = np.full((n, side, side, 3), (20, 60, 90), np.uint8)
    for index in range(n):
        made[index, index % side, index % side] = 255
    return made


def decoded(packed: bytes) -> tuple[list[np.ndarray], list[int]]:
    with Image.open(io.BytesIO(packed)) as image:
        assert image.format == "GIF"
        assert image.info["loop"] == 0
        pictures, times = [], []
        for frame in ImageSequence.Iterator(image):
            pictures.append(np.asarray(frame.convert("RGB")))
            times.append(int(frame.info["duration"]))
        return pictures, times


def told(player: str) -> dict:
    (found,) = re.findall(r'data-frames="([^"]*)"', player)
    return json.loads(html.unescape(found))


# -- GIF ----------------------------------------------------------------------------------------


def test_a_gif_has_all_frames_and_times() -> None:
    made = frames()
    pictures, times = decoded(Animation(made, 0.2, hold=0.5).gif(times=1))
    np.testing.assert_array_equal(pictures, made)
    assert times == [700, 200, 200, 200, 700]


@settings(max_examples=25)
@given(arrays(np.uint8, st.tuples(*[st.integers(1, 5)] * 3, st.just(3))), st.data())
def test_any_gif_comes_back(made: np.ndarray, data: st.DataObject) -> None:
    n = len(made)
    hundredths = data.draw(st.lists(st.integers(2, 60), min_size=n, max_size=n))
    pictures, times = decoded(Animation(made, np.array(hundredths) / 100, hold=0).gif(times=1))
    # Frames that are alike may come as one that is shown longer.
    shown = [picture for picture, time in zip(pictures, times, strict=True) for _ in range(time)]
    meant = [frame for frame, time in zip(made, hundredths, strict=True) for _ in range(10 * time)]
    np.testing.assert_array_equal(shown, meant)


def test_more_than_256_colours_share_the_nearest() -> None:
    ramp = np.linspace(0, 255, 400)
    made = np.stack([np.stack([ramp, ramp[::-1], 0 * ramp + 40 * k], 1) for k in range(4)])
    made = made.reshape(4, 20, 20, 3).astype(np.uint8)
    pictures, _ = decoded(Animation(made).gif(times=1))
    far = np.linalg.norm(to_oklab(pictures) - to_oklab(made), axis=-1)
    assert far.mean() < 0.03
    still = np.repeat(made[:1], 3, axis=0)
    still[:, 0, 0] = [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    same, _ = decoded(Animation(still).gif(times=1))
    for picture in same[1:]:
        np.testing.assert_array_equal(picture[1:], same[0][1:])  # nothing flickers


def test_small_pictures_are_enlarged_and_captions_stand_below() -> None:
    made = frames(3, 28)
    plain, _ = decoded(Animation(made).gif())
    assert plain[0].shape == (280, 280, 3)
    captions = ["one", "two", "a caption so long that it is wrapped over a few lines"]
    pictures, _ = decoded(Animation(made, captions=captions, theme=DARK).gif())
    assert len({picture.shape for picture in pictures}) == 1
    assert pictures[0].shape[0] > 280
    assert (pictures[0][-1] == DARK.paper).all()
    np.testing.assert_array_equal(pictures[1][:280], np.kron(made[1], np.ones((10, 10, 1))))
    assert (pictures[0][280:] != pictures[1][280:]).any()
    assert Animation(frames(2, 300)).times == 1


# -- HTML ---------------------------------------------------------------------------------------


def test_the_player_holds_every_frame() -> None:
    made = frames(5, 4)
    player = Animation(made, 0.1, [f"step {index}" for index in range(5)]).player("A walk")
    (packed,) = re.findall(r'<img src="data:image/png;base64,([^"]*)"', player)
    sprite = np.asarray(Image.open(io.BytesIO(base64.b64decode(packed))).convert("RGB"))
    columns = told(player)["columns"]
    for index, frame in enumerate(made):
        row, column = divmod(index, columns)
        cell = sprite[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4]
        np.testing.assert_array_equal(cell, frame)
    assert told(player)["seconds"] == [1.1, 0.1, 0.1, 0.1, 1.1]
    assert told(player)["captions"] == [f"step {index}" for index in range(5)]
    assert '<canvas width="4" height="4"' in player
    assert 'alt="A walk: all 5 pictures, row by row"' in player


def test_who_starts() -> None:
    made = Animation(frames())
    assert told(made.html("A walk"))["autoplay"] is True
    assert told(made.player("A walk"))["autoplay"] is False
    assert "prefers-reduced-motion: reduce" in SCRIPT
    assert told(made.player("A walk"))["captions"][0] == "1 of 5"


@given(st.lists(st.text(max_size=10), min_size=2, max_size=2), st.text(max_size=10))
def test_captions_cannot_get_out(captions: list[str], title: str) -> None:
    made = Animation(frames(2), captions=captions)
    document = page(title, made.player(title), made.player(title), script=SCRIPT, style=STYLE)
    assert document.count("<script>") == 1
    assert document.count("<canvas") == 2
    assert not re.search("https?:", document)
    assert told(made.player("t"))["captions"] == captions


# -- bad input ----------------------------------------------------------------------------------


def test_bad_animations() -> None:
    for wrong in (np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4, 4, 3), np.uint8)):
        with pytest.raises(ShapeError, match=r"frames as \(n, height, width, 3\)"):
            Animation(wrong)
    with pytest.raises(ShapeError, match=r"as \(height, width, 3\)"):
        Animation(np.zeros((2, 4, 4, 1), np.uint8))
    with pytest.raises(ConfigError, match="uint8"):
        Animation(np.zeros((2, 4, 4, 3)))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="a caption for each of 5 frames, got 1"):
        Animation(frames(), captions=["one"])
    with pytest.raises(ShapeError, match="one number or 5"):
        Animation(frames(), [0.1, 0.2])
    for seconds in (0.01, -1, np.nan, [0.1, 0.1, 0.1, 0.1, 0]):
        with pytest.raises(ConfigError, match="seconds of a frame as a number"):
            Animation(frames(), seconds)
    with pytest.raises(ConfigError, match="hold"):
        Animation(frames(), hold=-1)
