"""Whether the verdict machine contradicts itself or the literature.

    python -m analysis.audit.soundness [N] [--seed SEED] [--file FILE]

`decide` does not look for a refutation of what is proved. Here both sides are asked of every rule, each without the
other's answer: of rules with a theorem or a known failure, and of N rules drawn from a small grammar of formulas. No
rule may have both answers, no theorem may be refuted, no failure proved, and no run may exceed a bound that is proved.
The table has one line for each rule: `share` is the largest regret over bound that was seen, `limit` what the average
regret tends to on the witness.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.audit import step_model, upper_side, verdict
from analysis.audit.theorem import Theorem
from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule

RESULTS = Path(__file__).parent / "soundness.csv"
SECONDS = 12.0  # for each side of each rule
INF = float("inf")


class Case(NamedTuple):
    """A rule of the package with a schedule, and what is known of it: theorem, failure, or nothing."""

    name: str
    schedule: str
    options: dict[str, Any]
    known: str
    source: str


THEOREM, FAILURE = "theorem", "failure"
KNOWN = (
    Case("sgd", "sqrt", {}, THEOREM, "zinkevich2003, Theorem 1"),
    Case("adagrad", "constant", {}, THEOREM, "duchi2011, Theorem 5"),
    Case("amsgrad", "sqrt", {"bias_correction": False, "beta1": 0.0}, THEOREM, "reddi2018, Theorem 4"),
    Case("amsgrad", "sqrt", {"bias_correction": False}, THEOREM, "alacaoglu2020"),
    Case("dwmgrad", "sqrt", {"delta": INF, "gamma": 0.0}, THEOREM, "dwmgradnotes, R3"),
    Case("adam", "sqrt", {"beta1": 0.0, "beta2": 0.9}, FAILURE, "reddi2018, Theorem 2"),
    Case("adam", "sqrt", {"beta1": 0.9, "beta2": 0.99}, FAILURE, "reddi2018, Theorem 2"),
    Case("rmsprop", "sqrt", {}, FAILURE, "reddi2018, Theorem 2"),
    Case("rmsprop", "constant", {}, FAILURE, "reddi2018, Theorem 2"),
    Case("dwmgrad", "sqrt", {}, FAILURE, "dwmgradnotes, R6"),
    Case("dwmgrad", "constant", {"gamma": 0.0}, FAILURE, "dwmgradnotes, R6"),
    Case("signsgd", "sqrt", {}, FAILURE, "the sign of the more frequent slope wins, whatever their mean"),
)

# --- the grammar ------------------------------------------------------------------------------------------------

SECOND = (
    "c.G + g * g",
    "0.5 * c.G + 0.5 * g * g",
    "0.9 * c.G + (1 - 0.9) * g * g",
    "c.G + (g * g - c.G) / k.t",
    "c.G + (g * g - c.G) / ops.minimum(k.t, 5)",
    "c.G + g * g / k.t",
    "ops.maximum(c.G, g * g)",
    "ops.maximum(c.G, 0.9 * c.G + (1 - 0.9) * g * g)",
    "c.G + ops.absolute(g)",
    "g * g",
)
ROOT = ("ops.sqrt({G}) + {eps}", "{G} + {eps}", "(ops.sqrt({G}) + {eps}) * ops.sqrt(k.t)", "1 + 0 * {G}",
        "ops.sqrt({G} + {eps})")  # fmt: skip
DIRECTION = ("g", "g", "g", "g", "m", "ops.sign(g)")
MEAN = "0.5 * c.m + 0.5 * g"
EPS = ("1e-8", "0.01", "1")
STEP = (*["x - {step}"] * 6, "x - {step} - 0.1 * o.alpha * x", "x + {step}")

TEXT = '''"""A rule drawn from the grammar of `analysis.audit.soundness`."""

from typing import NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Potential, Rule, Source, StepSize


class Options(NamedTuple):
    alpha: StepSize = 0.1


class Shared(NamedTuple):
    t: float


class Coord(NamedTuple):
    G: float
    m: float


def start(o):
    return Shared(t=0)


def shared(o, k, loss):
    return Shared(t=k.t + 1)


def coord(o, k, c, x, g):
    G = {second}
    m = {mean}
    return Coord(G=G, m=m), {step}


def potential(o, k, c):
    return Potential(h=({height}) / o.alpha, damp=1, shift=0)


RULE = Rule(name="{name}", title="drawn", source=Source("dwmgradnotes", "drawn"), Options=Options, Shared=Shared,
            Coord=Coord, start=start, shared=shared, coord=coord, potential=potential)
'''


class Drawn(NamedTuple):
    """A rule of the grammar: its formula in one line, its file's text, and its schedule."""

    formula: str
    text: str
    schedule: str


