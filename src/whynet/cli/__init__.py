"""The command line: ``whynet train | evaluate | predict | explain | mistakes | animate | ...``.

A file for each command, and what they share:

    app.py        the commands under one name
    run.py        from a command line to an exit code, whatever goes wrong
    errors.py     one sentence on stderr, and the exit codes
    console.py    who prints what, and where: people, scripts, pipes
    options.py    options that several commands take
    progress.py   training, live on a terminal or a line an epoch
    jobs.py       a training made ready: net, recipe and data, checked
    recipes.py    what --lr, --optimizer and the rest change about a preset's recipe
    models.py     the model that is meant where none is named
    gathering.py  donors for explanations, after a training
    inputs.py     the pictures that predict, explain and animate are given
    marking.py    a net marked on labelled pictures
    sheets.py     confusion matrices and contact sheets as PNG
    panels.py     an answer's pictures side by side on a terminal
    gallery.py    mistakes and their explanations as one page

**Exit codes**: 0 all well; 1 training diverged, a worker process was ended, or the reader of the
output went away; 2 something about the request or a file is wrong; 130 Ctrl-C. Except for a reader
that went away, one sentence on stderr says what happened.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line, and leave with its exit code."""
    import sys

    from whynet.cli.run import run

    sys.exit(run(sys.argv[1:]))
