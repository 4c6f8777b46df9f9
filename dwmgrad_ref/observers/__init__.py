"""Every observer, one file each; a file dropped here is found by itself."""

from collections.abc import Iterable
from functools import cache

from dwmgrad_ref.discovery import found_in
from dwmgrad_ref.errors import UnknownName
from dwmgrad_ref.observers.base import Observer

DEFAULT = ("regret", "bound", "potential", "window", "step-size", "audit")


@cache
def _registry() -> dict[str, Observer]:
    return found_in(__name__, __path__, Observer)


def names() -> list[str]:
    """Names of all observers, sorted."""
    return sorted(_registry())


def get(name: str | Observer) -> Observer:
    """The observer of that name, or the observer itself; UnknownName lists the nearest."""
    if isinstance(name, Observer):
        return name
    if name not in _registry():
        raise UnknownName("observer", name, _registry())
    return _registry()[name]


def get_all(chosen: Iterable[str | Observer]) -> list[Observer]:
    """The observers of these names, in this order; raises UnknownName as `get` does."""
    return [get(name) for name in chosen]
