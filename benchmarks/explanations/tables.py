"""All tables, by the names that --only takes."""

from __future__ import annotations

from types import ModuleType

from explanations import (
    agreement,
    completeness,
    counterfactuals,
    ground_truth,
    sanity,
    stability,
    times,
)

TABLES: dict[str, ModuleType] = {
    "ground-truth": ground_truth,
    "completeness": completeness,
    "counterfactuals": counterfactuals,
    "agreement": agreement,
    "sanity": sanity,
    "stability": stability,
    "times": times,
}
