"""The O(n d) time that S-cost proves of operations, as seconds: exponents fitted to the committed profile.

Operations are not seconds: caches end, calls have overhead, memory must be had from the system. So the measured
statement is one of its own, for the engines that take one pass over memory a step, and can only be supported.
"""

from typing import Any

from dwmgrad_ref.rules.base import Source
from proofs import measurements
from proofs.claim import Claim
from proofs.engines.by_measurement import Reading, measured

RULE, TOLERANCE = "dwmgrad", 0.03
FUSED = ("compiled", "torch fused")  # one pass over memory a step
PAPER = Source("dwmgrad", "the statement on time complexity")


def _read(result: dict[str, Any], against: str, segment: str, engines: tuple[str, ...]) -> Reading:
    """Whether the exponents' intervals of these engines lie within TOLERANCE of 1, every one of them measured."""
    found = measurements.where(
        measurements.exponents(result), rule=RULE, against=against, segment=segment
    )  # one row an engine
    shown = {r["engine"]: r for r in found if r["engine"] in engines}
    within = [abs(r["low"] - 1) <= TOLERANCE and abs(r["high"] - 1) <= TOLERANCE for r in shown.values()]
    numbers = {name: [round(r[key], 4) for key in ("low", "p", "high")] for name, r in shown.items()}
    detail = "; ".join(f"{name} {p:.3f} in [{low:.3f}, {high:.3f}]" for name, (low, p, high) in numbers.items())
    machine = result["provenance"]["machine"]["processor"]
    return set(shown) == set(engines) and all(within), f"{detail or 'not measured'}; {machine}", numbers


def against_steps(result: dict[str, Any]) -> Reading:
    return _read(result, "n", "all", FUSED)


def in_cache(result: dict[str, Any]) -> Reading:
    return _read(result, "d", measurements.IN_CACHE, ("compiled",))


def past_caches(result: dict[str, Any]) -> Reading:
    return _read(result, "d", measurements.PAST, FUSED)


NOTE = "The profile is of one machine and is committed; `dwmgrad profile` measures another. "

STEPS = Claim(
    id="S-time-n",
    title="DWMGrad's measured time grows like n",
    statement="The time of n steps is c0 + c1 n^p with the 95 % interval of p within 0.03 of 1, n from 100 to 10^7 "
    "compiled and to 10^4 fused in torch",
    latex=r"t(n)=c_0+c_1n^p,\qquad|p-1|\le0.03",
    source=PAPER,
    kind="rate",
    search=(measured("S-time-n.fit", "the exponents of the recorded times, fitted again", against_steps),),
    note=NOTE + "What is proved of operations is S-cost.",
)

CACHED = Claim(
    id="S-time-d",
    title="DWMGrad's measured time grows like d, in the caches",
    statement="The time of a compiled step on d coordinates is c0 + c1 d^p with the 95 % interval of p within 0.03 of "
    "1, from 16 coordinates to those that fill half of the last cache",
    latex=r"t(d)=c_0+c_1d^p,\qquad|p-1|\le0.03",
    source=PAPER,
    kind="rate",
    search=(measured("S-time-d.fit", "the exponent of the recorded times, fitted again", in_cache),),
    note=NOTE + "In torch the call's overhead hides the exponent there; `dwmgrad profile` shows those intervals.",
)

LARGE = Claim(
    id="S-time-d-large",
    title="DWMGrad's measured time grows like d, past the caches",
    statement="Where a step's memory is at least twice the last cache, up to 2^25 coordinates, the 95 % interval of "
    "the exponent of d is within 0.03 of 1, compiled and fused in torch",
    latex=r"t(d)=c_0+c_1d^p,\qquad|p-1|\le0.03",
    source=PAPER,
    kind="rate",
    search=(measured("S-time-d-large.fit", "the exponents of the recorded times, fitted again", past_caches),),
    note=NOTE + "Forms that make temporaries also ask the system for memory there, and pay more than in proportion.",
)
