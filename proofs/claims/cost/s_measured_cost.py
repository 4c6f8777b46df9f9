"""The O(n d) time that S-cost proves of operations, as seconds: exponents fitted to the committed profile.

Operations are not seconds: caches end, calls have overhead, memory must be had from the system. So the measured
statement is one of its own, for the engines that take one pass over memory a step, and can only be supported.
"""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_measurement import Reading, measured
from proofs.cost import measurements
from proofs.statements.claim import Check, Claim, Status
from proofs.statements.statement import Named, Statement, reals

RULE, TOLERANCE = "dwmgrad", sympy.Rational(3, 100)
FUSED = ("compiled", "torch fused")  # one pass over memory a step
exponent = reals("p")
WITHIN = sympy.Abs(exponent - 1) <= TOLERANCE
PAPER = Source("dwmgrad", "the statement on time complexity")


def _read(result: dict[str, Any], against: str, segment: str, engines: tuple[str, ...]) -> Reading:
    """Whether the exponents' intervals of these engines lie within TOLERANCE of 1, every one of them measured.

    It fails if an interval lies outside altogether, and is unknown if one is too wide to tell.
    """
    found = measurements.where(
        measurements.exponents(result), rule=RULE, against=against, segment=segment
    )  # one row an engine
    shown = {r["engine"]: r for r in found if r["engine"] in engines}
    within = all(bool(WITHIN.subs(exponent, r[end])) for r in shown.values() for end in ("low", "high"))
    outside = any(r["low"] > 1 + TOLERANCE or r["high"] < 1 - TOLERANCE for r in shown.values())
    status: Status = "fails" if outside else "holds" if within and set(shown) == set(engines) else "unknown"
    numbers = {name: [round(r[key], 4) for key in ("low", "p", "high")] for name, r in shown.items()}
    detail = "; ".join(f"{name} {p:.3f} in [{low:.3f}, {high:.3f}]" for name, (low, p, high) in numbers.items())
    machine = result["provenance"]["machine"]["processor"]
    return status, f"{detail or 'not measured'}; {machine}", numbers


def against_steps(result: dict[str, Any]) -> Reading:
    return _read(result, "n", "all", FUSED)


def in_cache(result: dict[str, Any]) -> Reading:
    return _read(result, "d", measurements.IN_CACHE, ("compiled",))


def past_caches(result: dict[str, Any]) -> Reading:
    return _read(result, "d", measurements.PAST, FUSED)


NOTE = "The profile is of one machine and is committed; `dwmgrad profile` measures another. "
INTERVAL = "lies in the 95 % interval of the exponent that the committed profile gives the time of"


def claim(id: str, title: str, of: str, check: Check, note: str) -> Claim:
    """The exponent of a measured time is within TOLERANCE of 1."""
    return Claim(
        id=id,
        title=title,
        statement=Statement(given=(Named(f"{{0}} {INTERVAL} {of}", exponent),), then=WITHIN),
        source=PAPER,
        kind="rate",
        search=(check,),
        note=NOTE + note,
    )


STEPS = claim(
    "S-time-n", "DWMGrad's measured time grows like n",
    "n steps, against n: from 100 to 10^7 steps compiled, to 10^4 fused in torch",
    measured("S-time-n.fit", "The exponents of the recorded times, fitted again.", against_steps),
    "What is proved of operations is S-cost.",
)  # fmt: skip

CACHED = claim(
    "S-time-d", "DWMGrad's measured time grows like d, in the caches",
    "a compiled step on d coordinates, against d: from 16 coordinates to those that fill half of the last cache",
    measured("S-time-d.fit", "The exponent of the recorded times, fitted again.", in_cache),
    "In torch the call's overhead hides the exponent there; `dwmgrad profile` shows those intervals.",
)  # fmt: skip

LARGE = claim(
    "S-time-d-large", "DWMGrad's measured time grows like d, past the caches",
    "a step on d coordinates, against d, compiled and fused in torch: where its memory is at least twice the last "
    "cache, up to 2^25 coordinates",
    measured("S-time-d-large.fit", "The exponents of the recorded times, fitted again.", past_caches),
    "Forms that make temporaries also ask the system for memory there, and pay more than in proportion.",
)  # fmt: skip
