"""Layers, costs and the net that they make. Read `whynet.nn.layer` first."""

from whynet.nn.activation import (
    Activation,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
)
from whynet.nn.convolution import Conv2D, DepthwiseConv2D
from whynet.nn.costs import COSTS, Cost
from whynet.nn.dense import Dense
from whynet.nn.dropout import Dropout
from whynet.nn.initializers import INITIALIZERS
from whynet.nn.layer import Layer, layer_from_config
from whynet.nn.network import Network
from whynet.nn.normalization import BatchNormalization
from whynet.nn.pooling import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from whynet.nn.reshape import Flatten

__all__ = [
    "COSTS",
    "INITIALIZERS",
    "Activation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Cost",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPooling2D",
    "Network",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Step",
    "Tanh",
    "layer_from_config",
]
