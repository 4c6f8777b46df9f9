"""What of ours reproduces an implementation: an option, a place of the weight decay, or changes of the formula."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from analysis.conformance import edits, gradients, ours
from analysis.conformance.agreement import agreed_steps, compare
from analysis.conformance.edits import Edit
from analysis.conformance.ours import Around, Play
from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.rules.base import Rule

TRIES = 60_000  # changes that one search tries at most, about a minute; a search that this cut is told
WIDTH, MOST = 4, 4  # variants kept from one round to the next, rounds of changes
# What a changed formula may raise; such a change explains nothing.
FAILURES = NameError, TypeError, AttributeError, ValueError, ArithmeticError, BadOption


class Case(NamedTuple):
    """One comparison: our options, the sequence, and the implementation's play."""

    options: Mapping[str, Any]
    sequence: gradients.Sequence
    theirs: Play


class Variant(NamedTuple):
    """Our rule as changed: options that replace the given ones, the place of the decay, changes of the formula."""

    options: Mapping[str, Any] = {}
    decay: str = "the rule's"
    changes: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        told = [f"{name}={value}" for name, value in self.options.items()]
        told += [self.decay] if self.decay != "the rule's" else []
        return "; ".join(told + [str(edit) for edit in self.changes]) or "the rule as it is"


# --- weight decay ------------------------------------------------------------------------------------------


def _coupled(o: Any, k: Any, x: np.ndarray, g: np.ndarray, step: Callable[..., Any], decay: float) -> Any:
    return step(k, x, g + decay * x)


def _decoupled(o: Any, k: Any, x: np.ndarray, g: np.ndarray, step: Callable[..., Any], decay: float) -> Any:
    return step(k, x * (1 - getattr(k, "alpha", o.alpha) * decay), g)


def _fixed(o: Any, k: Any, x: np.ndarray, g: np.ndarray, step: Callable[..., Any], decay: float) -> Any:
    return step(k, x * (1 - decay), g)


def _last(o: Any, k: Any, x: np.ndarray, g: np.ndarray, step: Callable[..., Any], decay: float) -> Any:
    c, x = step(k, x, g)
    return c, x * (1 - getattr(k, "alpha", o.alpha) * decay)


def _proximal(o: Any, k: Any, x: np.ndarray, g: np.ndarray, step: Callable[..., Any], decay: float) -> Any:
    c, x = step(k, x, g)
    return c, x / (1 + getattr(k, "alpha", o.alpha) * decay)


DECAYS: dict[str, Callable[..., Any]] = {
    "decay added to the gradient": _coupled,
    "decay of the iterate by α λ before the step": _decoupled,
    "decay of the iterate by α λ after the step": _last,
    "decay of the iterate by λ before the step": _fixed,
    "the iterate divided by 1 + α λ after the step": _proximal,
}


def played(rule: Rule, variant: Variant, case: Case, functions: Any = None) -> Play:
    """Our rule as changed, on one case; `functions` are those of the variant's changes if they have been made.

    Raises:
        UnknownName, BadOption: the rule does not take these options.
    """
    options = {**case.options, **variant.options}
    around = None
    if variant.decay in DECAYS:
        around = _around(DECAYS[variant.decay], float(options.pop("weight_decay")))
        options |= {"weight_decay": 0.0} if "weight_decay" in rule.Options._fields else {}
    changed = functions or (edits.functions(rule, variant.changes) if variant.changes else None)
    return ours.play(rule, _encoded(rule, tuple(sorted(options.items()))), case.sequence, around, changed)


def _around(place: Callable[..., Any], decay: float) -> Around:
    return lambda o, k, x, g, step: place(o, k, x, g, step, decay)


@cache
def _encoded(rule: Rule, options: tuple[tuple[str, Any], ...]) -> Any:
    return rule.encode(rule.options(**dict(options)))


def agrees(rule: Rule, variant: Variant, cases: Sequence[Case]) -> bool:
    """Whether the variant plays every case as the implementation does."""
    return all(compare(played(rule, variant, case), case.theirs).agrees for case in cases)


# --- the search --------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """The variants that agree on every case, or for longest; how many were tried, and whether that was the limit."""

    variants: tuple[Variant, ...]
    complete: bool
    tried: int
    cut: bool


class _Enough(Exception):
    pass


