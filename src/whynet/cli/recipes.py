"""What the options of `whynet train` change about a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from whynet.cli.options import described
from whynet.errors import ConfigError
from whynet.train.recipe import Recipe

AUGMENT = {"shift": 1.5, "rotate": 8, "scale": 0.08, "shear": 0.08}
"""For ``--augment`` where the preset has no augmentation of its own."""


@dataclass(frozen=True)
class Changes:
    """The options that change a recipe; None leaves its own value.

    Attributes:
        epochs, lr, cost, seed: as in `Recipe`.
        batch_size: a whole number or "full".
        optimizer, schedule: a name, or ``NAME,OPTION=VALUE,...``.
        augment: whether to augment.
    """

    epochs: int | None = None
    batch_size: str | None = None
    lr: float | None = None
    optimizer: str | None = None
    schedule: str | None = None
    cost: str | None = None
    augment: bool | None = None
    seed: int | None = None

    def applied_to(self, recipe: Recipe) -> Recipe:
        """Return the recipe with these changes.

        Raises:
            ConfigError: one of them makes no sense.
        """
        config = recipe.config()
        if self.optimizer is not None:
            # A rate that suits one rule is far off for another: begin at its own default.
            config["optimizer"] = described(self.optimizer)
        if self.lr is not None:
            config["optimizer"] = {**config["optimizer"], "lr": self.lr}
        if self.schedule is not None:
            config["schedule"] = described(self.schedule)
        if self.augment is not None:
            config["augment"] = (config["augment"] or AUGMENT) if self.augment else None
        if self.batch_size is not None:
            config["batch_size"] = _batch_size(self.batch_size)
        for name in ("epochs", "cost", "seed"):
            value = getattr(self, name)
            config[name] = config[name] if value is None else value
        return Recipe.from_config(config)

    def resumed(self, recipe: Recipe, where: str) -> Recipe:
        """Return a stored recipe to go on with; only more epochs may be asked for.

        Args:
            recipe: the stored one.
            where: the file that holds it, for messages.

        Raises:
            ConfigError: an option contradicts it.
        """
        wanted = self.applied_to(recipe)
        before, after = recipe.config(), wanted.config()
        changed: list[Any] = [
            name for name in before if name != "epochs" and before[name] != after[name]
        ]
        if changed:
            raise ConfigError(
                f"--resume goes on with the recipe in {where}, which has another "
                f"{' and another '.join(changed)}: leave that option out, or train anew "
                "without --resume"
            )
        if wanted.epochs < recipe.epochs:
            raise ConfigError(
                f"--resume: expected at least the {recipe.epochs} epochs of the recipe in {where}, "
                f"got {wanted.epochs}"
            )
        return wanted


def _batch_size(text: str) -> int | str:
    if text == "full":
        return text
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"--batch-size: expected a whole number or full, got {text!r}") from None
