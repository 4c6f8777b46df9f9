"""Every optimizer, one file each; a file dropped here is found by itself.

`names()` lists them, `get(name)` returns one, `load(path)` reads a rule from a file outside the package.
"""

import hashlib
import importlib.util
import sys
from functools import cache
from pathlib import Path

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
    """The one rule a Python file outside the package defines, written like those in this folder."""
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path} is not a file; expected a Python file that defines a Rule")
    # The compiled formula is cached under the module's name, so the name carries the file's content.
    name = f"dwmgrad_user_rule_{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    rules = defined_in(module, Rule)
    if len(rules) != 1:
        raise BadInput(f"{path} defines {len(rules)} rules; expected exactly one module-level Rule")
    return rules[0]
