"""Winograd's convolution for 3×3 filters that move by 1: a quarter of the multiplications.

One dimension first. Four outputs of a filter (g₀ g₁ g₂) over six inputs take 12 multiplications,
but the six inputs and the filter are polynomials, and a product of polynomials is known from its
values at six points. Evaluate both there, multiply *value by value*, and interpolate:

    y = Aᵀ [ (G g) ⊙ (Bᵀ d) ]            6 multiplications instead of 12

In two dimensions the same is done along rows and columns: a tile of 6×6 inputs gives 4×4 outputs
for 36 multiplications instead of 144,

    Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A     F(4×4, 3×3) of Lavin & Gray 2016 (arXiv 1509.09308)

with the points 0, ±1, ±2 and infinity. With many channels, "multiply value by value" becomes one
matrix product for each of the 36 values: (tiles · n × channels) @ (channels × filters). There the
time goes, and there the matrix library is at its best.

**How it lies in memory.** A transform is itself a small matrix product: Bᵀ times six lines of
numbers. In (height, width, n · channels) the six lines of a row of tiles lie one after another and
tiles overlap by two lines, so that one batched product over a view with overlapping windows
transforms the rows of everything, and a second one the columns; nothing is gathered.

**Backward.** The chain rule runs through the same formula. The filter's gradient is found in the
transformed domain,

    ∂C/∂(G g Gᵀ) = Σ over tiles of (Bᵀ d B)ᵀ (A ∂Y Aᵀ)          then  ∂g = Gᵀ ( ... ) G

and the input's gradient is a convolution of the outputs' gradient with the filters turned over, by
the same algorithm. The transformed input is made again rather than kept: that costs less than the
way to memory and back.

**Precision.** The points ±2 make numbers of unequal size that cancel. In float32 a result differs
from float64's by up to 8e-6 of the largest, against 1e-6 for plain sums; the tests hold it to
1.5e-5.
"""

from __future__ import annotations

import numpy as np

from whynet.errors import ConfigError
from whynet.ops.arrays import Array
from whynet.ops.conv import prepared
from whynet.ops.conv.geometry import Windows
from whynet.ops.conv.prepared import NS_MULTIPLY_ADD, Job, Lender, overlapping

TILE = 4
"""Outputs of a tile along each side."""
POINTS = 6
"""Inputs of a tile along each side, and points at which polynomials are evaluated."""

_B_T = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_G = np.array(
    [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]],
) / np.array([[24]])
_A_T = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
)
_CONSTANT = 1 * POINTS + 1
"""Aᵀ turns a 1 at this value (the point 1, both ways) into a 1 at every output of the tile."""


def check(windows: Windows, groups: int) -> None:
    """Make sure that this algorithm can do it.

    Raises:
        ConfigError: it can't.
    """
    if windows.size != (3, 3) or windows.strides != (1, 1) or groups != 1:
        raise ConfigError(
            "expected 3×3 filters, strides of 1 and one group for the algorithm winograd, "
            f"got {windows.size[0]}×{windows.size[1]}, {windows.strides} and {groups}"
        )


def estimate(job: Job) -> float:
    """Guess the nanoseconds of a forward pass for one picture on one core of today."""
    tiles = _Tiles(job.windows.rows, job.windows.columns)
    values = POINTS**2 * tiles.down * tiles.across
    products = values * job.channels * job.filters * NS_MULTIPLY_ADD
    return products + 0.35 * values * (job.channels + job.filters)


