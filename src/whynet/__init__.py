"""whynet: a neural network library that shows its work.

import whynet

net = whynet.Sequential([whynet.Flatten(), whynet.Dense(10)])
digits = whynet.load("strokes")
net.fit(digits.images, digits.labels)
"""

from whynet._version import __version__
from whynet.data import Dataset, load
from whynet.data.augment import Augmentation
from whynet.errors import WhynetError
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
    "WhynetError",
    "__version__",
    "lint",
    "load",
    "load_preset",
    "preset_names",
]
