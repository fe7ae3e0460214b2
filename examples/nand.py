"""A perceptron by hand: NAND, the gate from which every other can be built.

Weights −2, −2 and bias 3: the neuron fires unless both inputs do (Nielsen, chapter 1).
"""

import numpy as np

from whynet import Dense, Sequential, Step

net = Sequential([Dense(1), Step()], input_shape=(2,))
net.weights()["dense_1.kernel"][:] = [[-2], [-2]]
net.weights()["dense_1.bias"][:] = 3

inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
for pair, fires in zip(inputs.astype(int).tolist(), net.outputs(inputs).ravel(), strict=True):
    print(f"NAND{tuple(pair)} = {fires:.0f}")
