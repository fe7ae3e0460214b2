"""The model that is meant where none is named."""

from __future__ import annotations

from pathlib import Path

from whynet.errors import ConfigError, DataNotFoundError

_LISTED = 3
"""Files to name in a message; the rest are counted."""


def only_model() -> Path:
    """Return the one model file that `whynet train` has left in the current folder.

    Raises:
        DataNotFoundError: there is none; says how to get one.
        ConfigError: there are several.
    """
    found = sorted(Path().glob("whynet-*.safetensors"))
    if not found:
        raise DataNotFoundError(
            "--model: there is no whynet-*.safetensors in this folder: make one with "
            "`whynet train`, or name a model file"
        )
    if len(found) > 1:
        more = len(found) - _LISTED
        names = ", ".join(map(str, found[:_LISTED])) + (f" and {more} more" if more > 0 else "")
        raise ConfigError(f"--model: there are several in this folder ({names}): name one of them")
    return found[0]
