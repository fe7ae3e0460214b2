"""Pure functions on arrays: convolution, pooling, activations, costs. No state, no layers."""