class Filters(prepared.Filters):
    """G g Gᵀ for every pair of channel and filter, and the sum of its gradients.

    Attributes:
        values: (36, channels, filters).
        turned: (36, filters, channels), of the filters turned over, for the way back.
        bias: (filters,) or None.
        dvalues, dbias: sums of gradients.
    """

    def __init__(self, job: Job) -> None:
        both = np.kron(_G, _G).astype(job.dtype)  # (36, 9): rows and columns in one product
        self._to_values, self._to_kernel = both, np.ascontiguousarray(both.T)
        self._need_dx = job.need_dx
        c, f = job.channels, job.filters
        self.values = np.empty((POINTS**2, c, f), job.dtype)
        self.turned = np.empty((POINTS**2, f, c) if job.need_dx else 0, job.dtype)
        self._over = np.empty((3, 3, f, c) if job.need_dx else 0, job.dtype)
        self._learns = job.learns
        self.dvalues = np.empty((POINTS**2, c, f) if self._learns else 0, job.dtype)
        self.dbias = np.empty(f, job.dtype)
        self.bias: Array | None = None
        self._loaded = np.full((3, 3, c, f) if not self._learns else 0, np.nan, job.dtype)

    def load(self, kernel: Array, bias: Array | None) -> None:
        """See `prepared.Filters.load`. Filters that don't learn are not transformed again."""
        self.bias = bias
        if not self._learns:
            if np.array_equal(kernel, self._loaded):
                return
            np.copyto(self._loaded, kernel)
        np.matmul(self._to_values, kernel.reshape(9, -1), out=self.values.reshape(36, -1))
        if self._need_dx:
            np.copyto(self._over, kernel[::-1, ::-1].transpose(0, 1, 3, 2))
            np.matmul(self._to_values, self._over.reshape(9, -1), out=self.turned.reshape(36, -1))
        self.dvalues.fill(0)
        self.dbias.fill(0)

    def unload(self, dkernel: Array, dbias: Array | None) -> None:
        """See `prepared.Filters.unload`."""
        np.matmul(self._to_kernel, self.dvalues.reshape(36, -1), out=dkernel.reshape(9, -1))
        if dbias is not None:
            dbias[...] = self.dbias


class Convolution(prepared.Prepared):
    """Winograd's convolution, prepared. Takes and gives "nc"; adds the bias itself."""

    def __init__(self, job: Job, lender: Lender, filters: Filters) -> None:
        windows, n, c, f = job.windows, job.n, job.channels, job.filters
        self.takes = self.gives = "nc"
        self._filters, self._need_dx, self._learns = filters, job.need_dx, job.learns
        (above, _), (left, _) = windows.pads
        tiles = _Tiles(windows.rows, windows.columns)
        padded = lender.keep((*tiles.frame, n * c))
        self.x = padded[above : above + windows.height, left : left + windows.width]
        spare = [filters.dvalues.shape, (f,)] if job.learns else []
        self._there = _Pass(padded, tiles, n, c, f, lender, *spare)
        self._at_bias = self._there.products[_CONSTANT]
        self.y = self._there.y[: windows.rows, : windows.columns]
        if not job.training:
            return
        # The outputs' gradient, with room around it for the filters turned over.
        back = windows.turned()
        (above, _), (left, _) = back.pads
        tiles_back = _Tiles(back.rows, back.columns)
        rows = max(tiles_back.frame[0], above + TILE * tiles.down)
        columns = max(tiles_back.frame[1], left + TILE * tiles.across)
        padded = lender.common((rows, columns, n * f))
        self.dy = padded[above : above + windows.rows, left : left + windows.columns]
        if job.learns:
            tiled = padded[above : above + TILE * tiles.down, left : left + TILE * tiles.across]
            self._spread = _Spread(tiled, tiles, self._there)
            self._by_channel = self._there.values.transpose(0, 2, 1)
            self._dvalues, self._dbias = self._there.spare
            self._ones = np.ones(tiles.down * tiles.across * n, job.dtype)
        if job.need_dx:
            self._back = _Pass(padded, tiles_back, n, f, c, lender)
            self.dx = self._back.y[: back.rows, : back.columns]

    def forward(self) -> None:
        """See `Prepared.forward`."""
        there, filters = self._there, self._filters
        there.transform()
        np.matmul(there.values, filters.values, out=there.products)
        if filters.bias is not None:
            np.add(self._at_bias, filters.bias, out=self._at_bias)
        there.interpolate()

    def backward(self) -> None:
        """See `Prepared.backward`."""
        if self._learns:
            self._learn()
        if self._need_dx:
            back = self._back
            back.transform()
            np.matmul(back.values, self._filters.turned, out=back.products)
            back.interpolate()

    def _learn(self) -> None:
        """Add to the filters' gradient, and to the bias's."""
        there, filters = self._there, self._filters
        there.transform()
        self._spread.run()
        np.matmul(self._by_channel, there.products, out=self._dvalues)
        np.add(filters.dvalues, self._dvalues, out=filters.dvalues)
        if filters.bias is not None:
            # What `forward` added at one value for a whole tile, that value collects from it.
            np.matmul(self._ones, self._at_bias, out=self._dbias)
            np.add(filters.dbias, self._dbias, out=filters.dbias)


