"""What runs in a side's process: it takes a call at a time, and waits idly in between.

A call is a line of JSON, ``{"call": name, "arguments": {...}}``, and so is its answer, ``{"result":
...}`` or ``{"error": ...}``. Everything imported here is in every side's memory, so it is little.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any

KINDS = {
    "ours": ("speed.ours", "Ours"),
    "torch": ("speed.pytorch", "PyTorch"),
    "onnxruntime": ("speed.onnx_runtime", "OnnxRuntime"),
    "sklearn": ("speed.scikit_learn", "ScikitLearn"),
    "matmul": ("speed.matmul", "MatMul"),
}


def main() -> None:
    """Answer calls until the parent closes its end."""
    # Libraries may print and start processes; neither must touch the two pipes to the parent.
    calls, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    module, name = KINDS[sys.argv[1]]
    side: Any = None
    for line in calls:
        asked = json.loads(line)
        try:
            if side is None:
                side = getattr(importlib.import_module(module), name)()
            answer = {"result": getattr(side, asked["call"])(**asked["arguments"])}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
