"""``python -m whynet``: the command line without the script."""

from whynet.cli import main

main()