class Search:
    """From the rule as it is, changes are added while they lengthen the agreement.

    Options come first. A round then tries every single change on the best variants so far; where none of them helps,
    every pair on the first of them. A change helps if no case agrees for a shorter time and the case that broke first
    agrees for longer. The search ends at the first round that has a variant agreeing on every case.
    """

    def __init__(self, rule: Rule, cases: Sequence[Case], tries: int = TRIES):
        self.rule, self.tries, self.tried = rule, tries, 0
        self.edits = edits.edits(rule)
        self.cases = list(cases)

    def run(self) -> Found:
        """Search until something agrees, nothing helps, or enough was tried."""
        root, cut = [(self._lengths(Variant()), Variant())], False
        best = root
        try:
            best = self._round(root, self._options) or root
            if not self._whole(best[0][0]):
                better = self._round(best, self._singles)
                best = (
                    better
                    if better and self._whole(better[0][0])
                    else self._complete(best, self._alike) or better or best
                )
            for _ in range(MOST):
                if self._whole(best[0][0]):
                    break
                better = self._round(best, self._singles) or self._round(best[:1], self._pairs)
                if not better:
                    break
                best = better
            if not self._whole(best[0][0]):  # what helped led nowhere
                best = self._complete(root, self._pairs) or best
        except _Enough:
            cut = True
        done = self._whole(best[0][0])
        return Found(tuple(variant for _, variant in best), done, self.tried, cut)

    def _complete(self, best: list[Any], stage: Callable[[Variant], Iterator[Variant]]) -> list[Any]:
        """The variants of a stage that agree on every case."""
        return [pair for pair in self._round(best[:1], stage) if self._whole(pair[0])]

    def _round(self, best: list[Any], stage: Callable[[Variant], Iterator[Variant]]) -> list[Any]:
        """The variants of a stage that help, those that agree for longest first; only whole ones if there are any."""
        found, seen = [], set()
        for lengths, variant in best:
            for other in stage(variant):
                if self.tried >= self.tries:
                    raise _Enough
                self.tried += 1
                if (longer := self._longer(other, lengths)) and str(other) not in seen:
                    seen.add(str(other))
                    found.append((longer, other))
        found.sort(key=lambda pair: -sum(pair[0]))
        whole = [pair for pair in found if self._whole(pair[0])]
        return whole or found[:WIDTH]

    def _longer(self, variant: Variant, before: Sequence[int]) -> list[int] | None:
        """The lengths of agreement if the variant helps."""
        first = int(np.argmin(before))
        try:
            changed = edits.functions(self.rule, variant.changes) if variant.changes else None
            if self._length(variant, changed, self.cases[first], before[first] + 1) <= before[first]:
                return None
            lengths = [self._length(variant, changed, case) for case in self.cases]
        except FAILURES:
            return None
        return lengths if all(new >= old for new, old in zip(lengths, before, strict=True)) else None

    def _length(self, variant: Variant, changed: Any, case: Case, most: int | None = None) -> int:
        sequence = case.sequence._replace(g=case.sequence.g[:most], losses=case.sequence.losses[:most])
        return agreed_steps(played(self.rule, variant, case._replace(sequence=sequence), changed).x, case.theirs.x)

    def _lengths(self, variant: Variant) -> list[int]:
        return [self._length(variant, None, case) for case in self.cases]

    def _whole(self, lengths: Sequence[int]) -> bool:
        return all(n == len(case.sequence.g) for n, case in zip(lengths, self.cases, strict=True))

    def _options(self, variant: Variant) -> Iterator[Variant]:
        """Every choice of the rule's named options, fewest changes of the given ones first."""
        rule = self.rule
        named = [name for name in rule.Options._fields if name != "schedule" and len(_values(rule, name)) > 1]
        given = {**rule.options()._asdict(), **self.cases[0].options}
        products = itertools.product(*(_values(rule, name) for name in named))
        chosen = [{n: v for n, v in zip(named, values, strict=True) if v != given[n]} for values in products]
        for options in sorted(chosen, key=len):
            yield variant._replace(options=options)

    def _singles(self, variant: Variant) -> Iterator[Variant]:
        """One change more; the first one with every choice of the options, as an option may only help beside it."""
        for base in (variant,) if variant.changes or variant.options else self._options(variant):
            for edit in self.edits:
                if not any(edit.meets(other) for other in base.changes):
                    yield base._replace(changes=(*base.changes, edit))

    def _pairs(self, variant: Variant) -> Iterator[Variant]:
        free = [edit for edit in self.edits if not any(edit.meets(other) for other in variant.changes)]
        for a, b in itertools.combinations(free, 2):
            if not a.meets(b):
                yield variant._replace(changes=(*variant.changes, a, b))

    def _alike(self, variant: Variant) -> Iterator[Variant]:
        """Pairs of changes of one kind, such as the same mistake made twice; they are few and likely."""
        for other in self._pairs(variant):
            if other.changes[-1].what == other.changes[-2].what:
                yield other


def _values(rule: Rule, name: str) -> tuple[Any, ...]:
    if isinstance(rule.options()._asdict()[name], bool):
        return False, True
    return rule.choices(name)
