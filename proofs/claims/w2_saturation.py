"""W2: positive losses saturate the window; one loss of exactly 0 narrows it."""

from fractions import Fraction
from typing import Any

import flint
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_arb import rigorous
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import Obligation, exists, forall, reals
from proofs.formulas import DWMGRAD, advance, record

SOURCE = Source("dwmgrad", "Algorithm 1, the window", also=(Source("dwmgradnotes", "W2"),))


def stepped(
    omega: Any, delta: Any, beta: Any, loss: Any, reset: bool = True, signal: str = "loss", **before: Any
) -> Any:
    o = record(DWMGRAD, delta=delta, signal=signal, reset=reset, gamma=0, alpha=1, epoch=before.pop("epoch", 1))
    return advance(DWMGRAD, o, loss, {"omega": omega, "beta": beta, **before})


def base() -> Obligation:
    omega0, delta = reals("omega0 delta")
    start = DWMGRAD.start(record(DWMGRAD, omega0=omega0))
    formula = ops.minimum(omega0 + start.t, delta)
    return Obligation({"omega0 <= delta": omega0 <= delta}, z3.And(start.omega == formula, start.beta >= 0))


def widening() -> Obligation:
    """Invariant: omega = min(omega0 + t, delta) and beta >= 0."""
    omega0, delta, t, omega, beta, loss = reals("omega0 delta t omega beta loss")
    after = [stepped(omega, delta, beta, loss, reset) for reset in (True, False)]
    given = {
        "delta >= 1, omega0 >= 0, t >= 0": z3.And(delta >= 1, omega0 >= 0, t >= 0),
        "omega = min(omega0 + t, delta)": omega == ops.minimum(omega0 + t, delta),
        "beta >= 0": beta >= 0,
        "loss > 0": loss > 0,
    }
    goal = z3.And(*(z3.And(k.omega == ops.minimum(omega0 + t + 1, delta), k.beta >= 0) for k in after))
    return Obligation(given, goal)


def saturated() -> Obligation:
    omega0, delta, t, omega, loss = reals("omega0 delta t omega loss")
    given = {
        "omega = min(omega0 + t, delta)": omega == ops.minimum(omega0 + t, delta),
        "t >= delta - omega0": t >= delta - omega0,
        "delta >= 1": delta >= 1,
        "loss > 0": loss > 0,
    }
    return Obligation(given, z3.And(omega == delta, stepped(omega, delta, 0, loss).omega == delta))


def exactly_when() -> Obligation:
    """beta_t: the signal summed since the last reset, this step's included."""
    omega, delta, beta, loss = reals("omega delta beta loss")
    after = [(beta + loss, stepped(omega, delta, beta, loss, False)), (loss, stepped(omega, delta, 0, loss, True))]
    given = {"delta > 1": delta > 1, "0 < omega <= delta": z3.And(omega > 0, omega <= delta)}
    widest = ops.minimum(omega + 1, delta)
    return Obligation(given, z3.And(*((total > 0) == (k.omega == widest) for total, k in after)))


def zero_found() -> list[Any]:
    omega, delta, loss, new = reals("omega delta loss new")
    window = [omega >= 1, omega < delta, delta <= 1000]
    return [*window, loss >= 0, new == stepped(omega, delta, 0, loss).omega, new < omega]


def zero_replayed() -> Found:
    after = stepped(Fraction(5), Fraction(10), Fraction(0), Fraction(0))
    tiny = stepped(Fraction(5), Fraction(10), Fraction(0), Fraction(1, 10**300))
    witness = {"omega": 5, "delta": 10, "loss": 0, "omega_next": int(after.omega), "claimed": 6}
    return after.omega == 4, tiny.omega == 6, "a loss of 0 takes the window from 5 to 4; 1e-300 takes it to 6", witness


def hinge() -> Found:
    """f(x) = max(x, 0) from x = 1/100 with the default options: the loss becomes exactly 0 and stays there."""
    o = DWMGRAD.encode(DWMGRAD.options())
    k, c, x = DWMGRAD.start(o), DWMGRAD.Coord(flint.arb(0), flint.arb(0)), flint.arb(1) / 100
    windows, losses = [], []
    for _ in range(20):
        loss = ops.maximum(x, 0)
        k = DWMGRAD.shared(o, k, loss)
        c, x = DWMGRAD.coord(o, k, c, x, flint.arb(1 if loss > 0 else 0))
        windows.append(k.omega)
        losses.append(loss)
    zero = next(t for t, loss in enumerate(losses) if loss == 0)
    narrowed = all(b == max(a - 1, 1) for a, b in zip(windows[zero - 1 :], windows[zero:], strict=False))
    grew = all(windows[t] == min(5 + t + 1, 10) for t in range(zero))
    return (
        windows[-1] == 1 and narrowed and grew,
        windows[-1] != 10,
        f"positive losses for {zero} steps, then 0: the window falls from {max(windows):g} to {windows[-1]:g}",
        {"x_1": "1/100", "f": "max(x, 0)", "windows": [int(w) for w in windows]},
    )


