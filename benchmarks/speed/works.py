"""What is measured, and what it should reach: the table of targets."""

from __future__ import annotations

from speed.fresh import imports, memory, race
from speed.measure import Work, ceiling, predict, train

_CNN = {"preset": "numpy-cnn", "batch": 128}

WORKS = {
    work.name: work
    for work in (
        Work(
            "train-numpy-cnn-128",
            "train the classic small CNN, batches of 128",
            {"PyTorch": (1.3, 1.8)},
            train,
            _CNN,
        ),
        Work(
            "train-numpy-cnn-256",
            "the same, batches of 256",
            {"PyTorch": (1.3, 1.8)},
            train,
            {"preset": "numpy-cnn", "batch": 256},
        ),
        Work(
            "train-lenet-64",
            "train the LeNet-shaped net, batches of 64",
            {"PyTorch": (1.2, 1.6)},
            train,
            {"preset": "lenet", "batch": 64},
        ),
        Work(
            "train-sigmoid-30-10",
            "train 784-30-10 sigmoid neurons, quadratic cost, SGD, batches of 10 "
            "(scikit-learn has no such net)",
            {"PyTorch": (4.0, 6.0)},
            train,
            {"preset": "sigmoid-30", "batch": 10},
        ),
        # Both rows carry the target, so reaching it on both is reaching it against the better.
        Work(
            "train-mlp-128",
            "train two hidden ReLU layers, batches of 128 (scikit-learn's without dropout)",
            {"PyTorch": (1.2, 2.0), "scikit-learn": (1.2, 2.0)},
            train,
            {"preset": "mlp", "batch": 128},
        ),
        Work(
            "predict-numpy-cnn-128",
            "predict batches of 128",
            {"PyTorch": (1.1, 1.5), "ONNX Runtime": (0.8, 1.0)},
            predict,
            _CNN,
        ),
        Work(
            "predict-lenet-1",
            "predict a single picture, from Python",
            {"PyTorch": (2.0, 3.0), "ONNX Runtime": (0.5, 1.0)},
            predict,
            {"preset": "lenet", "batch": 1},
        ),
        Work(
            "time-to-99",
            "train from nothing to 99 % on MNIST's validation pictures, by the preset `fast`",
            {"PyTorch": (1.2, 2.0)},
            race,
        ),
        Work(
            "memory-numpy-cnn-128",
            "the most memory held while training, all processes together",
            {"PyTorch": (2.0, 4.0)},
            memory,
            _CNN,
        ),
        Work(
            "import",
            "import the library in a new process",
            {"PyTorch": (10.0, 15.0)},
            imports,
        ),
        Work(
            "ceiling",
            "the share of the machine's arithmetic that training reaches",
            {"matrix product": (0.65, 0.95)},
            ceiling,
            _CNN,
        ),
    )
}
