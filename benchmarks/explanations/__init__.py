"""The explanations' benchmark: one table a file, each with a ``measure`` that returns it.

`main` reads the arguments, `subjects` trains the nets that are explained, `side_by_side` rebuilds
them in PyTorch for Captum, `questions` asks ours in parallel processes, `report` prints.
"""
