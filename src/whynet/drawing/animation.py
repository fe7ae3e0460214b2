"""Pictures one after another: as a GIF, or as a player on a page that fetches nothing."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whynet.drawing.colours import LIGHT, Rgb, Theme
from whynet.drawing.markup import Html, element
from whynet.drawing.page import page
from whynet.drawing.palette import in_few_colours
from whynet.drawing.raster import as_rgb, data_uri, enlarge, grid, with_palette, words
from whynet.errors import ShapeError
from whynet.options import number, whole

_SHOWN = 280
"""Small pictures are enlarged up to about this many pixels."""

_SHORTEST = 0.02
"""Seconds. What a GIF shows for less, browsers show for a tenth of a second."""


class Animation:
    """Pictures, how long each is shown, and what is said to it.

    Args:
        frames: uint8 (n, h, w, 3).
        seconds: of each picture, one number for all or (n,).
        captions: one for each picture, or none at all.
        hold: seconds that the first and the last picture are shown longer, so that one sees where
            it begins and ends.
        theme: of the paper around.

    Raises:
        ShapeError, ConfigError: no frames, not as many times or captions, or a time below 0.02.
    """

    def __init__(
        self,
        frames: NDArray[np.uint8],
        seconds: float | ArrayLike = 0.15,
        captions: Sequence[str] = (),
        *,
        hold: float = 1.0,
        theme: Theme = LIGHT,
    ) -> None:
        self.frames = np.asarray(frames)
        if self.frames.ndim != 4 or not len(self.frames):
            raise ShapeError(
                f"expected frames as (n, height, width, 3), at least one, got {self.frames.shape}"
            )
        as_rgb(self.frames[0])
        n = len(self.frames)
        if captions and len(captions) != n:
            raise ShapeError(f"expected a caption for each of {n} frames, got {len(captions)}")
        self.captions, self.theme = tuple(captions), theme
        times = np.asarray(seconds)
        if times.shape not in ((), (n,)):
            raise ShapeError(f"expected seconds as one number or {n}, got {times.shape}")
        told = np.broadcast_to(times, (n,)).tolist()
        self.seconds = [number(each, "seconds of a frame", least=_SHORTEST) for each in told]
        hold = number(hold, "hold", least=0)
        self.seconds[0] += hold
        if n > 1:
            self.seconds[-1] += hold

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def times(self) -> int:
        """How many times its size a picture is shown at."""
        return max(1, _SHOWN // int(max(self.frames.shape[1:3])))

    # -- GIF ----------------------------------------------------------------------------------

    def gif(self, times: int | None = None) -> bytes:
        """Return the bytes of a GIF that repeats for ever, captions below the pictures.

        All frames share one palette, so that colours don't flicker: theirs, if they have no more
        than 256, else the nearest of a choice made over all frames.

        Args:
            times: how many times as large; by default as `times` says.
        """
        drawn = np.stack(list(self._captioned(self.times if times is None else times)))
        _, height, width, _ = drawn.shape
        stack = with_palette(in_few_colours(drawn).reshape(-1, width, 3))
        assert stack is not None  # that is what few colours are
        frames = [
            stack.crop((0, top, width, top + height)) for top in range(0, stack.height, height)
        ]
        packed = io.BytesIO()
        frames[0].save(
            packed,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[round(each * 100) * 10 for each in self.seconds],  # whole hundredths
            loop=0,
            optimize=False,  # which would drop colours from the palette, frame by frame
        )
        return packed.getvalue()

    def _captioned(self, times: int) -> Iterator[Rgb]:
        """Draw every frame with its caption, all of one size."""
        width = self.frames.shape[2] * whole(times, "times", least=1)
        size = 14
        below = [
            words(each, width, size=size, align="center", theme=self.theme)
            for each in self.captions
        ]
        highest = max((len(each) for each in below), default=0)
        for index, frame in enumerate(self.frames):
            parts = [enlarge(frame, times)]
            if below:
                room = np.full((highest + size, width, 3), self.theme.paper, np.uint8)
                room[size // 2 : size // 2 + len(below[index])] = below[index]
                parts.append(room)
            yield np.concatenate(parts)

    # -- HTML ---------------------------------------------------------------------------------

    def html(self, title: str) -> str:
        """Return a page of its own with the player on it, which starts by itself.

        Not for readers whose system asks for less motion, though: they start it themselves.
        """
        return page(title, self.player(title, autoplay=True), script=SCRIPT, style=STYLE)

    def player(self, title: str, *, autoplay: bool = False) -> Html:
        """Return the player for a page made with this module's `SCRIPT` and `STYLE`.

        Where no script runs, all frames are shown beside each other.

        Args:
            title: what the animation shows.
            autoplay: whether it starts by itself.
        """
        n, height, width, _ = self.frames.shape
        columns = math.ceil(math.sqrt(n))
        told = {
            "columns": columns,
            "seconds": self.seconds,
            "captions": self.captions or [f"{index} of {n}" for index in range(1, n + 1)],
            "autoplay": autoplay,
        }
        sprite = data_uri(grid(list(self.frames), columns, gap=0, theme=self.theme))
        speeds = [
            element("option", label, value=value, selected=value == 1)
            for label, value in (("¼×", 0.25), ("½×", 0.5), ("1×", 1), ("2×", 2), ("4×", 4))
        ]
        controls = element(
            "div",
            element("input", type="range", min=0, max=n - 1, value=0, aria_label="picture"),
            element("button", "Play", type="button", class_="play"),
            element("button", "‹", type="button", class_="back", aria_label="one back"),
            element("button", "›", type="button", class_="next", aria_label="one on"),
            element("select", *speeds, aria_label="speed"),
            class_="controls",
            hidden=True,
        )
        return element(
            "figure",
            element("img", src=sprite, alt=f"{title}: all {n} pictures, row by row"),
            element("canvas", width=width, height=height, role="img", hidden=True),
            element("figcaption", title),
            controls,
            class_="player" if self.times == 1 else "player small",
            style=f"--width: {width * self.times}px",
            role="group",
            aria_label=title,
            data_frames=json.dumps(told),
        )


STYLE = """
.player canvas { display: block; width: 100%; height: auto; outline: 1px solid var(--rule); }
.player:not(.small) img { image-rendering: auto; }
.player.small canvas { image-rendering: pixelated; }
.player [hidden] { display: none; }
.player figcaption { min-height: 2.8em; color: var(--text); }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin-top: 0.5rem; }
.controls button, .controls select {
  font: inherit; font-size: 0.9rem; color: var(--text); background: var(--paper);
  border: 1px solid var(--pale); border-radius: 6px; padding: 0.3rem 0.6rem; min-height: 2.2rem;
}
.controls .play { min-width: 4.2rem; }
.controls input { flex: 1 1 100%; min-width: 0; margin: 0; accent-color: var(--positive); }
@media print { .controls { display: none; } }
"""
"""CSS of players, for `page`."""

SCRIPT = """
for (const player of document.querySelectorAll(".player")) {
  const { columns, seconds, captions, autoplay } = JSON.parse(player.dataset.frames);
  const sprite = player.querySelector("img"), canvas = player.querySelector("canvas");
  const caption = player.querySelector("figcaption"), controls = player.querySelector(".controls");
  const play = player.querySelector(".play"), slider = player.querySelector("input");
  const speed = player.querySelector("select"), n = seconds.length;
  let at = 0, timer = null;

  function show(index) {
    at = (index + n) % n;
    const { width, height } = canvas;
    const x = (at % columns) * width, y = Math.floor(at / columns) * height;
    canvas.getContext("2d").drawImage(sprite, x, y, width, height, 0, 0, width, height);
    canvas.setAttribute("aria-label", captions[at]);
    slider.setAttribute("aria-valuetext", captions[at]);
    caption.textContent = captions[at];
    slider.value = at;
  }

  function wait() {
    timer = setTimeout(() => { show(at + 1); wait(); }, 1000 * seconds[at] / speed.value);
  }

  function run(on) {
    clearTimeout(timer);
    timer = null;
    play.textContent = on ? "Pause" : "Play";
    // Read aloud what is stepped to, not what runs by.
    caption.setAttribute("aria-live", on ? "off" : "polite");
    if (on) wait();
  }

  function step(index) { run(false); show(index); }

  play.onclick = () => run(timer === null);
  player.querySelector(".back").onclick = () => step(at - 1);
  player.querySelector(".next").onclick = () => step(at + 1);
  slider.oninput = () => step(Number(slider.value));
  speed.onchange = () => { if (timer !== null) run(true); };
  player.tabIndex = 0;
  player.onkeydown = (event) => {
    if (event.target !== player || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      " ": () => run(timer === null),
      ArrowLeft: () => step(at - 1),
      ArrowRight: () => step(at + 1),
      Home: () => step(0),
      End: () => step(n - 1),
    }[event.key];
    if (does) { event.preventDefault(); does(); }
  };

  sprite.decode().then(() => {
    sprite.hidden = true;
    canvas.hidden = controls.hidden = false;
    show(0);
    run(autoplay && n > 1 && !matchMedia("(prefers-reduced-motion: reduce)").matches);
  });
}
"""
"""JavaScript of players, for `page`."""
