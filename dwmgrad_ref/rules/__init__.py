"""Every optimizer, one file each; a file dropped here is found by itself.

`names()` lists them, `get(name)` returns one, `load(path)` reads a rule from a file outside the package.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from functools import cache
from pathlib import Path

from dwmgrad_ref.errors import BadInput, UnknownName
from dwmgrad_ref.rules.base import Rule


@cache
def _registry() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        found |= {rule.name: rule for rule in _rules_in(importlib.import_module(f"{__name__}.{module}"))}
    return found


def _rules_in(module: object) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]


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
    rules = _rules_in(module)
    if len(rules) != 1:
        raise BadInput(f"{path} defines {len(rules)} rules; expected exactly one module-level Rule")
    return rules[0]
