"""Where data sets lie on this machine: ``$WHYNET_DATA/NAME``, then ``NAME`` in the user's cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder for downloads, which may not exist yet.

    It is ``$XDG_CACHE_HOME/whynet`` where that is set, else the system's usual place:
    ``~/.cache/whynet``, ``~/Library/Caches/whynet``, or ``whynet`` in ``%LOCALAPPDATA%``.
    """
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg) / "whynet"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "whynet"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "whynet"
    return Path.home() / ".cache" / "whynet"


def data_folders() -> tuple[Path, ...]:
    """Return the folders in which a named set is looked for, in this order."""
    by_hand = os.environ.get("WHYNET_DATA")
    return (Path(by_hand), cache_folder()) if by_hand else (cache_folder(),)
