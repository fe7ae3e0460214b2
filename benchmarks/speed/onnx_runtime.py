"""ONNX Runtime's side: the same net as a graph built by hand from our weights."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speed.clock import median_call
from speed.files import read_job, read_pictures

TRIAL = 0.15
_OPSET, _IR = 17, 8
_ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}
_IGNORED = ("dropout", "linear")  # do nothing at prediction


class OnnxRuntime:
    """ONNX Runtime, answering the benchmark's calls."""

    def __init__(self) -> None:
        self._runtime: Any = importlib.import_module("onnxruntime")

    def open(self, folder: str) -> None:
        """Take up a job: build its graph."""
        job, arrays = read_job(folder, "peer")
        images, _ = read_pictures(job["data"])
        self._images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        self._model = graph(job["steps"], arrays, self._images.shape[1:])
        self._start(0)

    def tune(self, training: bool, batch: int) -> dict[str, Any]:
        """Try one thread and all cores, keep the faster, and say which it is."""
        assert not training, "ONNX Runtime only predicts here"
        tried: dict[int, float] = {}
        for threads in (1, 0, 1, 0):  # twice: a busy moment must not decide
            self._start(threads)
            spent = self.predict(TRIAL, batch)
            tried[threads] = min(spent, tried.get(threads, spent))
        best = min(tried, key=lambda threads: tried[threads])
        self._start(best)
        return {"words": "1 thread" if best else "all cores"}

    def answers(self, n: int, batch: int, trained: bool) -> list[list[float]]:
        """Return the outputs for n pictures; see `Ours.answers`."""
        assert not trained, "ONNX Runtime only predicts here"
        parts = [self._ask(self._images[i : i + batch]) for i in range(0, n, batch)]
        found: list[list[float]] = np.concatenate(parts).tolist()
        return found

    def predict(self, seconds: float, batch: int) -> float:
        """Predict one batch again and again for a while; return the median time."""
        x = self._images[:batch]
        return median_call(lambda: self._ask(x), seconds)

    def _start(self, threads: int) -> None:
        """Open a session; 0 threads are as many as there are cores."""
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = self._runtime.InferenceSession(
            self._model, options, providers=["CPUExecutionProvider"]
        )

    def _ask(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        answer: NDArray[np.float32] = self._session.run(None, {"x": x})[0]
        return answer


def graph(steps: list[dict[str, Any]], arrays: dict[str, Any], shape: tuple[int, ...]) -> bytes:
    """Return a net as a serialised ONNX model that takes (n, *shape)."""
    onnx: Any = importlib.import_module("onnx")
    helper: Any = importlib.import_module("onnx.helper")
    numpy_helper: Any = importlib.import_module("onnx.numpy_helper")
    nodes, last = [], "x"
    for number, step in enumerate(steps):
        kind, options = step["kind"], {}
        if kind in _IGNORED:
            continue
        names: tuple[str, ...] = ()
        if "size" in step:
            options = {
                "kernel_shape": step["size"],
                "strides": step["strides"],
                "pads": [*step["before"], *step["after"]],
            }
        if kind == "conv":
            operator, names = "Conv", ("kernel", "bias")
            options["group"] = step["groups"]
        elif kind == "dense":
            operator, names = "Gemm", ("kernel", "bias")
        elif kind == "batch_norm":
            operator, names = "BatchNormalization", ("gamma", "beta", "mean", "variance")
            options = {"epsilon": step["epsilon"]}
        elif kind == "global_average":
            nodes.append(helper.make_node("GlobalAveragePool", [last], [f"mean{number}"]))
            operator, last = "Flatten", f"mean{number}"
        else:
            pools = {"max_pool": "MaxPool", "average_pool": "AveragePool", "flatten": "Flatten"}
            operator = (_ACTIVATIONS | pools)[kind]
        taken = [f"{number}.{name}" for name in names if f"{number}.{name}" in arrays]
        nodes.append(helper.make_node(operator, [last, *taken], [f"y{number}"], **options))
        last = f"y{number}"
    kind = onnx.TensorProto.FLOAT
    made = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", kind, ["n", *shape])],
        [helper.make_tensor_value_info(last, kind, ["n", "outputs"])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    versions = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(made, opset_imports=versions, ir_version=_IR)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised
