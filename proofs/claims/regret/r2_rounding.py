"""R2+rounding: how far the printed certificate can be from the exact one, and a run on which balls decide it."""

from math import isnan
from types import SimpleNamespace
from typing import Any

import flint
import numpy as np
import sympy

from dwmgrad_ref.arithmetic import added, mirrored, projected, unprojected
from dwmgrad_ref.observers.bound import Watched, certificate, certified, farthest, lag, posterior, reach, watched
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.inference.derivation import Fact, argued, lemma
from proofs.models.driven import Driven
from proofs.statements.claim import Claim
from proofs.statements.statement import Named, Statement, reals
from proofs.statements.vocabulary import T, d, g, i, s

printed, unit, tiny, lagged, widest = reals("B u_r eta L W")
p, q, r = reals("delta1 delta2 delta3")
RUN = Driven(box=True)
D = farthest(RUN.watched_at(T), *RUN.against)
FLOATS = Named(
    "{0} is the number printed: theta, z, w, g and H are the floats of the run, sums are rounded to nearest in "
    "binary64 without overflow, {1} is the largest relative error of one rounding, {2} the smallest normal float, "
    "{3} the sum of |g_t (theta_t - z_t)| over steps and coordinates, {4} the largest distance",
    printed, unit, tiny, lagged, widest,
)  # fmt: skip
FEW = T * d * unit <= sympy.Rational(1, 4)  # fewer than 2^51 coordinate-steps
SMALL = (unit > 0) & (unit <= sympy.Rational(1, 2**20))


def factor() -> Fact:
    """A quadratic term is the product of four rounded factors, two of which are the same difference."""
    gap = (1 + p) ** 2 * (1 + q) * (1 + r) - 1
    small = [sympy.Abs(e) <= unit for e in (p, q, r)]
    return lemma("R2+rounding.factor", "Four relative errors add up, but for terms of second order.", [*small, SMALL],
                 sympy.Abs(gap) <= 5 * unit, [sympy.Abs(gap) <= 3 * unit])  # fmt: skip


def total_error() -> Fact:
    """The whole count. No rule of the ledger covers floating point, so it is argued."""
    parts = sympy.Sum(RUN.certificate(T), (i, 1, d))
    drift = sympy.Sum(D * sympy.sqrt(T * sympy.Sum(g(s, i) ** 2, (s, 1, T))), (i, 1, d))
    within = sympy.Abs(printed - RUN.printed(T)) <= reach(parts, lagged, drift, widest, T, d, unit, tiny)
    return argued(
        "Each difference, product and sum is rounded once. V has relative error 2 u + gamma² (a difference, and the "
        "compensated sum), ½ D² V four more units; the quadratic terms have 5 u + gamma²; a residual is off by u of "
        "itself and 2 u |ghat|, with sum |ghat| <= sum of residuals + sum |g|. Adding three parts, d coordinates and "
        "two totals adds d + 3 units. The lags are d + 1 roundings of |g (theta - z)| and gamma². The factor 2 covers "
        "terms of second order.",
        [], within, [FLOATS, RUN.hypothesis, T >= 1, FEW],
    )  # fmt: skip


# --- one run, in floats and in balls ------------------------------------------------------------------------------

STEPS, WIDTH = 60, 3
Step = tuple[float, ...]


def recorded() -> list[list[Step]]:
    """(g, h, damp, theta, z, w) of every coordinate and step of a heavy-ball run on the box [-1, 1], all floats."""
    runs = []
    for coordinate in range(WIDTH):
        x, V, shift, seen = 0.3 - 0.2 * coordinate, 0.0, 0.0, []
        for t in range(1, STEPS + 1):
            g = ((7 * t + 5 * coordinate) % 13 - 5.7) / 3.1  # of both signs, and not short in binary
            V, z = 0.8 * V + g, mirrored(x, shift)
            free, shift = x - 0.07 * V, -0.8 / (1 - 0.8) * 0.07 * V
            seen.append((g, 1 / 0.07, 1 - 0.8, x, z, unprojected(free, shift, -1.0, 1.0)))
            x = projected(free, -1.0, 1.0)
        runs.append(seen)
    return runs


