"""whynet: a neural network library that shows its work."""
