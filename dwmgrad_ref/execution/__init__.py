"""Carrying out runs: the runner, the driver's compiled loop, checkpoints, traces, and many runs at once.

The package is not called `run`, for importing it would put it in the place of the function `dwmgrad_ref.run`.
"""