def observed(runs: list[list[Step]], number: Any) -> tuple[Any, ...]:
    """The printed number and what `reach` needs, by the observer's own functions on that kind of number."""
    memories = [Watched(*[number(0.0)] * len(Watched._fields)) for _ in runs]
    lags, rest, sizes = number(0.0), number(0.0), number(0.0)
    for t in range(STEPS):
        newest = number(0.0)
        for n, seen in enumerate(runs):
            g, h, damp, x, z, w = seen[t]
            memories[n] = watched(memories[n], t + 1, number(g), number(damp * h), 1, number(z), number(w))
            newest += lag(number(x), number(z), number(g))
            sizes += abs(lag(number(x), number(z), number(g)))
        lags, rest = added(lags, rest, newest)
    parts = [certificate(m, number(-1.0), number(1.0)) for m in memories]
    widths = [farthest(m, number(-1.0), number(1.0)) for m in memories]
    squares = [m.squares + m.squares_rest for m in memories]
    total = parts[0] + parts[1] + parts[2]
    return total + lags + rest, total, sizes, widths, squares


def within_reach() -> Found:
    """|float - exact| is at most the reach, and the reach is no more than 10^4 times it."""
    runs = recorded()
    bound, parts, sizes, widths, squares = observed(runs, float)
    exact, *_ = observed(runs, flint.arb)
    drift = sum(width * (STEPS * square) ** 0.5 for width, square in zip(widths, squares, strict=True))
    allowed = reach(parts, sizes, drift, max(widths), STEPS, WIDTH)
    error = abs(flint.arb(bound) - exact)
    detail = f"error {float(error):.2g}, reach {allowed:.2g}"
    return bool(error <= allowed), bool(error > allowed / 10**4), detail, None


def read_out() -> Found:
    """The pair that a trace holds, from any sums at all: the certificate's parts added up, and `reach` of them.

    The sums are no run's: their rests are not small, so that every one of them counts.
    """
    sums = np.array([[flint.arb((7 * row + 5 * i) % 11 + i + 1) / 4 for i in range(WIDTH)]
                     for row in range(len(Watched._fields))], dtype=object)  # fmt: skip
    totals = [flint.arb(value) / 8 for value in (5, 3, 9)]
    largest, true, told = flint.arb(0), True, []
    for box in (None, (-2, 3)):
        low, high = box or (1, 1)
        ends = [np.array([flint.arb(end)] * WIDTH, dtype=object) for end in (low, high)]
        problem = SimpleNamespace(box=box, lower=ends[0], upper=ends[1], convex=True)
        view: Any = SimpleNamespace(sums=sums, totals=totals, t=STEPS, u=ends[0], problem=problem)
        memories = [Watched(*column) for column in sums.T]
        widths = [farthest(memory, low, high) for memory in memories]
        parts = sum((certificate(memory, low, high) for memory in memories), flint.arb(0))
        drift = sum((width * (STEPS * (memory.squares + memory.squares_rest)).sqrt()
                     for width, memory in zip(widths, memories, strict=True)), flint.arb(0))  # fmt: skip
        widest = widths[0].max(widths[1]).max(widths[2])
        expected = (parts + totals[0] + totals[1], reach(parts, totals[2], drift, widest, STEPS, WIDTH))
        found = posterior(view)
        true &= all(abs(a - b) <= b * 2**-50 for a, b in zip(found, expected, strict=True))
        largest = largest.max(expected[0])
        up = certified(view)["certificate"]
        true &= sum(found) < up < sum(found) * (1 + 2**-50)
        problem.convex = False
        true &= isnan(certified(view)["certificate"])
        told.append(f"{found[0]:.6g}")
    return bool(true), bool(largest > 1), f"bounds {', '.join(told)}, against one point and against a box", None


CLAIM = Claim(
    id="R2+rounding",
    title="how far rounding can move the printed certificate",
    statement=Statement(
        given=(FLOATS, RUN.hypothesis, T >= 1, FEW), then=total_error().then,
        where=((unit, "largest relative error of one rounding, 2^-53"), (tiny, "smallest normal float, 2^-1022")),
    ),
    source=Source("ogita2005", "Proposition 4.5, for the compensated sums"),
    kind="inequality",
    proof=(total_error(),),
    controls=(*factor().checks, rigorous("R2+rounding.balls", "A run in floats against the same functions on balls.",
                                         within_reach, 400),
              rigorous("R2+rounding.read", "What a trace holds of given sums is their bound and its reach; the "
                       "certificate is rounded up, and there is none where losses are not convex.", read_out, 200)),
    note="z_{t+1} and w_{t+1} are the same float, or the projection of one, and H is whatever float it is, so only "
    "sums are rounded. It is about the gradients as computed; the rounding inside a problem's gradient is not counted.",
)  # fmt: skip
