"""A camera: it looks at paper from a slant, blurs, adds noise and saves as JPEG."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]


def slant(height: int, width: int, rough: float, rng: np.random.Generator) -> Matrix:
    """Return where each point (x, y, 1) of the picture lies on the paper: a homography, (3, 3).

    The picture's corners see points a little within the paper, so it shows nothing but paper.
    """
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    inwards = np.sign(np.array([width, height]) / 2 - corners)
    seen = corners + inwards * rng.uniform(0, 0.05, (4, 2)) * rough * [width, height]
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, seen, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def mapped(points: NDArray[np.float64], matrix: Matrix) -> NDArray[np.float64]:
    """Take points (n, 2) of x and y through a homography."""
    x, y, scale = matrix @ np.append(points, np.ones((len(points), 1)), axis=1).T
    return np.stack([x / scale, y / scale], axis=1)


def taken(paper: Floats, matrix: Matrix) -> Floats:
    """Look at paper (h, w, 3) through a homography of `slant`; what is seen has the same size."""
    from PIL import Image

    size = paper.shape[1], paper.shape[0]
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(plane)).transform(
                size,
                Image.Transform.PERSPECTIVE,
                matrix.ravel()[:8].tolist(),
                Image.Resampling.BILINEAR,
            )
        )
        for plane in np.moveaxis(paper, 2, 0)
    ]
    return np.stack(planes, axis=2)


def developed(seen: Floats, rough: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn light (h, w, 3), 0 to 1, into what a camera saves: uint8, (h, w, 3)."""
    from PIL import Image
    from scipy import ndimage

    blur = rough * rng.uniform(0, 1.3)
    if blur > 0.1:
        seen = ndimage.gaussian_filter(seen, (blur, blur, 0))
    exposure = 1 - rough * rng.uniform(0, 0.35)
    noise = rng.standard_normal(seen.shape, np.float32) * np.float32(rough * rng.uniform(0, 0.02))
    levels: NDArray[np.uint8] = np.rint(np.clip(seen * exposure + noise, 0, 1) * 255).astype(
        np.uint8
    )
    if not rough:
        return levels
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=int(rng.integers(50, 95)))
    saved: NDArray[np.uint8] = np.asarray(Image.open(file))
    return saved
