"""How good whynet's explanations are, beside Captum's methods on the same nets and pictures.

    WHYNET_DATA=... python benchmarks/explanations.py            # every table, as Markdown
    python benchmarks/explanations.py --only ground-truth --json
    python benchmarks/explanations.py --quick                    # a glance
    python benchmarks/explanations.py --list

Nets are trained by the run itself. Choices were made on pictures that are not asked about with
--test. The benchmark is the package `explanations` beside this file (Python takes a package before
a module of the same name).
"""

import sys

from explanations.main import main

if __name__ == "__main__":
    sys.exit(main())
