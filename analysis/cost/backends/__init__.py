"""Every way to step that is profiled, one file each; a file dropped here is found by itself."""

from functools import cache

from analysis.cost.backends.base import Engine
from dwmgrad_ref.discovery import found_in
from dwmgrad_ref.errors import UnknownName


@cache
def registry() -> dict[str, Engine]:
    """All engines by name."""
    return found_in(__name__, __path__, Engine)


def get(name: str) -> Engine:
    """The engine of that name; UnknownName lists the nearest."""
    if name not in registry():
        raise UnknownName("engine", name, registry())
    return registry()[name]
