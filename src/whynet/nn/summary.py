"""A net on one page: what each layer makes of its input, what it learns and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from whynet.nn.layer import Layer
from whynet.ops.arrays import Shape

_HEADINGS = ("layer", "type", "output", "parameters", "sees", "multiply-adds")


@dataclass(frozen=True)
class Row:
    """One layer's line.

    Attributes:
        name, kind: the layer's name and class.
        output: its output shape, without the batch.
        parameters: how many numbers it learns.
        field: its receptive field, the (rows, columns) of the input that one output depends on.
        multiply_adds: for one example's forward pass.
    """

    name: str
    kind: str
    output: Shape
    parameters: int
    field: tuple[int, int]
    multiply_adds: int

    def cells(self) -> tuple[str, ...]:
        """The line's words."""
        return (
            self.name,
            self.kind,
            "×".join(str(size) for size in self.output),
            f"{self.parameters:,}",
            f"{self.field[0]}×{self.field[1]}",
            f"{self.multiply_adds:,}",
        )


@dataclass(frozen=True, repr=False)
class Summary:
    """A table of a net's layers: text when printed, HTML in notebooks.

    Attributes:
        input_shape: what goes in.
        rows: one for each layer.
    """

    input_shape: Shape
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """How many numbers the net learns."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiplications (each with its addition) for one example's forward pass."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def _total(self) -> str:
        shape = "×".join(str(size) for size in self.input_shape)
        return (
            f"input {shape}, {self.parameters:,} parameters, "
            f"{self.multiply_adds:,} multiply-adds an example"
        )

    def __str__(self) -> str:
        lines = [_HEADINGS, *(row.cells() for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
        text = [
            "  ".join(
                cell.ljust(width) if column < 2 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join(
            [text[0], "─" * (sum(widths) + 2 * len(widths) - 2), *text[1:], self._total]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(line(row.cells(), "td") for row in self.rows)
        return (
            f"<table><caption>{escape(self._total)}</caption>"
            f"<thead>{line(_HEADINGS, 'th')}</thead><tbody>{body}</tbody></table>"
        )


def summarize(layers: Sequence[Layer], input_shape: Shape) -> Summary:
    """Make the table for built layers.

    The receptive field grows by (window − 1) steps of the layers below, and each stride makes
    those steps larger; it never exceeds the input.
    """
    whole = (input_shape[0], input_shape[1]) if len(input_shape) > 1 else (1, input_shape[0])
    field, step, rows = (1, 1), (1, 1), []
    for layer in layers:
        window = layer.window
        if window is None:
            field = whole
        elif len(layer.input_shape) == 3:
            size, stride = window
            grown = (field[i] + (size[i] - 1) * step[i] for i in (0, 1))
            field = tuple(min(a, b) for a, b in zip(grown, whole, strict=True))  # type: ignore[assignment]
            step = step[0] * stride[0], step[1] * stride[1]
        rows.append(
            Row(
                layer.name,
                type(layer).__name__,
                layer.output_shape,
                layer.parameter_count,
                field,
                layer.multiply_adds,
            )
        )
    return Summary(tuple(input_shape), tuple(rows))
