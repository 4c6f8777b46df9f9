"""One implementation against one rule: agreement, the first divergence, and what of ours reproduces it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from analysis.conformance import explanation, gradients, translation
from analysis.conformance.agreement import Agreement, agreed_steps, compare
from analysis.conformance.explanation import DECAYS, Case, Variant, played
from analysis.conformance.sources import Implementation
from dwmgrad_ref.rules.base import Rule

OWN = "the rule's"
SAME = {"foreach", "fused", "capturable", "differentiable", "maximize", "update_period"}
Tell = Callable[[str], None]


class Subject(NamedTuple):
    """What is compared with what: both sides, the names of our options there, and values that hold throughout."""

    implementation: Implementation
    rule: Rule
    options: Mapping[str, Any]
    own: Mapping[str, Any]
    named: Mapping[str, translation.Name]
    seed: int

    @property
    def decays(self) -> bool:
        """Whether the implementation has a weight decay."""
        return "weight_decay" in self.named


def study(
    implementation: Implementation, rule: Rule, options: Mapping[str, Any] = {}, own: Mapping[str, Any] = {},
    names: Mapping[str, str] = {}, seed: int = 0, tries: int = explanation.TRIES, tell: Tell = lambda line: None,
) -> dict[str, Any]:  # fmt: skip
    """Compare, and where they differ search for what reproduces the implementation.

    Both sides run at the implementation's defaults and at values that make a misplaced term visible, without weight
    decay, and then with it where the implementation has one.

    Args:
        options: options of ours that hold in every comparison; the implementation gets those that it has.
        own: settings of the implementation that we have no option for.
        names: the implementation's names of our options where they are not found by themselves.

    Returns:
        verdict      the formula's and the decay's parts in one sentence
        formula      "agrees", "agrees with ...", "differs; reproduced by ..." or "differs; not reproduced"
        decay        where the weight decay goes; empty where the implementation has none or the formula differs
        their_settings   settings of the implementation that had to be changed before anything of ours agreed
        divergence   the first one: sequence, step, quantity and the two values
        single       whether numbers are kept in float32 unless torch's default is float64; the comparison sets it
        relative, ulps   the largest difference of the iterates, over the way gone and in units in the last place
    """
    named = translation.names(rule, implementation, names)
    pinned = translation.pinned(named, own)
    subject = Subject(implementation, rule, {**options, **pinned}, own, named, seed)
    tell("playing both sides")
    cases = _cases(subject)
    results = [(case, compare(played(rule, Variant(), case), case.theirs)) for case in cases]
    record: dict[str, Any] = {
        "implementation": implementation.name, "version": implementation.version, "rule": rule.name,
        "options": dict(options), "settings": dict(own), "seed": seed,
        "names": {option: str(name) for option, name in named.items()},
        "cases": len(cases), "steps": gradients.STEPS, **_largest(results), "formula": "agrees", "decay": "",
    }  # fmt: skip
    record["single"] = _keeps_single(subject, cases)
    variant: Variant | None = Variant()
    if all(_single(case.theirs.x[1:]) for case in cases):
        gap = max(_single_ulps(played(rule, Variant(), case).x, case.theirs.x) for case in cases)
        record["formula"] = f"computes in float32; within {gap:.3g} units in the last place of float32"
    elif any(not found.agrees for _, found in results):
        record["divergence"] = _first(results)
        subject, variant, found = _explained(subject, cases, tries, tell)
        record |= found
    if variant is not None and subject.decays and "float32" not in record["formula"]:
        tell("placing the weight decay")
        record["decay"] = _decay(subject, variant)
    return record | {"verdict": _verdict(record)}


def _cases(subject: Subject, decay: float = 0.0) -> list[Case]:
    """Every sequence at the defaults and at the visible values."""
    rule, theirs, cases = subject.rule, subject.implementation, []
    for values in (f(rule, theirs, subject.named) for f in (translation.from_defaults, translation.visible)):
        told = {**values, **subject.options, "weight_decay": decay}
        given = translation.settings(theirs, subject.named, told, subject.own)
        mine = told if decay or "weight_decay" in rule.Options._fields else {
            name: value for name, value in told.items() if name != "weight_decay"
        }  # fmt: skip
        cases += [Case(mine, sequence, theirs.run(given, sequence)) for sequence in gradients.sequences(subject.seed)]
    return cases


def _single(x: np.ndarray) -> bool:
    """Whether every number is one of float32."""
    return bool(np.array_equal(x, x.astype(np.float32), equal_nan=True))


def _single_ulps(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference in units in the last place of the largest iterate as a float32."""
    largest = np.float32(max(np.abs(ours).max(), np.abs(theirs).max()))
    return float(np.abs(ours - theirs).max() / np.spacing(largest))


