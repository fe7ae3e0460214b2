"""Update rules and learning-rate schedules."""

from whynet.optim.adam import Adam, AdamW
from whynet.optim.optimizer import OPTIMIZERS, Optimizer, make_optimizer
from whynet.optim.rmsprop import RMSProp
from whynet.optim.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    OneCycle,
    ReduceOnPlateau,
    Schedule,
    StepDecay,
    make_schedule,
)
from whynet.optim.sgd import SGD

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "AdamW",
    "Constant",
    "Cosine",
    "OneCycle",
    "Optimizer",
    "RMSProp",
    "ReduceOnPlateau",
    "Schedule",
    "StepDecay",
    "make_optimizer",
    "make_schedule",
]
