"""W9: what the window does when the losses are noise. Its moves are fair, but they are not independent."""

from collections import Counter
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, record

SOURCE = Source("dwmgrad-code", "the signals increase and decrease", also=(Source("dwmgradnotes", "W9"),))
n, i = sympy.symbols("n i", positive=True)


def order_only() -> Obligation:
    """Inside an epoch, with reset: `increase` widens iff the loss rose, `decrease` iff it fell; a tie narrows."""
    omega, delta, last, loss, e = reals("omega delta last loss e")
    before = {"omega": omega, "last": last, "e": e}
    up, down = (
        advance(DWMGRAD, record(DWMGRAD, signal=s, delta=delta, gamma=0, alpha=1, epoch=e + 2), loss, before).omega
        for s in ("increase", "decrease")
    )
    given = {"e >= 1": e >= 1, "1 <= omega <= delta, delta > 1": z3.And(omega >= 1, omega <= delta, delta > 1)}
    wide = z3.If(omega + 1 < delta, omega + 1, delta)
    goal = z3.And((up == wide) == (loss > last), (down == wide) == (loss < last))
    return Obligation(given, goal, {"a tie widens": (up == wide) == (loss >= last)})


def moves(losses: tuple[int, ...], signal: str) -> tuple[int, ...]:
    """The moves of the window between consecutive losses, far from both ends, by the formula that runs."""
    o = record(DWMGRAD, signal=signal, delta=Fraction(1000), omega0=Fraction(500), gamma=0, alpha=1)
    k, windows = DWMGRAD.start(o), []
    for loss in losses:
        k = DWMGRAD.shared(o, k, Fraction(loss))
        windows.append(k.omega)
    return tuple(int(b - a) for a, b in zip(windows, windows[1:], strict=False))


def mean(values: list[int]) -> Fraction:
    return Fraction(sum(values), len(values))


def three() -> Found:
    """All 3! orders are equally likely for three exchangeable distinct losses."""
    runs = {s: Counter(moves(p, s) for p in permutations((1, 2, 3))) for s in ("increase", "decrease")}
    both = [[Fraction(c[m], 6) for m in product((1, -1), repeat=2)] for c in runs.values()]
    expected = [Fraction(1, 6), Fraction(1, 3), Fraction(1, 3), Fraction(1, 6)]
    coin = [Fraction(1, 4)] * 4
    witness = {"P(up, up)": "1/6", "P(up, down)": "1/3", "P(down, up)": "1/3", "P(down, down)": "1/6"}
    return all(law == expected for law in both), expected != coin, "1/6, 1/3, 1/3, 1/6 instead of 1/4 each", witness


def four() -> Found:
    """Moves that share no loss: the first and the third of four losses."""
    runs = [moves(p, "increase") for p in permutations((1, 2, 3, 4))]
    apart, near = mean([r[0] * r[2] for r in runs]), mean([r[0] * r[1] for r in runs])
    alone = mean([r[0] for r in runs])
    joint = Counter((r[0], r[2]) for r in runs)
    independent = all(count == 6 for count in joint.values()) and len(joint) == 4
    detail = f"covariance {apart} two apart (independent), {near} for neighbours, mean {alone}"
    return independent and apart == 0 and near == Fraction(-1, 3) and alone == 0, near != 0, detail, None


def variance() -> tuple[Any, Any, Any]:
    """n losses, n - 1 moves of variance 1, n - 2 neighbouring pairs of covariance -1/3."""
    alone: Any = sympy.Sum(1, (i, 1, n - 1)).doit()
    pairs: Any = sympy.Sum(-sympy.Rational(1, 3), (i, 1, n - 2)).doit()
    return alone + 2 * pairs, (n + 1) / 3, n - 1


def enumerated() -> Found:
    found = {}
    for size in range(2, 7):
        sums = [sum(moves(p, "increase")) for p in permutations(range(size))]
        found[size] = mean([s * s for s in sums])
    true = all(v == Fraction(size + 1, 3) for size, v in found.items())
    told = {str(k): str(v) for k, v in found.items()}
    return true, found[6] != 5, f"all orders of up to 6 losses: variances {', '.join(told.values())}", told


def integral() -> tuple[Any, Any, Any]:
    """P(two rises) for independent uniform losses, by integration."""
    a, b, c = sympy.symbols("a b c")
    inner = sympy.integrate(sympy.integrate(sympy.integrate(1, (a, 0, b)), (b, 0, c)), (c, 0, 1))
    return inner, sympy.Rational(1, 6), sympy.Rational(1, 4)


ORDER = Claim(
    id="W9-order",
    title="the window under noise sees only the order of consecutive losses",
    statement="With reset and inside an epoch `increase` widens the window if and only if the loss rose, `decrease` "
    "if and only if "
    "it fell; a tie narrows it. So for exchangeable losses without ties the window's law is the same whatever their "
    "distribution",
    latex=r"\omega_t=\min(\omega_{t-1}+1,\delta)\iff f_t(\theta_t)>f_{t-1}(\theta_{t-1})\quad(\texttt{increase})",
    source=SOURCE,
    kind="identity",
    hypotheses=("beta is reset", "inside an epoch", "delta > 1"),
    depends=("W1",),
    proof=(forall("W9-order.step", "the move is decided by the sign of the difference alone", order_only),),
)

MOVES = Claim(
    id="W9",
    title="moves of the window under exchangeable noise",
    statement="For exchangeable losses without ties, away from the ends: each move is +1 or -1 with probability 1/2; "
    "two successive "
    "moves are (up, up) with probability 1/6 and have covariance -1/3; moves that share no loss are independent; so "
    "n losses "
    "move the window by a sum of mean 0 and variance (n+1)/3, not n-1",
    latex=r"P(\uparrow\uparrow)=\tfrac16,\quad \mathrm{Cov}(\xi_t,\xi_{t+1})=-\tfrac13,\quad \mathrm{Var}\sum_{t<n}"
    r"\xi_t=\frac{n+1}3",
    source=SOURCE,
    kind="identity",
    hypotheses=("losses exchangeable, ties of probability 0", "as W9-order"),
    depends=("W9-order",),
    proof=(
        exact("W9.three", "the six orders of three losses give the law of two successive moves", three),
        exact("W9.four", "the 24 orders of four: moves that share no loss are independent, neighbours -1/3", four),
        identity("W9.variance", "so the variance of the sum is (n-1) - 2 (n-2)/3 = (n+1)/3", variance),
        exact("W9.enumerated", "and it is, over all orders of up to 6 losses", enumerated),
    ),
    note="The reflected random walk of [dwmgradnotes], as first written, has the right mean and a standard deviation "
    "sqrt(3) too large; see W9-printed.",
)

PRINTED = Claim(
    id="W9-printed",
    title="under exchangeable noise the window is a reflected simple random walk",
    statement="Under `increase` or `decrease` with exchangeable noise the moves of the window are independent and fair",
    latex=r"P(\uparrow\uparrow)=\tfrac14",
    source=Source("dwmgradnotes", "W9, as first written"),
    kind="identity",
    refutation=(
        exact("W9-printed.orders", "two rises have probability 1/6, from the six orders of three losses", three),
        identity("W9-printed.integral", "the same by integration over independent uniform losses", integral),
    ),
    note="True in a weaker sense: fair moves, growth like sqrt(t) (W9-growth), blind to progress (W9-order).",
)