def _keeps_single(subject: Subject, cases: list[Case]) -> bool:
    """Whether the implementation gives other iterates where the library's default is float32."""
    theirs = subject.implementation
    if theirs.single is None:
        return False
    given = translation.settings(
        theirs, subject.named, {**translation.from_defaults(subject.rule, theirs, subject.named), **subject.options},
        {**subject.own, **({"weight_decay": 0.0} if subject.decays else {})},
    )  # fmt: skip
    first = cases[0]
    return not compare(theirs.single(given, first.sequence), first.theirs).agrees


def _explained(
    subject: Subject, cases: list[Case], tries: int, tell: Tell
) -> tuple[Subject, Variant | None, dict[str, Any]]:
    """The subject with changed settings if those help, the first variant that then agrees, and what to record."""
    tell("changing the implementation's own settings")
    subject, cases, changed = _their_settings(subject, cases)
    tell("changing our options and formula")
    found = explanation.Search(subject.rule, cases, tries).run()
    record = {"their_settings": changed, "reproduced": [str(v) for v in found.variants[:4]] if found.complete else [],
              "longest": str(found.variants[0]), "variants_tried": found.tried, "search_cut": found.cut}  # fmt: skip
    variant = found.variants[0] if found.complete else None
    return subject, variant, record | {"formula": _said(variant, changed)}


def _their_settings(subject: Subject, cases: list[Case]) -> tuple[Subject, list[Case], dict[str, Any]]:
    """Settings of the implementation that we have no option for: those whose change lengthens the agreement, at most 2.

    A switch is turned, a number is set to 0. `agreement` is counted as in `explanation.Search`.
    """
    changed: dict[str, Any] = {}
    for _ in range(2):
        before = [_length(subject.rule, case) for case in cases]
        if min(before) == gradients.STEPS:
            break
        for name, value in _switches(subject):
            other = subject._replace(own={**subject.own, name: value})
            try:
                now = _cases(other)
            except Exception:  # others' code may refuse a value in any way it likes
                continue
            after = [_length(subject.rule, case) for case in now]
            if sum(after) > sum(before) and all(new >= old for new, old in zip(after, before, strict=True)):
                subject, cases, changed = other, now, {**changed, name: value}
                break
        else:
            break
    return subject, cases, changed


def _switches(subject: Subject) -> list[tuple[str, Any]]:
    """Settings with another value to try; what only chooses between ways to compute the same is left alone."""
    taken = {name.theirs.partition(".")[0] for name in subject.named.values()} | set(subject.own) | SAME
    free = {name: value for name, value in subject.implementation.defaults.items() if name not in taken}
    turned = [(name, not value) for name, value in free.items() if isinstance(value, bool)]
    return turned + [(n, 0.0) for n, v in free.items() if isinstance(v, int | float) and v and not isinstance(v, bool)]


def _length(rule: Rule, case: Case) -> int:
    return agreed_steps(played(rule, Variant(), case).x, case.theirs.x)


def _largest(results: list[tuple[Case, Agreement]]) -> dict[str, float | None]:
    return {name: _number(max(getattr(found, name) for _, found in results)) for name in ("relative", "ulps")}


def _number(value: float, digits: int = 3) -> float | None:
    return float(f"{value:.{digits}g}") if np.isfinite(value) else None


def _first(results: list[tuple[Case, Agreement]]) -> dict[str, Any]:
    """The earliest divergence of all cases: sequence, step, quantity, the two values."""
    case, found = min(((c, f) for c, f in results if not f.agrees), key=lambda pair: pair[1].step)
    return {"sequence": case.sequence.name, "step": found.step, "quantity": found.quantity,
            "ours": _number(found.ours, 9), "theirs": _number(found.theirs, 9),
            "differing_cases": sum(not f.agrees for _, f in results), "options": dict(case.options)}  # fmt: skip


def _said(variant: Variant | None, changed: Mapping[str, Any]) -> str:
    theirs = " with its " + ", ".join(f"{name}={value}" for name, value in changed.items()) if changed else ""
    if variant is None:
        return f"differs{theirs}; not reproduced"
    if variant.changes:
        return f"differs{theirs}; reproduced by {variant}"
    ours = (" and" if theirs else " with") + f" our {variant}" if variant.options else ""
    return f"agrees{theirs}{ours}"


def _decay(subject: Subject, variant: Variant) -> str:
    """Where the implementation's weight decay goes: the first place at which every case agrees."""
    cases = _cases(subject, translation.DECAY)
    places = [OWN] if "weight_decay" in subject.rule.Options._fields else []
    for place in (*places, *DECAYS):
        if explanation.agrees(subject.rule, variant._replace(decay=place), cases):
            return place
    return "differs"


def _verdict(record: Mapping[str, Any]) -> str:
    if record["decay"] in ("", OWN):
        return record["formula"]
    where = "its weight decay is not reproduced" if record["decay"] == "differs" else record["decay"]
    return f"{record['formula']}; {where}"