class _Tiles:
    """How many tiles of outputs cover a map, and the map of inputs that they look at."""

    def __init__(self, rows: int, columns: int) -> None:
        self.down, self.across = -(-rows // TILE), -(-columns // TILE)
        beyond = POINTS - TILE
        self.frame = TILE * self.down + beyond, TILE * self.across + beyond


class _Pass:
    """Inputs to values, and products to outputs: what both directions do.

    Attributes:
        values: (36, tiles · n, channels), where `transform` leaves Bᵀ d B.
        products: (36, tiles · n, filters), where `interpolate` expects them.
        y: (4 · down, 4 · across, n · filters), where it leaves Aᵀ ... A; edges may be of no use.
        spare: more scratch memory, of the shapes asked for.
    """

    def __init__(
        self,
        padded: Array,
        tiles: _Tiles,
        n: int,
        channels: int,
        filters: int,
        lender: Lender,
        *spare: tuple[int, ...],
    ) -> None:
        down, across, count = tiles.down, tiles.across, tiles.down * tiles.across * n
        width, run = tiles.frame[1], n * channels
        half, self.values, self.products, half_back, *self.spare = lender.scratch(
            (down, POINTS, width * run),
            (POINTS**2, count, channels),
            (POINTS**2, count, filters),
            (TILE, POINTS, down, across, n * filters),
            *spare,
        )
        dtype = padded.dtype
        self._b_t, self._a_t = _B_T.astype(dtype), _A_T.astype(dtype)
        # Rows: six lines of the map for every row of tiles.
        line = padded.shape[1] * run
        self._lines = overlapping(padded, (down, POINTS, width * run), (TILE * line, line, 1))
        self._half = half
        # Columns: six places along what came of it.
        self._places = overlapping(
            half,
            (down, POINTS, across, POINTS, run),
            (POINTS * width * run, width * run, TILE * run, run, 1),
        )
        apart = self.values.reshape(POINTS, POINTS, down, across, run)
        self._values = apart.transpose(2, 0, 3, 1, 4)
        # And back: 6 → 4 along the rows' points, then along the columns'.
        self._rows = self.products.reshape(POINTS, -1)
        self.half_back = half_back
        self._half_back = half_back.reshape(TILE, -1)
        self._points = half_back.transpose(0, 2, 3, 1, 4)
        self.y = lender.hand_over((TILE * down, TILE * across, n * filters))
        self._y = self.y.reshape(down, TILE, across, TILE, -1).transpose(1, 0, 2, 3, 4)

    def transform(self) -> None:
        """Fill ``values`` with Bᵀ d B of all tiles."""
        np.matmul(self._b_t, self._lines, out=self._half)
        np.matmul(self._b_t, self._places, out=self._values)

    def interpolate(self) -> None:
        """Fill ``y`` with Aᵀ (products) A of all tiles."""
        np.matmul(self._a_t, self._rows, out=self._half_back)
        np.matmul(self._a_t, self._points, out=self._y)


class _Spread:
    """A ∂Y Aᵀ: from every tile's upstream gradient to that of its 36 products."""

    def __init__(self, tiled: Array, tiles: _Tiles, there: _Pass) -> None:
        down, across, run = tiles.down, tiles.across, tiled.shape[2]
        width = tiled.shape[1]
        # It overwrites what the forward pass needed between products and outputs.
        self._half = there.half_back.reshape(down, POINTS, width * run)
        self._a = _A_T.T.astype(tiled.dtype)
        line = tiled.strides[0] // tiled.itemsize
        self._lines = overlapping(tiled, (down, TILE, width * run), (TILE * line, line, 1))
        self._places = self._half.reshape(down, POINTS, across, TILE, run)
        apart = there.products.reshape(POINTS, POINTS, down, across, run)
        self._products = apart.transpose(2, 0, 3, 1, 4)

    def run(self) -> None:
        """Fill the pass's ``products`` with their gradient."""
        np.matmul(self._a, self._lines, out=self._half)
        np.matmul(self._a, self._places, out=self._products)
