"""Weights as pictures: what a layer's units look at, as it lies."""

from __future__ import annotations

from whynet.errors import ConfigError
from whynet.explain.neurons.asked import place_of
from whynet.nn import Conv2D, Dense, DepthwiseConv2D, Flatten, Network
from whynet.ops.arrays import Array, Shape


def weights_as_pictures(net: Network, layer: str | int) -> Array:
    """Return a layer's weights, one picture for each unit: bright where it likes to see ink.

    Shapes are (units, height, width, channels):

    - of a convolution, (filters, kh, kw, channels that the filter sees);
    - of a dense layer on the flattened picture, (units, h, w, c);
    - of one behind feature maps, (units, rows, columns, channels) of the maps;
    - of one behind other neurons (or the means of feature maps), (units, 1, 1, neurons).

    Args:
        net: any net.
        layer: its name, or its number from 0.

    Returns:
        A copy of the weights.

    Raises:
        ConfigError: no such layer, or one that weighs nothing.
    """
    place = place_of(net, layer)
    chosen = net.layers[place - 1]
    if isinstance(chosen, Conv2D | DepthwiseConv2D):
        return chosen.params["kernel"].transpose(3, 0, 1, 2).copy()
    if isinstance(chosen, Dense):
        return chosen.params["kernel"].T.copy().reshape(chosen.units, *_laid_out(net, place - 1))
    weighing = [each.name for each in net.layers if "kernel" in each.params]
    raise ConfigError(
        f"expected a layer that weighs its inputs ({', '.join(weighing) or 'this net has none'}), "
        f"got {chosen.name!r}, a {type(chosen).__name__}"
    )


def _laid_out(net: Network, place: int) -> Shape:
    """Return how a vector that lies at a place was laid out before it was flattened."""
    for layer in reversed(net.layers[:place]):
        if isinstance(layer, Flatten) and len(layer.input_shape) == 3:
            return layer.input_shape
        if layer.input_shape != layer.output_shape or isinstance(layer, Dense):
            break
    return 1, 1, net.layers[place].input_shape[0]