def telescopes() -> Obligation:
    """Without reset the signal `increase` sums to the loss itself."""
    omega, delta, beta, last, loss, e = reals("omega delta beta last loss e")
    first = stepped(omega, delta, 0, loss, False, "increase", e=0, last=0, epoch=2)
    later = stepped(omega, delta, beta, loss, False, "increase", e=e, last=last, epoch=e + 2)
    same = stepped(omega, delta, 0, loss, True, "loss").omega
    given = {"beta = f_{t-1}": beta == last, "inside an epoch": e >= 1}
    goal = [z3.And(k.beta == loss, k.omega == same, k.last == loss) for k in (first, later)]
    return Obligation(given, z3.And(*goal))


def telescopes_down() -> Obligation:
    omega, delta, beta, last, loss, e, opening = reals("omega delta beta last loss e opening")
    first = stepped(omega, delta, 0, loss, False, "decrease", e=0, last=0, epoch=2)
    later = stepped(omega, delta, beta, loss, False, "decrease", e=e, last=last, epoch=e + 2)
    given = {"beta = f_1 - f_{t-1}": beta == opening - last, "inside an epoch": e >= 1}
    return Obligation(given, z3.And(first.beta == 0, later.beta == opening - loss, later.last == loss))


SATURATION = Claim(
    id="W2",
    title="saturation",
    statement="If every loss is positive then, under the signal `loss` and with or without reset, "
    "omega_t = min(omega_0 + t, delta): from t = delta - omega_0 on the window never moves again",
    latex=r"f_t(\theta_t)>0\ \forall t\ \Rightarrow\ \omega_t=\min(\omega_0+t,\delta)",
    source=SOURCE,
    kind="identity",
    hypotheses=("f_t(theta_t) > 0 for all t", "0 <= omega_0 <= delta", "delta >= 1"),
    depends=("W1",),
    proof=(
        forall("W2.base", "at t = 0 the window is min(omega_0 + 0, delta) and beta >= 0", base),
        forall("W2.step", "a positive loss keeps omega = min(omega_0 + t, delta) and beta >= 0", widening),
        forall("W2.saturated", "once omega_0 + t >= delta the window is delta and stays", saturated),
    ),
)

CONDITION = Claim(
    id="W2-condition",
    title="the exact condition for saturation",
    statement="Let delta > 1, omega_0 > 0 and beta_t the signal summed since the last reset: "
    "omega_t = min(omega_{t-1} + 1, delta) if and only if beta_t > 0. So omega_t = min(omega_0 + t, delta) for all t "
    "if "
    "and only if beta_t > 0 for all t (signal `loss` with reset: every loss > 0)",
    latex=r"\omega_t=\min(\omega_{t-1}+1,\delta)\iff\beta_t>0",
    source=SOURCE,
    kind="identity",
    hypotheses=("delta > 1", "omega_0 > 0 (from omega_0 = 0 the first step leads to 1 either way)"),
    depends=("W1", "W2"),
    proof=(
        forall("W2-condition.step", "a step widens as far as it can if and only if the sum is positive", exactly_when),
    ),
)

ZERO = Claim(
    id="W2-zero",
    title="saturation from losses that are only non-negative",
    statement="If no loss is negative then omega_t = min(omega_0 + t, delta) under the signal `loss`",
    latex=r"f_t(\theta_t)\ge 0\ \forall t\ \Rightarrow\ \omega_t=\min(\omega_0+t,\delta)",
    source=Source("dwmgrad", "Algorithm 1, the window", also=(Source("dwmgradnotes", "W2, read with 'non-negative'"),)),
    kind="identity",
    refutation=(
        exists("W2-zero.found", "a non-negative loss can narrow the window", zero_found),
        exact("W2-zero.replay", "replayed: a loss of exactly 0 narrows the window from 5 to 4", zero_replayed),
        rigorous("W2-zero.hinge", "on max(x, 0) from x = 1/100, defaults: the window grows, then falls to 1", hinge),
    ),
    note="It happens on any problem whose smallest loss is 0 and is reached, e.g. a hinge: reaching the minimum "
    "narrows the window to 1, where the rule is sign descent (W7).",
)

UNRESET = Claim(
    id="W2-unreset",
    title="without reset the signals telescope",
    statement="Without reset and within one epoch, beta_t = f_t(theta_t) under `increase`, so `increase` is `loss` and "
    "saturates on positive losses; beta_t = f_1(theta_1) - f_t(theta_t) under `decrease`, so the window widens exactly "
    "while the loss is below its first value",
    latex=r"\beta_t=f_t(\theta_t)\ (\texttt{increase}),\qquad \beta_t=f_1(\theta_1)-f_t(\theta_t)\ (\texttt{decrease})",
    source=Source("dwmgradnotes", "section 1, on the reset of beta"),
    kind="identity",
    hypotheses=("one epoch", "beta is not reset"),
    proof=(
        forall("W2-unreset.increase", "beta = f_t from the first step on, so the window is that of `loss`", telescopes),
        forall("W2-unreset.decrease", "beta = f_1 - f_t from the first step on", telescopes_down),
    ),
    note="[dwmgradnotes], as first written, lets `increase` telescope to f_t - f_0 + const; the constant cancels "
    "f_0 exactly.",
)
