"""The pictures that commands are given, as the net wants them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, DataFormatError, WhynetError
from whynet.sequential import Sequential

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Input:
    """One picture to read.

    Attributes:
        name: the file, with the position in it if it holds several: ``digits.npz[3]``.
        picture: as the net takes it; None if it was refused.
        problem: why it was refused.
    """

    name: str
    picture: Picture | None = None
    problem: str = ""


def read_inputs(path: str, net: Sequential) -> Iterator[Input]:
    """Read a picture, or all pictures of an .npz, .npy or .csv file, and prepare them for a net.

    What cannot be used comes out as an `Input` with its problem.
    """
    try:
        pictures = _read(path)
    except WhynetError as error:
        yield Input(path, problem=str(error))
        return
    array = not _is_picture(path)
    for index, picture in enumerate(pictures):
        name = f"{path}[{index}]" if array else path
        try:
            # Arrays of the net's own size come from data sets: they are what it learnt from.
            as_it_is = array and picture.shape == net.input_shape and _dark(picture)
            yield Input(name, picture if as_it_is else for_net(picture, net))
        except WhynetError as error:
            yield Input(name, problem=f"{name}: {error}")


def picked_input(path: str, number: int, net: Sequential) -> Input:
    """Read one picture of a file, prepared as by `read_inputs`; never one with a problem.

    Raises:
        ConfigError: the file does not hold so many.
        DataFormatError: it cannot be read or shows no digit.
    """
    picked = next(islice(read_inputs(path, net), number, None), None)
    if picked is None:
        count = sum(1 for _ in read_inputs(path, net))
        raise ConfigError(
            f"--number: expected 0 to {count - 1:,} for {path}, got {number:,}"
            if count > 1
            else f"--number: {path} holds one picture: leave it out"
        )
    if picked.picture is None:
        raise DataFormatError(picked.problem)
    return picked


def for_net(picture: Picture, net: Sequential) -> Picture:
    """Bring a picture (h, w, 1 or 3) into a net's input shape, in the way that its card names.

    Raises:
        DataFormatError: it cannot be made to fit, or shows no digit; says why.
    """
    shape = net.input_shape
    if len(shape) == 1:  # a net on rows of pixels, as a rule of a square
        side = int(shape[0] ** 0.5)
        shape = (side, side, 1)
    if len(shape) != 3 or shape[2] not in (1, 3) or np.prod(shape) != np.prod(net.input_shape):
        raise DataFormatError(f"a net on inputs of shape {net.input_shape} reads no pictures")
    height, width, channels = shape
    if channels == 1 and net.card.preparation == "digit":
        from whynet.handwriting.digit import prepare

        return prepare(picture, (height, width)).reshape(net.input_shape)
    from whynet.data.pictures import fit, grey

    fitted = fit(picture, height, width)  # as folders of pictures are, when they are learnt from
    if fitted.shape[2] < channels:
        fitted = np.repeat(fitted, channels, axis=2)
    elif fitted.shape[2] > channels:
        fitted = np.rint(grey(fitted)).astype(np.uint8)[..., None]
    return fitted.reshape(net.input_shape)


def _dark(picture: Picture) -> bool:
    """Whether the picture's ground is dark, as that of every set of digits."""
    from whynet.data.pictures import rim

    return bool(np.median(rim(picture)) < 128)


def _is_picture(path: str) -> bool:
    return Path(path).suffix.lower() not in (".npz", ".npy", ".csv")


def _read(path: str) -> NDArray[Any] | list[Picture]:
    """Return the pictures in a file, each (h, w, 1 or 3)."""
    from whynet.data import read_csv, read_npz, read_picture
    from whynet.data.npz import npz_splits

    match Path(path).suffix.lower():
        case ".npz":
            # Of a set in two parts, the part that the net was not trained on.
            splits = npz_splits(path)
            return read_npz(
                path, split="test" if "test" in splits else next(iter(splits), None)
            ).images
        case ".csv":
            return read_csv(path).images
        case ".npy":
            return _read_npy(path)
    return [read_picture(path)]


def _read_npy(path: str) -> NDArray[np.uint8]:
    from whynet.data.arrays import to_images
    from whynet.data.files import existing_file

    try:
        # Mapped, so that a header that claims more than the file holds is refused, not obeyed.
        array = np.load(existing_file(path), mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError) as error:
        raise DataFormatError(f"{path}: is not a readable .npy file of numbers") from error
    if array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3):
        array = array[None]
    return to_images(np.asarray(array), path)
