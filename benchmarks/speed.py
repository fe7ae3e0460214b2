"""How fast whynet is beside PyTorch, ONNX Runtime and scikit-learn, on the same machine, today.

    python benchmarks/speed.py                               # every work, as a table
    python benchmarks/speed.py --only import --only predict-lenet-1 --json
    python benchmarks/speed.py --list

The benchmark itself is the package `speed` beside this file (Python takes a package before a module
of the same name); docs/speed.md says how it keeps the comparison fair.
"""

import sys

from speed.main import main

if __name__ == "__main__":
    sys.exit(main())
