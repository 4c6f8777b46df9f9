"""One file, one thing: what is dropped into a folder of rules, problems, observers or claims is found by itself.

A file outside those folders is read by its path.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from dwmgrad_ref.errors import BadInput

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


def is_file(name: object) -> bool:
    """Whether a name is the path of a Python file, and not the name of something that discovery finds."""
    return isinstance(name, str | Path) and str(name).endswith(".py")


def checksum(path: str | Path) -> str:
    """The first 16 hexadecimal digits of the file's SHA-256.

    Raises:
        BadInput: there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path} is not a file; expected the path of a Python file")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def only_one_in(path: str | Path, kind: type[T], noun: str) -> T:
    """The one module-level value of that type in a Python file, which is executed; `noun` names it in errors.

    Raises:
        BadInput: no such file, Python cannot execute it, or it defines no such value or several.
    """
    path = Path(path)
    found = defined_in(executed(path), kind)
    if len(found) != 1:
        raise BadInput(f"{path} defines {len(found)} {noun}s; expected exactly one module-level {kind.__name__}")
    return found[0]


def defines_one(path: str | Path, kind: type) -> bool:
    """Whether a Python file, which is executed, has exactly one module-level value of that type.

    Raises:
        BadInput: no such file, or Python cannot execute it.
    """
    return len(defined_in(executed(path), kind)) == 1


def executed(path: str | Path) -> ModuleType:
    """The module that a Python file makes; the file is executed.

    Raises:
        BadInput: no such file, or Python cannot execute it.
    """
    path = Path(path)
    # numba keeps compiled formulas on disk by the names of their modules, so an edited file needs another name
    name = f"dwmgrad_user_{path.stem}_{checksum(path)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadInput(f"{path} cannot be read: {told(error, path)}") from error
    return module


def told(error: Exception, path: Path) -> str:
    """What Python says, and the last line of the file that the error passed through."""
    lines = [frame.lineno for frame in _frames(error, path)]
    lines += [error.lineno] if isinstance(error, SyntaxError) else []
    return f"{type(error).__name__}: {error}" + (f" (line {lines[-1]})" if lines else "")


def failing_line(error: Exception, path: Path) -> str:
    """The source of the last line of the file that the error passed through; "" if it passed through none."""
    frames = _frames(error, path)
    return (frames[-1].line or "") if frames else ""


def _frames(error: Exception, path: Path) -> list[traceback.FrameSummary]:
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
