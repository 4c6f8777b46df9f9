"""Theorems about the generated formulas, re-checked by Coq: see proofs/kernel/build.py and theorems.py.

A claim's verdict rests on its other checks; Coq stands beside it. Where there is no Coq nothing is re-checked, and the
outcome says so together with the record of the last build: it is `unknown`, never a pass. What differs from the record
is news, and fails a run of `dwmgrad verify`.
"""

from collections.abc import Iterable

from proofs.kernel import build
from proofs.kernel.theorems import names as beside
from proofs.statements.claim import Outcome

ENGINE = "coq"
WORDS = {"holds": "re-checked", "unknown": "not re-checked", "fails": "differs from the record"}


def examine(theorems: Iterable[str], compile: bool = True) -> dict[str, Outcome]:
    """What comes of every theorem.

    Args:
        compile: build what changed; otherwise only a build of these very sources that was kept is looked at.
    """
    theorems = list(dict.fromkeys(theorems))
    expected = build.record()

    def all_of(status, detail: str) -> dict[str, Outcome]:
        return {name: Outcome(status, detail, expected["theorems"].get(name)) for name in theorems}

    if not theorems:
        return {}
    if news := build.stale():
        return all_of("fails", news)
    try:
        found = build.build() if compile else build.kept()
    except build.NoCoq as error:
        return all_of("unknown", f"not re-checked here: {error}; the record is of a build with Coq {expected['coq']}")
    except build.Broken as error:
        return all_of("fails", f"the proofs do not compile: {error}")
    if found is None:
        return all_of("unknown", "not re-checked in this run: `dwmgrad verify --engine coq` builds the proofs; the "
                      f"record is of a build with Coq {expected['coq']}")  # fmt: skip
    outcomes = {}
    for name in theorems:
        news = "; ".join(build.differences(found, expected, name))
        kept = found["theorems"].get(name)
        outcomes[name] = Outcome("fails", news, kept) if news else Outcome(
            "holds", f"re-checked by Coq {found['coq']}, its proof by coqc and coqchk", kept)  # fmt: skip
    return outcomes


def news(outcomes: dict[str, Outcome]) -> list[str]:
    """What differs from the record, one line each; the same words for several theorems stand once."""
    return _grouped({name: o for name, o in outcomes.items() if o.status == "fails"})


def summary(outcomes: dict[str, Outcome]) -> list[str]:
    """What was and what was not re-checked, one line each."""
    return _grouped({name: o for name, o in outcomes.items() if o.status != "fails"})


def told(claim: str, outcomes: dict[str, Outcome]) -> str:
    """What is said of the theorems beside a claim: the worst of their states; nothing where it has none."""
    states = {outcomes[name].status for name in beside(claim) if name in outcomes}
    return next((WORDS[state] for state in ("fails", "unknown", "holds") if state in states), "")


def _grouped(outcomes: dict[str, Outcome]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for name, outcome in outcomes.items():
        groups.setdefault(outcome.detail, []).append(name)
    return [
        f"{names[0] if len(names) == 1 else f'{len(names)} theorems'} (coq): {detail}"
        for detail, names in groups.items()
    ]
