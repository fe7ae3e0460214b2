"""A recipe: everything that decides how a net learns, apart from the net and the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whynet.data.augment import Augmentation
from whynet.errors import ConfigError
from whynet.nn.costs import get_cost
from whynet.optim import Adam, Constant, Optimizer, Schedule, make_optimizer, make_schedule
from whynet.options import build, number_fields, whole_fields

_PARTS = (
    ("optimizer", Optimizer, "Adam()"),
    ("schedule", Schedule, "Constant()"),
    ("augment", Augmentation | None, "Augmentation()"),
)
_MOST_EPOCHS = 10**9  # beyond any life, and still a number that all arithmetic takes


@dataclass(frozen=True)
class Recipe:
    """How to train. The same recipe, net and data give the same weights, bit for bit.

    Attributes:
        cost: a name in `whynet.nn.COSTS`.
        optimizer: the update rule.
        schedule: what its learning rate is multiplied by over time.
        epochs: passes over the data.
        batch_size: examples an update; 1 is online learning, None (or "full", as files say it)
            takes all at once (gradient descent proper).
        l2: λ of L2 regularisation, which adds ½ λ Σw² over all weights (not biases) to the cost.
            (Nielsen's λ is this one times the number of training examples.)
        augment: how pictures are varied; None shows them as they are.
        seed: of the order of examples, dropout and augmentation; of the initial weights too where
            the net is made for the recipe, as `whynet train` does.

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
        for name, kind, such in _PARTS:
            part = getattr(self, name)
            if not isinstance(part, kind):
                raise ConfigError(f"expected {name} as an object such as {such}, got {part!r}")
        if isinstance(self.batch_size, str) and self.batch_size == "full":
            object.__setattr__(self, "batch_size", None)
        if self.batch_size is not None:
            whole_fields(self, "batch_size", least=1)
        whole_fields(self, "epochs", least=0, most=_MOST_EPOCHS)
        whole_fields(self, "seed", least=0)
        number_fields(self, "l2", least=0)

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
        if not isinstance(config, Mapping):
            raise ConfigError(f"recipe: expected a table of options, got {config!r}")
        options = dict(config)
        if "optimizer" in options:
            options["optimizer"] = make_optimizer(**_typed(options["optimizer"], "optimizer"))
        if "schedule" in options:
            options["schedule"] = make_schedule(**_typed(options["schedule"], "schedule"))
        if options.get("augment") is not None:
            if not isinstance(options["augment"], Mapping):
                raise ConfigError(f"expected augment as a table, got {options['augment']!r}")
            options["augment"] = build("augment", Augmentation, options["augment"])
        return build("recipe", cls, options)


def _typed(described: Any, what: str) -> dict[str, Any]:
    """Read "adam", or a table whose ``type`` is "adam", as keyword arguments of a maker."""
    if isinstance(described, str):
        return {"name": described}
    if isinstance(described, Mapping) and "type" in described and "name" not in described:
        options = dict(described)
        return {"name": options.pop("type"), **options}
    raise ConfigError(f"expected {what} as a name or a table with a type, got {described!r}")
