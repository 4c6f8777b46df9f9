"""Reference optimizers, problems with known constants, and runs that are watched.

>>> from dwmgrad_ref import run
>>> trace = run("dwmgrad", "quadratic-diagonal", 1000, schedule="sqrt")
>>> bool(trace.final["regret"] <= trace.final["bound"])
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dwmgrad_ref.execution.parallel import run_many
    from dwmgrad_ref.execution.runner import NonFinite, grid_points, run
    from dwmgrad_ref.execution.trace import Trace, load

__version__ = "0.1.0"  # pyproject.toml reads it from here

__all__ = ["NonFinite", "Trace", "grid_points", "load", "run", "run_many"]

# Found on first use: pandas and numba take most of a second, and `dwmgrad list` needs neither. No module here
# may be called like one of these names, for importing it would put the module in the name's place.
_HOME = {name: "runner" for name in ("NonFinite", "grid_points", "run")}
_HOME |= {"run_many": "parallel", "Trace": "trace", "load": "trace"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.execution.{_HOME[name]}"), name)
