"""Training: the loop, what watches it, what it is told to do, and what it leaves behind."""

from whynet.train.attachment import Attachment
from whynet.train.callbacks import Checkpoint, CSVLog, EarlyStopping, Progress
from whynet.train.evaluation import Evaluation
from whynet.train.history import Epoch, History
from whynet.train.lint import Advice, NetWarning, lint
from whynet.train.loop import Callback, State, Training
from whynet.train.lr_finder import RangeTest, find_lr
from whynet.train.modelfile import Card, load_model, save_model
from whynet.train.recipe import Recipe

__all__ = [
    "Advice",
    "Attachment",
    "CSVLog",
    "Callback",
    "Card",
    "Checkpoint",
    "EarlyStopping",
    "Epoch",
    "Evaluation",
    "History",
    "NetWarning",
    "Progress",
    "RangeTest",
    "Recipe",
    "State",
    "Training",
    "find_lr",
    "lint",
    "load_model",
    "save_model",
]
