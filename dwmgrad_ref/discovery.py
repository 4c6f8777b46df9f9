"""One file, one thing: what is dropped into a folder of rules, problems, observers or claims is found by itself."""

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def found_in(package: str, path: Iterable[str], kind: type[T], name: str = "name") -> dict[str, T]:
    """Every module-level value of that type in the modules of a package and its subpackages, by its attribute `name`.

    Raises:
        ValueError: two of them have the same name.
    """
    found: dict[str, T] = {}
    for module in modules_in(package, path):
        for value in defined_in(importlib.import_module(module), kind):
            if found.setdefault(getattr(value, name), value) is not value:
                raise ValueError(f"two files of {package} define a {kind.__name__} called {getattr(value, name)!r}")
    return found


def modules_in(package: str, path: Iterable[str]) -> list[str]:
    """Full names of the modules of a package and its subpackages, sorted by the last part of the name."""
    walked = pkgutil.walk_packages(path, f"{package}.")
    return sorted((m.name for m in walked if not m.ispkg), key=lambda name: (name.rpartition(".")[2], name))


def defined_in(module: ModuleType, kind: type[T]) -> list[T]:
    """The module-level values of that type, and those in module-level lists of nothing else."""
    found: list[T] = []
    for value in vars(module).values():
        several = isinstance(value, list) and value and all(isinstance(one, kind) for one in value)
        found += value if several else [value] if isinstance(value, kind) else []
    return found
