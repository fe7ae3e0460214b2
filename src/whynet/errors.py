"""What can go wrong, by name.

Every error that whynet raises on purpose derives from `WhynetError` and from the built-in
that fits it, so ``except ValueError`` works for people who never heard of whynet. A message is
one sentence a reader can act on: what was wrong, what was expected, what to do.
"""


class WhynetError(Exception):
    """The parent of every error that whynet raises on purpose."""


class ShapeError(WhynetError, ValueError):
    """An array's shape does not fit. Names the place and both shapes: expected ..., got ..."""


class ConfigError(WhynetError, ValueError):
    """An option, a preset or a layer's argument makes no sense."""


class DataFormatError(WhynetError, ValueError):
    """A data file or picture is not what it claims to be, or holds impossible values."""


class DataNotFoundError(WhynetError, FileNotFoundError):
    """A data set or file is not here and could not be fetched."""


class CheckpointError(WhynetError, ValueError):
    """A model file is damaged, foreign, or does not fit the net it is loaded into."""


class NotDifferentiableError(WhynetError, RuntimeError):
    """A gradient was asked of something that has none, such as the perceptron's step."""


class DivergedError(WhynetError, ArithmeticError):
    """The cost or the weights became NaN or infinite, and no earlier weights could be kept."""


class WorkerError(WhynetError, RuntimeError):
    """A worker is gone, or failed in a way that only it could tell."""
