"""How a net is run fast: plans made once for a net and a number of examples. See `plan.plan`."""

from whynet.plan.plan import Plan, comfortable

__all__ = ["Plan", "comfortable"]
