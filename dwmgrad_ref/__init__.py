"""Reference optimizers, problems with known constants, and runs that are watched.

>>> from dwmgrad_ref import run
>>> trace = run("dwmgrad", "quadratic-diagonal", 1000, schedule="sqrt")
>>> bool(trace.final["regret"] <= trace.final["bound"])
True
"""

from dwmgrad_ref.many import run_many
from dwmgrad_ref.run import NonFinite, grid_points, run
from dwmgrad_ref.trace import Trace, load

__all__ = ["NonFinite", "Trace", "grid_points", "load", "run", "run_many"]
