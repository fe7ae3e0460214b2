"""A recipe: everything that decides how a net learns, apart from the net and the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whynet.data.augment import Augmentation
from whynet.errors import ConfigError
from whynet.nn.costs import get_cost
from whynet.optim import Adam, Constant, Optimizer, Schedule, make_optimizer, make_schedule
from whynet.options import build


@dataclass(frozen=True)
class Recipe:
    """How to train. The same recipe, net and data give the same weights, bit for bit.

    Attributes:
        cost: a name in `whynet.nn.COSTS`.
        optimizer: the update rule.
        schedule: what its learning rate is multiplied by over time.
        epochs: passes over the data.
        batch_size: examples an update; 1 is online learning, None takes all at once (gradient
            descent proper).
        l2: λ of L2 regularisation, which adds ½ λ Σw² over all weights (not biases) to the cost.
            (Nielsen's λ is this one times the number of training examples.)
        augment: how pictures are varied; None shows them as they are.
        seed: of the initial weights, the order of examples, dropout and augmentation.

    Raises:
        ConfigError: a value makes no sense.
    """

    cost: str = "softmax_cross_entropy"
    optimizer: Optimizer = field(default_factory=Adam)
    schedule: Schedule = field(default_factory=Constant)
    epochs: int = 10
    batch_size: int | None = 64
    l2: float = 0.0
    augment: Augmentation | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        get_cost(self.cost)
        for name, least in (("epochs", 0), ("batch_size", 1), ("seed", 0)):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and value >= least) and not (name == "batch_size" and value is None):
                raise ConfigError(f"expected {name} as a whole number ≥ {least}, got {value!r}")
        if not (isinstance(self.l2, int | float) and np.isfinite(self.l2) and self.l2 >= 0):
            raise ConfigError(f"expected l2 as a number of at least 0, got {self.l2!r}")

    def config(self) -> dict[str, Any]:
        """Describe the recipe in plain values, as TOML and model files hold it."""
        return {
            "cost": self.cost,
            "optimizer": self.optimizer.config(),
            "schedule": self.schedule.config(),
            "epochs": self.epochs,
            "batch_size": "full" if self.batch_size is None else self.batch_size,
            "l2": self.l2,
            "augment": None if self.augment is None else self.augment.config(),
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Recipe:
        """Make the recipe that `config` described; what is left out takes its default.

        Raises:
            ConfigError: something in the description makes no sense.
        """
        options = dict(config)
        if "optimizer" in options:
            options["optimizer"] = make_optimizer(**_typed(options["optimizer"], "optimizer"))
        if "schedule" in options:
            options["schedule"] = make_schedule(**_typed(options["schedule"], "schedule"))
        if options.get("augment") is not None:
            if not isinstance(options["augment"], Mapping):
                raise ConfigError(f"expected augment as a table, got {options['augment']!r}")
            options["augment"] = build("augment", Augmentation, options["augment"])
        if options.get("batch_size") == "full":
            options["batch_size"] = None
        return build("recipe", cls, options)


def _typed(described: Any, what: str) -> dict[str, Any]:
    """Read "adam", or a table whose ``type`` is "adam", as keyword arguments of a maker."""
    if isinstance(described, str):
        return {"name": described}
    if isinstance(described, Mapping) and "type" in described and "name" not in described:
        options = dict(described)
        return {"name": options.pop("type"), **options}
    raise ConfigError(f"expected {what} as a name or a table with a type, got {described!r}")
