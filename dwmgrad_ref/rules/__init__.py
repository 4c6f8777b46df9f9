"""Every optimizer, one file each; a file dropped here is found by itself.

`names()` lists them, `get(name)` returns one, and `load(path)` reads a rule from a file outside the package.
`get` reads a file too when it is given a path that ends in .py, so a file may stand wherever a rule is named.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

from dwmgrad_ref import discovery
from dwmgrad_ref.errors import BadInput, UnknownName
from dwmgrad_ref.rules import file_checks
from dwmgrad_ref.rules.base import Rule

TORCH = "torch:"  # how a class of PyTorch is named where one can be used: torch:package.module.Class


@cache
def _registry() -> dict[str, Rule]:
    return discovery.found_in(__name__, __path__, Rule)


def names() -> list[str]:
    """Names of all rules, sorted."""
    return sorted(_registry())


def get(name: str | Path | Rule) -> Rule:
    """The rule of that name, the rule in that file if the name ends in .py, or the rule itself.

    Raises:
        UnknownName: lists the nearest names.
        BadInput: the file defines no rule (see `load`), or the name is that of a class of PyTorch.
    """
    if isinstance(name, Rule):
        return name
    if discovery.is_file(name):
        return load(name)
    if str(name).startswith(TORCH):
        raise BadInput(
            f"{name} is a class of PyTorch. Only its iterates are seen, and this needs a formula, written as "
            f"in docs/extending.md. `dwmgrad audit --rule {name}` and experiment files of `dwmgrad train` take a class"
        )
    if name not in _registry():
        raise UnknownName("rule", str(name), _registry())
    return _registry()[str(name)]


def load(path: str | Path) -> Rule:
    """The one rule a Python file outside the package defines, written like those in this folder.

    Its `result_version` is the file's checksum, so that runs of an edited file are other runs. As long as the file is
    unchanged, the same object is returned.

    Raises:
        BadInput: no such file, Python cannot read it, it defines no rule or several, an option of
            it has no annotation, or its formula fails at once.
    """
    return _loaded(Path(path), discovery.checksum(path))


@cache
def _loaded(path: Path, checksum: str) -> Rule:
    rule = replace(discovery.only_one_in(path, Rule, "rule"), result_version=f"file {checksum}")
    file_checks.check(rule, path)
    return rule