def drawn(seed: int, number: int) -> Drawn:
    """The rule of that number; it does not depend on how many are drawn."""
    rng = np.random.default_rng([seed, number])
    second, root, direction, eps, step, schedule = (
        str(rng.choice(choices)) for choices in (SECOND, ROOT, DIRECTION, EPS, STEP, step_model.SCHEDULES)
    )
    step = step.format(step=f"o.alpha * {direction} / ({root.format(G='G', eps=eps)})")
    text = TEXT.format(
        second=second, mean=MEAN, step=step, height=root.format(G="c.G", eps=eps), name=f"drawn-{number}"
    )
    return Drawn(f"G = {second}; x = {step}" + (f"; m = {MEAN}" if direction == "m" else ""), text, schedule)


# --- both sides -------------------------------------------------------------------------------------------------


def asked(rule: Rule, schedule: str, seconds: float, file: str | None = None, **options: Any) -> dict[str, Any]:
    """What each side says of a rule, as a line of the table."""
    begun = time.monotonic()
    rule, schedule = step_model.scheduled(rule, schedule, options)
    upper = upper_side.search(rule, schedule, seconds)
    witness, _ = verdict.refutation(rule, schedule, seconds, file)
    proved = bool(upper.theorem and upper.theorem.no_regret)
    return {
        "schedule": schedule,
        "proved": proved,
        "refuted": witness is not None,
        "bound": str(upper.theorem) if proved else "",
        "share": round(share(rule, schedule, upper.theorem), 4) if proved and upper.theorem else None,
        "limit": float(witness.limit) if witness else None,
        "seconds": round(time.monotonic() - begun, 1),
    }


def share(rule: Rule, schedule: str, theorem: Theorem, steps: int = 400, seed: int = 0) -> float:
    """The largest regret over bound of runs on [-1, 1]: many patterns of slopes, and slopes that follow the iterate.

    A theorem is wrong if it is above 1. Every coordinate is a run of its own; the losses g x + |g| + 1 are positive.
    """
    rng, stepping, worst = np.random.default_rng(seed), step_model.Stepping(rule, schedule, np.float64), 0.0
    for alpha, follows in itertools.product((1e-2, 0.3, 10.0), (False, True)):
        G, patterns = step_model.patterns(steps, rng)
        view, x = stepping.start(np.float64(alpha), G), rng.choice([-1.0, 1.0], G.size)
        suffered, slopes = np.zeros(G.size), np.zeros(G.size)
        for pattern in patterns:
            g = np.abs(pattern) * np.where(x > 0, 1.0, -1.0) if follows else pattern
            with np.errstate(all="ignore"):
                taken = stepping.step(view, x, g, 1.0 + np.abs(g).max())
            suffered, slopes = suffered + g * x, slopes + g
            view, x = taken.after, np.clip(x + taken.moved, -1, 1)
        for i in range(1, G.size):  # the first has no slopes
            S = np.sqrt(view.squares[i])
            worst = max(worst, (suffered[i] + abs(slopes[i])) / theorem.bound(alpha, [2.0], [G[i]], [S], steps))
    return float(worst)


def lines(count: int, seed: int, seconds: float = SECONDS) -> Iterator[dict[str, Any]]:
    """The table line by line."""
    for case in KNOWN:
        said = asked(rules.get(case.name), case.schedule, seconds, **case.options)
        chosen = ", ".join(f"{n} = {v}" for n, v in case.options.items())
        yield {"rule": case.name, "seed": "", "formula": chosen, "known": case.known, "source": case.source, **said}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            one = drawn(seed, number)
            file = Path(folder) / f"drawn_{number}.py"
            file.write_text(one.text)
            said = asked(rules.load(file), one.schedule, seconds, str(file))
            yield {"rule": f"drawn-{number}", "seed": seed, "formula": one.formula, "known": "", "source": "", **said}


def wrong(table: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The lines that contradict themselves or what is known."""
    return [
        line
        for line in table
        if (line["refuted"] and (line["proved"] or line["known"] == THEOREM))
        or (line["proved"] and (line["known"] == FAILURE or line["share"] > 1))
    ]


def main() -> int:
    """Write the table as it grows; the exit status is 1 if a line is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=20, help="rules drawn from the grammar")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--file", type=Path, default=RESULTS, help="where the table goes")
    given = parser.parse_args()
    found: list[dict[str, Any]] = []
    for line in lines(given.count, given.seed):
        found.append(line)
        pd.DataFrame(found).to_csv(given.file, index=False)
        print(f"{line['rule']:12} {line['schedule']:9} proved {line['proved']!s:6} refuted {line['refuted']!s:6}"
              f"{line['seconds']:6.1f} s  {line['formula']}", flush=True)  # fmt: skip
    bad = wrong(found)
    print(f"{len(found)} rules, {len(bad)} of them wrong" + "".join(f"\n{line}" for line in bad))
    return int(len(bad) > 0)


if __name__ == "__main__":
    sys.exit(main())
