"""The same net in PyTorch, and the margin as Captum takes it."""

from __future__ import annotations

import importlib
import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from speed.channels_first import translated

from whynet.sequential import Sequential

INSTALL = "pip install torch==2.13.0 captum scikit-learn"


def missing() -> str | None:
    """Return the package without which there is no other side, if one is missing."""
    return next((name for name in ("torch", "captum") if find_spec(name) is None), None)


def torch() -> Any:
    """Import PyTorch."""
    return importlib.import_module("torch")


def use_threads(count: int) -> None:
    """Let PyTorch compute on so many threads."""
    torch().set_num_threads(count)


def captum() -> Any:
    """Import Captum's attributions, without the warnings about gradients that they ask for."""
    warnings.filterwarnings("ignore", module="captum")
    warnings.filterwarnings("ignore", "Setting (forward|backward)")
    return importlib.import_module("captum.attr")


def tensor(pictures: NDArray[Any]) -> Any:
    """Return pictures (n, h, w, c) as (n, c, h, w)."""
    return torch().from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


def rebuilt(net: Sequential) -> Any:
    """Return the net as a torch.nn.Sequential with modules named as our layers.

    Raises:
        ValueError: a layer that is not known here.
    """
    nn, steps = torch().nn, translated(net)
    made = nn.Sequential()
    for number, (layer, step) in enumerate(zip(net.layers, steps[0], strict=True)):
        given = {
            name.partition(".")[2]: torch().from_numpy(array.copy())
            for name, array in steps[1].items()
            if name.partition(".")[0] == str(number)
        }
        made.add_module(layer.name, _module(nn, step, given))
    return made.eval()


def _module(nn: Any, step: dict[str, Any], given: dict[str, Any]) -> Any:
    kind = step["kind"]
    if kind == "conv":
        out, each = given["kernel"].shape[:2]
        size, groups = tuple(step["size"]), step["groups"]
        made = nn.Conv2d(each * groups, out, size, tuple(step["strides"]), groups=groups)
        made.weight.data, made.bias.data = given["kernel"], given["bias"]
        (above, left), (below, right) = step["before"], step["after"]
        if not any((above, left, below, right)):
            return made
        return nn.Sequential(nn.ZeroPad2d((left, right, above, below)), made)
    if kind == "dense":
        made = nn.Linear(*given["kernel"].shape)
        made.weight.data, made.bias.data = given["kernel"].T.contiguous(), given["bias"]
        return made
    if kind == "max_pool":
        return nn.MaxPool2d(tuple(step["size"]), tuple(step["strides"]))
    simple = {"relu": nn.ReLU, "flatten": nn.Flatten, "dropout": nn.Identity}
    if kind not in simple:
        raise ValueError(f"expected a layer that the other side is taught, got {kind}")
    return simple[kind]()


def margin(net: Any, a: NDArray[np.int64], b: NDArray[np.int64]) -> Any:
    """Return z_a − z_b as a module.

    Args:
        net: in PyTorch.
        a: (n,) a class for each picture; pictures that are run n at a time again and again keep
            their order.
        b: (n,) the rivals.
    """
    nn = torch().nn

    class Margin(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = net
            self.a, self.b = torch().from_numpy(a), torch().from_numpy(b)

        def forward(self, x: Any) -> Any:
            logits, times = self.net(x), len(x) // len(self.a)
            rows = torch().arange(len(x))
            return logits[rows, self.a.repeat(times)] - logits[rows, self.b.repeat(times)]

    return Margin().eval()
