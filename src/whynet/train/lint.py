"""A linter for nets: the rules of thumb that practitioners pass on, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from whynet.nn import Activation, BatchNormalization, Dropout, Flatten, Layer, Network
from whynet.nn.convolution import Conv2D, DepthwiseConv2D
from whynet.nn.costs import get_cost
from whynet.nn.dense import Dense
from whynet.optim import Optimizer

SQUASHING = ("sigmoid", "tanh")


class NetWarning(UserWarning):
    """A net that will run, but probably not do what its maker hopes."""


@dataclass(frozen=True)
class Advice:
    """One finding.

    Attributes:
        rule: its short name.
        where: the layer or option that it is about.
        problem: what was found.
        reason: why that is a problem, and what to do.
    """

    rule: str
    where: str
    problem: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}: {self.reason} [{self.rule}]"


def lint(
    network: Network, cost: str | None = None, optimizer: Optimizer | None = None
) -> list[Advice]:
    """Look a net over before it is trained.

    Args:
        network: the net.
        cost: the cost that it will be trained with, a name in `whynet.nn.COSTS`; None leaves the
            rules about costs out.
        optimizer: the update rule; None likewise.

    Returns:
        What was found, the most serious first; empty for a sound net.
    """
    # Dropout and reshaping change nothing about which function comes last.
    silent = Dropout | Flatten
    deciding = [layer for layer in network.layers if not isinstance(layer, silent)]
    deciding = deciding or [network.layers[-1]]
    found = [*_untrainable(network), *_output(deciding)]
    if cost is not None:
        found += _cost(deciding[-1], cost)
    found += _initialisation(network)
    if optimizer is not None:
        found += _rate(optimizer)
    return found


def _function(layer: Layer) -> str:
    return layer.function if isinstance(layer, Activation) else ""


def _untrainable(network: Network) -> Iterator[Advice]:
    for layer in network.layers:
        if _function(layer) == "step":
            yield Advice(
                "step-cannot-learn",
                layer.name,
                "a step function",
                "its gradient is 0 everywhere, so gradient descent cannot train this net; "
                "use sigmoid, its smooth relative",
            )


def _output(deciding: list[Layer]) -> Iterator[Advice]:
    last = deciding[-1]
    if _function(last) in ("relu", "leaky_relu"):
        yield Advice(
            "relu-output",
            last.name,
            "ReLU on the output layer",
            "a class whose sum is negative gets no gradient and can never recover; "
            "end with Dense alone (logits)",
        )
    if isinstance(last, BatchNormalization):
        yield Advice(
            "normalised-output",
            last.name,
            "batch normalisation on the output layer",
            "an answer would depend on the other pictures of its batch while training",
        )
    for layer, after in pairwise(deciding):
        if _function(layer) != "softmax":
            continue
        if _function(after) == "softmax":
            yield Advice(
                "softmax-twice",
                after.name,
                "softmax after softmax",
                "the second flattens the first's probabilities towards equal shares; keep one",
            )
        else:
            yield Advice(
                "softmax-inside",
                layer.name,
                "softmax inside the net",
                "it makes units compete and squeezes their gradients; use ReLU or tanh",
            )


def _cost(last: Layer, cost: str) -> Iterator[Advice]:
    function = _function(last)
    if cost == "softmax_cross_entropy" and function == "softmax":
        yield Advice(
            "softmax-twice",
            last.name,
            "softmax before a cost that applies softmax itself",
            "applied twice it can never be sure (at most e/(e + n − 1) for n classes) and "
            "learns slowly; remove this layer, predict_proba applies softmax anyway",
        )
    elif get_cost(cost).on_logits and function in ("sigmoid", "softmax", "tanh"):
        yield Advice(
            "cost-wants-logits",
            last.name,
            f"{function} before {cost}",
            f"this cost applies its own function to raw sums (logits); remove the {function}",
        )
    if cost == "quadratic" and function not in ("sigmoid", "softmax", "tanh"):
        yield Advice(
            "quadratic-wants-bounds",
            last.name,
            "the quadratic cost on unbounded outputs",
            "targets are 0 and 1, and it punishes sums beyond them however right; "
            "end with Sigmoid, or use softmax_cross_entropy",
        )


def _initialisation(network: Network) -> Iterator[Advice]:
    learning = [x for x in network.layers if isinstance(x, Dense | Conv2D | DepthwiseConv2D)]
    for layer, after in zip(network.layers, network.layers[1:], strict=False):
        if not isinstance(layer, Dense | Conv2D | DepthwiseConv2D):
            continue
        fan_in = layer.params["kernel"][..., 0].size
        name, function = layer.kernel_initializer, _function(after)
        if name == "zeros" and layer is not learning[-1]:  # outputs differ by their targets
            yield Advice(
                "zero-weights",
                layer.name,
                "all weights begin at 0",
                "all units of a layer then stay equal for ever; use glorot_uniform or he_normal",
            )
        elif name == "standard_normal" and function in SQUASHING and fan_in > 100:
            yield Advice(
                "saturated-start",
                layer.name,
                f"N(0, 1) weights with {fan_in} inputs into {function}",
                f"sums start out about ±{fan_in**0.5:.0f} when the inputs are of size 1, where "
                f"{function} is flat and learns slowly; use lecun_normal, N(0, 1/√n)",
            )
        elif name.startswith("he_") and function in SQUASHING:
            yield Advice(
                "relu-start",
                layer.name,
                f"He initialisation into {function}",
                "it is made wider for ReLU, which silences half of its inputs; use glorot_uniform",
            )


def _rate(optimizer: Optimizer) -> Iterator[Advice]:
    low, high = optimizer.usual_lr
    name = type(optimizer).__name__
    # Momentum adds up 1 / (1 − µ) steps, so the same rate goes that much further.
    reach = optimizer.lr / (1 - getattr(optimizer, "momentum", 0.0))
    if reach > high:
        yield Advice(
            "rate-high",
            "lr",
            f"{optimizer.lr:g} is far above what {name} is used with",
            f"steps that overshoot raise the cost; usual rates are {low:g} to {high:g}",
        )
    elif reach < low:
        yield Advice(
            "rate-low",
            "lr",
            f"{optimizer.lr:g} is far below what {name} is used with",
            f"training would take very long; usual rates are {low:g} to {high:g}",
        )
