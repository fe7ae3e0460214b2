"""Reading what `jobs` wrote, on a side. NumPy alone: no side carries another's library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_job(folder: str, arrays: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a job on a side: its description, and ``weights`` or ``peer`` arrays."""
    described = json.loads((Path(folder) / "job.json").read_text(encoding="utf-8"))
    with np.load(Path(folder) / f"{arrays}.npz") as stored:
        return described, {name: stored[name] for name in stored.files}


def read_pictures(path: str, kind: str = "") -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images as float32 from 0 to 1, (n, height, width, channels), and labels (n,).

    Args:
        path: what `save_pictures` wrote.
        kind: "val_" for those held out.
    """
    with np.load(path) as stored:
        return np.divide(stored[f"{kind}images"], np.float32(255)), stored[f"{kind}labels"]
