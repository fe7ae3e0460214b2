"""What happened, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from whynet.errors import CheckpointError, ConfigError
from whynet.options import choice, read


@dataclass(frozen=True)
class Epoch:
    """One line of a history.

    Attributes:
        epoch: counted from 1.
        cost: average over the epoch's batches, each measured before its own update, with L2.
        accuracy: likewise, a fraction.
        validation_cost, validation_accuracy: measured after the epoch; None without such data.
        lr: the learning rate of the epoch's last update.
        seconds: that the epoch took.
    """

    epoch: int
    cost: float
    accuracy: float
    validation_cost: float | None
    validation_accuracy: float | None
    lr: float
    seconds: float


@dataclass
class History:
    """The curves of a run, one `Epoch` after another.

    ``history["validation_accuracy"]`` is that curve as a list; `ConfigError` if there is no such.
    """

    epochs: list[Epoch] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, curve: str) -> list[Any]:
        choice(curve, "a curve", (column.name for column in fields(Epoch)))
        return [getattr(epoch, curve) for epoch in self.epochs]

    @property
    def watched(self) -> tuple[float, ...]:
        """Each epoch's validation cost, or its training cost where there was no validation."""
        return tuple(
            epoch.cost if epoch.validation_cost is None else epoch.validation_cost
            for epoch in self.epochs
        )

    @property
    def seconds(self) -> float:
        """How long all epochs took together."""
        return float(sum(self["seconds"]))

    def best(self, monitor: str = "validation_cost") -> int:
        """Return the position of the best epoch: lowest cost or highest accuracy, first of equals.

        Falls back to the training curve where there was no validation.

        Raises:
            ConfigError: no such curve, or no epoch yet.
        """
        if not self.epochs:
            raise ConfigError("expected at least one epoch to find the best of, got none")
        curve = self[monitor]
        if any(value is None for value in curve):
            curve = self[monitor.removeprefix("validation_")]
        values = np.array([math.inf if math.isnan(value) else value for value in curve])
        return int(values.argmax() if monitor.endswith("accuracy") else values.argmin())

    def to_csv(self) -> str:
        """Return the history as CSV with a header line."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [column.name for column in fields(Epoch)])
        writer.writeheader()
        writer.writerows(asdict(epoch) for epoch in self.epochs)
        return text.getvalue()

    def config(self) -> list[dict[str, Any]]:
        """Return the history in plain values."""
        return [asdict(epoch) for epoch in self.epochs]

    @classmethod
    def from_config(cls, config: Any) -> History:
        """Read what `config` returned.

        Raises:
            CheckpointError: it is something else.
        """
        if not isinstance(config, list):
            raise CheckpointError(f"expected a history as a list of epochs, got {config!r}")
        try:
            return cls([read(f"epoch {n}", Epoch, epoch) for n, epoch in enumerate(config, 1)])
        except ConfigError as error:
            raise CheckpointError(f"expected a history as a list of epochs: {error}") from None
