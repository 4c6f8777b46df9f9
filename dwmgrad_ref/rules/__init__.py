"""Every optimizer, one file each; a file dropped here is found by itself.

`names()` lists them, `get(name)` returns one, `load(path)` reads a rule from a file outside the package.
"""

import hashlib
import importlib.util
import sys
import traceback
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from dwmgrad_ref.discovery import defined_in, found_in
from dwmgrad_ref.errors import BadInput, UnknownName
from dwmgrad_ref.rules.base import Rule


@cache
def _registry() -> dict[str, Rule]:
    return found_in(__name__, __path__, Rule)


def names() -> list[str]:
    """Names of all rules, sorted."""
    return sorted(_registry())


def get(name: str | Rule) -> Rule:
    """The rule of that name, or the rule itself.

    Raises:
        UnknownName: lists the nearest names.
    """
    if isinstance(name, Rule):
        return name
    if name not in _registry():
        raise UnknownName("rule", name, _registry())
    return _registry()[name]


def load(path: str | Path) -> Rule:
    """The one rule a Python file outside the package defines, written like those in this folder.

    Its `result_version` is the file's checksum, so that runs of an edited file are other runs.

    Raises:
        BadInput: no such file, Python cannot read it, it defines no rule or several, or its formula fails at once.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path} is not a file; expected a Python file that defines a Rule")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    name = f"dwmgrad_user_rule_{checksum}"  # numba keeps compiled formulas on disk by the names of their modules
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadInput(f"{path} cannot be read: {_told(error, path)}") from error
    rules = defined_in(module, Rule)
    if len(rules) != 1:
        raise BadInput(f"{path} defines {len(rules)} rules; expected exactly one module-level Rule")
    rule = replace(rules[0], result_version=f"file {checksum}")
    _tried(rule, path)
    return rule


def _tried(rule: Rule, path: Path) -> None:
    """Take one step: a slip of the pen is better told by Python than by the compiler."""
    o, one = rule.encode(rule.options()), np.ones(1)
    try:
        with np.errstate(all="ignore"):
            k, c, _ = rule.step(o, *rule.begin(o, one), one, one, 1.0)
            if rule.potential:
                rule.potential(o, k, c)
    except ArithmeticError:
        pass  # the engine's floats divide by zero without complaint
    except Exception as error:
        raise BadInput(f"{path} defines a rule whose first step fails: {_told(error, path)}") from error


def _told(error: Exception, path: Path) -> str:
    """What Python says, and the last line of the file that it passed through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    lines += [error.lineno] if isinstance(error, SyntaxError) else []
    return f"{type(error).__name__}: {error}" + (f" (line {lines[-1]})" if lines else "")
