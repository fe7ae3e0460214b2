"""The speed benchmark: whynet and its peers side by side, each in a process of its own.

`main` reads the arguments, `works` lists what is measured and what it should reach, `measure` runs
it. `process` starts a side and talks to it; `side` is what runs there, with one of `ours`,
`pytorch`, `onnx_runtime`, `scikit_learn` and `matmul` inside.
"""
