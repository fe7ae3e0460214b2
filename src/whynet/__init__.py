"""whynet: a neural network library that shows its work.

import whynet

net = whynet.Sequential([whynet.Flatten(), whynet.Dense(10)])
digits = whynet.load("strokes")
net.fit(digits.images, digits.labels)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from whynet._version import __version__

if TYPE_CHECKING:
    from whynet.data import Dataset, load
    from whynet.data.augment import Augmentation
    from whynet.errors import WhynetError
    from whynet.explain import Donors, Why, why
    from whynet.nn import (
        Activation,
        AveragePooling2D,
        BatchNormalization,
        Conv2D,
        Dense,
        DepthwiseConv2D,
        Dropout,
        Flatten,
        GlobalAveragePooling2D,
        Layer,
        LeakyReLU,
        Linear,
        MaxPooling2D,
        ReLU,
        Sigmoid,
        Softmax,
        Step,
        Tanh,
    )
    from whynet.optim import SGD, Adam, AdamW, RMSProp
    from whynet.presets import load_preset, preset_names
    from whynet.sequential import Sequential
    from whynet.train import EarlyStopping, Evaluation, History, Recipe, lint

__all__ = [
    "SGD",
    "Activation",
    "Adam",
    "AdamW",
    "Augmentation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dataset",
    "Dense",
    "DepthwiseConv2D",
    "Donors",
    "Dropout",
    "EarlyStopping",
    "Evaluation",
    "Flatten",
    "GlobalAveragePooling2D",
    "History",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPooling2D",
    "RMSProp",
    "ReLU",
    "Recipe",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Step",
    "Tanh",
    "Why",
    "WhynetError",
    "__version__",
    "lint",
    "load",
    "load_preset",
    "preset_names",
    "why",
]

_HOMES = {
    "whynet.data": "Dataset load",
    "whynet.data.augment": "Augmentation",
    "whynet.errors": "WhynetError",
    "whynet.explain": "Donors Why why",
    "whynet.nn": (
        "Activation AveragePooling2D BatchNormalization Conv2D Dense DepthwiseConv2D "
        "Dropout Flatten GlobalAveragePooling2D Layer LeakyReLU Linear MaxPooling2D ReLU "
        "Sigmoid Softmax Step Tanh"
    ),
    "whynet.optim": "Adam AdamW RMSProp SGD",
    "whynet.presets": "load_preset preset_names",
    "whynet.sequential": "Sequential",
    "whynet.train": "EarlyStopping Evaluation History Recipe lint",
}
"""Where each name lives, as the imports above tell type checkers.

Names are fetched when first used (PEP 562): importing the package costs next to nothing, and a
program waits for no more than it needs.
"""

_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whynet' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
