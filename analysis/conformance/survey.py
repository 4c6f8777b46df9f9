"""Every implementation of a method that we have a rule for: `python -m analysis.conformance` makes the table.

The table is `results.json`. Without a part of a name only those are studied that the table does not have.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from analysis.conformance import sources, study
from dwmgrad_ref import rules
from dwmgrad_ref.errors import DwmgradError
from dwmgrad_ref.terminal import put_json

HERE = Path(__file__).parent
PAIRS, RESULTS = HERE / "pairs.toml", HERE / "results.json"


class Pair(NamedTuple):
    """An implementation and the rule that it is compared with, as `pairs.toml` names them."""

    implementation: str
    rule: str
    own: Mapping[str, Any]
    options: Mapping[str, Any]
    names: Mapping[str, str]

    @property
    def key(self) -> str:
        """What tells the studies of one version of a package apart."""
        own = ",".join(f"{name}={value}" for name, value in self.own.items())
        return f"{self.implementation}{':' if own else ''}{own} {self.rule}"


def pairs() -> Iterator[Pair]:
    """Every pair of the file, those of one rule together."""
    for entry in tomllib.loads(PAIRS.read_text(encoding="utf-8"))["pair"]:
        for name in entry["with"]:
            told = (entry.get(part, {}) for part in ("own", "options", "names"))
            yield Pair(name, entry["rule"], *told)


def records() -> list[dict[str, Any]]:
    """The studies of the committed table."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))["studies"] if RESULTS.is_file() else []


def survey(only: str = "", tell: Callable[[str], None] = print) -> list[dict[str, Any]]:
    """Study every pair whose name contains `only`, without it those that the table lacks, and write it after each.

    Records of other versions and of pairs that are not studied now are kept. A pair whose package is not installed, or
    whose implementation cannot be played, is told and left out.
    """
    kept = {(record["key"], record["version"]): record for record in records()}
    for pair in pairs():
        if only not in pair.key or pair.rule not in rules.names():
            continue
        try:
            found = sources.get(pair.implementation)
            if not only and (pair.key, found.version) in kept:
                continue
            record = study.study(found, rules.get(pair.rule), pair.options, pair.own, pair.names)
        except (DwmgradError, TypeError, RuntimeError, ValueError, AttributeError) as error:
            tell(f"{pair.key}: left out: {str(error).partition(chr(10))[0]}")
            continue
        kept[(pair.key, record["version"])] = {"key": pair.key, **record}
        tell(f"{pair.key} ({record['version']}): {record['verdict']}")
        put_json(RESULTS, {"studies": [kept[key] for key in sorted(kept)]})
    return [kept[key] for key in sorted(kept)]
