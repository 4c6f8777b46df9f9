"""F: the formula that runs is the published one, and what a rule calls its potential is one.

The right sides below are typed from the papers (and, for options that only released code has, from that code), which
makes them an oracle for the rules: nothing here is derived from the rule's file. The mirrored iterate of a potential
is z_t = theta_t + shift_{t-1}; the identity of preconditioned descent says how far one step moves it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.errors import UnknownName
from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, equation, follows, restate, under, use
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals, sequences
from proofs.statements.vocabulary import alpha, beta1, beta2, delta, eps, f, g, gamma, h, i, lam, mu, omega0, t, theta

sqrt, Max, Min = sympy.sqrt, sympy.Max, sympy.Min
damp, shift = sequences("damp shift")
rho, below, above, epoch, tau = reals("rho below above epoch tau")
GRADIENT, ITERATE = g(t, i), theta(t, i)


def choose(condition: Any, yes: Any, no: Any) -> Any:
    return sympy.Piecewise((yes, condition), (no, True))


@dataclass(frozen=True)
class Published:
    """A rule's recurrences as they are printed, for one set of options.

    In the functions `q(field)` is the field's value after step t and `p(field)` that after step t - 1, of this
    coordinate where it is a coordinate's; q("h") and p("h") are the potential's preconditioner.

    starts       the shared state before the first step
    shared       field -> its value after step t
    coordinate   the same for one coordinate's fields, in the order of computation
    step         theta_t - theta_{t+1}
    """

    name: str
    rule: str
    options: dict[str, Any]
    starts: dict[str, Any]
    shared: Callable[[Any, Any], dict[str, Any]]
    coordinate: Callable[[Any, Any], dict[str, Any]]
    step: Callable[[Any, Any], Any]


class Recurrences:
    """The run of a published rule, and its quantities by name."""

    def __init__(self, published: Published):
        self.published, self.rule = published, rules.get(published.rule)
        self.run = Run(self.rule, box=False, **published.options)

    def q(self, field: str) -> Any:
        if field in ("h", "damp", "shift"):
            return {"h": h, "damp": damp, "shift": shift}[field](t, i)
        shared = field in self.rule.Shared._fields
        return t if field == "t" else self.run.sequence(field)(*((t,) if shared else (t, i)))

    def p(self, field: str) -> Any:
        return self.q(field).subs({t: t - 1})

    def starts(self) -> list[Fact]:
        given = [restate(self.run.shared_start(field), equal(self.run.sequence(field)(0), value))
                 for field, value in self.published.starts.items()]  # fmt: skip
        return given + [self.run.coord_start(field) for field in self.rule.Coord._fields if field != "past"]

    def shared(self) -> dict[str, Fact]:
        return self._stated(self.published.shared(self.q, self.p), self.run.shared)

    def coordinate(self) -> dict[str, Fact]:
        return self._stated(self.published.coordinate(self.q, self.p), self.run.coord)

    def _stated(self, equations: dict[str, Any], code: Callable[[str], Fact]) -> dict[str, Fact]:
        """Each printed equation, which becomes the code's once the quantities named in it are put in."""
        known: dict[str, Fact] = {}
        for field, value in equations.items():
            earlier = [code(other) for other in reversed(known)]
            known[field] = restate(code(field), equal(self.q(field), value), *earlier)
        return known

    def step(self) -> Fact:
        codes = [self.run.coord(field) for field in reversed(self.published.coordinate(self.q, self.p))]
        return restate(
            self.run.iterate(), equal(theta(t + 1, i), ITERATE - self.published.step(self.q, self.p)), *codes
        )

    def preconditioner(self, field: str, value: Any) -> Fact:
        """A printed form of the potential's h, damp or shift after step t >= 1."""
        return restate(self.run.potential(field, {"h": h, "damp": damp, "shift": shift}[field]),
                       equal(self.q(field), value), self.run.potential("h", h))  # fmt: skip


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, sympy.sympify(right), evaluate=False)


def formula(published: Published) -> Claim:
    """F: what runs is what is printed, quantity by quantity."""
    r = Recurrences(published)
    facts = [*r.starts(), *r.shared().values(), *r.coordinate().values(), r.step()]
    stated = {"t", *r.shared(), *r.coordinate()}
    missing = {*r.rule.Shared._fields, *r.rule.Coord._fields} - stated - {"past"}
    if missing:
        raise ValueError(f"F-{published.name} does not state {', '.join(sorted(missing))}")
    statement = Statement(given=(r.run.hypothesis, t >= 1), then=sympy.And(*(fact.then for fact in facts)))
    title = f"the formula of {r.rule.name} that runs is the published one"
    return Claim(f"F-{published.name}", title, statement, r.rule.source, "identity", tuple(facts))


def powers(q: Any, p: Any, root: bool) -> dict[str, Any]:
    """Bias corrections: the running powers of the two rates."""
    c2 = 1 - q("power2")
    return {"power1": p("power1") * beta1, "power2": p("power2") * beta2, "c1": 1 - q("power1"),
            "c2": sqrt(c2) if root else c2}  # fmt: skip


def mean(rate: Any, last: Any, new: Any) -> Any:
    return rate * last + (1 - rate) * new


def step_size(schedule: str) -> Any:
    return alpha / sqrt(t) if schedule == "sqrt" else alpha


UNCORRECTED = {"power1": 1, "power2": 1, "c1": 1, "c2": 1}
MOMENTS = {"alpha": alpha, "beta1": beta1, "beta2": beta2, "eps": eps}
DECAYED = GRADIENT + lam * ITERATE
PUBLISHED: list[Published] = []
for kind in ("constant", "sqrt"):
    rate = step_size(kind)
    PUBLISHED += [
        Published(
            f"sgd-{kind}", "sgd", {"alpha": alpha, "weight_decay": lam, "schedule": kind}, {"alpha": alpha},
            lambda q, p, rate=rate: {"alpha": rate}, lambda q, p: {}, lambda q, p: q("alpha") * DECAYED,
        ),
        Published(
            f"adam-{kind}", "adam", {**MOMENTS, "schedule": kind}, {"alpha": alpha, **UNCORRECTED},
            lambda q, p, rate=rate: {"alpha": rate, **powers(q, p, True)},
            lambda q, p: {"m": mean(beta1, p("m"), GRADIENT), "v": mean(beta2, p("v"), GRADIENT**2)},
            lambda q, p: q("alpha") * (q("m") / q("c1")) / (sqrt(q("v")) / q("c2") + eps),
        ),
        Published(
            f"adamw-{kind}", "adamw", {**MOMENTS, "weight_decay": lam, "schedule": kind},
            {"alpha": alpha, **UNCORRECTED}, lambda q, p, rate=rate: {"alpha": rate, **powers(q, p, True)},
            lambda q, p: {"m": mean(beta1, p("m"), GRADIENT), "v": mean(beta2, p("v"), GRADIENT**2)},
            lambda q, p: q("alpha") * lam * ITERATE
            + q("alpha") * (q("m") / q("c1")) / (sqrt(q("v")) / q("c2") + eps),
        ),
        Published(
            f"adamomentum-{kind}", "adamomentum", {**MOMENTS, "schedule": kind}, {"alpha": alpha, **UNCORRECTED},
            lambda q, p, rate=rate: {"alpha": rate, **powers(q, p, False)},
            lambda q, p: {"m": mean(beta1, p("m"), GRADIENT), "v": mean(beta2, p("v"), q("m") ** 2) + eps},
            lambda q, p: q("alpha") * (q("m") / q("c1")) / sqrt(q("v") / q("c2")),
        ),
    ]  # fmt: skip
    for corrected in (True, False):
        PUBLISHED.append(
            Published(
                f"amsgrad-{kind}-{'corrected' if corrected else 'printed'}", "amsgrad",
                {**MOMENTS, "schedule": kind, "bias_correction": corrected}, {"alpha": alpha, **UNCORRECTED},
                lambda q, p, rate=rate, on=corrected: {"alpha": rate, **powers(q, p, True), **({} if on else {
                    "c1": 1, "c2": 1})},
                lambda q, p: {"m": mean(beta1, p("m"), GRADIENT), "v": mean(beta2, p("v"), GRADIENT**2),
                              "vhat": Max(p("vhat"), q("v"))},
                lambda q, p: q("alpha") * (q("m") / q("c1")) / (sqrt(q("vhat")) / q("c2") + eps),
            )
        )  # fmt: skip

HEAVY = {"alpha": alpha, "mu": mu, "weight_decay": lam}
PUBLISHED += [
    Published(
        "heavy-ball", "heavy-ball", HEAVY, {"mu": mu}, lambda q, p: {"mu": mu},
        lambda q, p: {"V": q("mu") * p("V") + DECAYED}, lambda q, p: alpha * q("V"),
    ),
    Published(
        "nesterov", "nesterov", HEAVY, {"mu": mu}, lambda q, p: {"mu": mu},
        lambda q, p: {"V": q("mu") * p("V") + DECAYED}, lambda q, p: alpha * (DECAYED + q("mu") * q("V")),
    ),
    Published(
        "adagrad", "adagrad", {"alpha": alpha, "eps": eps}, {}, lambda q, p: {},
        lambda q, p: {"G": p("G") + GRADIENT**2}, lambda q, p: alpha * GRADIENT / (sqrt(q("G")) + eps),
    ),
    Published(
        "adadelta", "adadelta", {"alpha": alpha, "rho": rho, "eps": eps}, {}, lambda q, p: {},
        lambda q, p: {"G": mean(rho, p("G"), GRADIENT**2), "H": sqrt(q("G") + eps) / sqrt(p("U") + eps),
                      "U": mean(rho, p("U"), (GRADIENT / q("H")) ** 2)},
        lambda q, p: alpha * GRADIENT / q("H"),
    ),
    Published(
        "rmsprop", "rmsprop", {"alpha": alpha, "beta2": beta2, "eps": eps, "mu": mu}, {"mu": mu},
        lambda q, p: {"mu": mu},
        lambda q, p: {"G": mean(beta2, p("G"), GRADIENT**2), "V": q("mu") * p("V") + GRADIENT / (sqrt(q("G")) + eps)},
        lambda q, p: alpha * q("V"),
    ),
    Published(
        "lcam", "lcam", {"alpha": alpha, "below": below, "above": above, "weight_decay": lam, "epoch": epoch},
        {"e": 0, "total": 0, "mu": above, "next": above},
        lambda q, p: {
            "e": choose(epoch > p("e") + 1, p("e") + 1, 0), "total": choose(epoch > p("e") + 1, p("total") + f(t), 0),
            "mu": p("next"), "next": choose((p("total") + f(t)) / (p("e") + 1) > f(t), below, above),
        },
        lambda q, p: {"V": q("mu") * p("V") + DECAYED}, lambda q, p: alpha * q("V"),
    ),
]  # fmt: skip


# --- DWMGrad, for every choice of its options ------------------------------------------------------------------------


def signal(kind: str, p: Any) -> Any:
    """s_t; the first step of an epoch has no loss before it."""
    first = 1 > p("e")
    return {"loss": f(t), "increase": choose(first, f(t), f(t) - p("last")),
            "decrease": choose(first, 0, p("last") - f(t))}[kind]  # fmt: skip


def dwmgrad_shared(kind: str, reset: bool, guard: bool, schedule: str, momentum: str) -> Callable[[Any, Any], Any]:
    def equations(q: Any, p: Any) -> dict[str, Any]:
        s = signal(kind, p)
        beta = p("beta") + s
        window = choose(beta > 0, Min(p("omega") + 1, delta), Max(p("omega") - 1, 1))
        jump = sympy.Abs(s - p("s")) > tau
        counted = choose(jump, p("jumps") + 1, 0)
        jumps = choose(t > 1, counted, p("jumps")) if guard else p("jumps")
        scale = choose(jumps > 1, p("scale") / 2, p("scale")) if guard else p("scale")
        a = alpha * scale / (sqrt(t) if schedule == "sqrt" else 1)
        return {
            "e": choose(epoch > p("e") + 1, p("e") + 1, 0), "last": f(t), "s": s, "jumps": jumps,
            "beta": sympy.S.Zero if reset else beta, "omega": window, "scale": scale, "alpha": a,
            "mu": gamma * window / delta if momentum == "tied" else gamma,
        }  # fmt: skip

    return equations


for kind, reset, guard, schedule, momentum in [
    ("loss", True, False, "constant", "tied"), ("increase", True, False, "constant", "tied"),
    ("decrease", True, False, "constant", "tied"), ("increase", False, True, "sqrt", "constant"),
    ("decrease", False, True, "constant", "constant"), ("loss", False, False, "sqrt", "tied"),
]:  # fmt: skip
    words = [kind, "" if reset else "unreset", "guard" if guard else "", schedule, momentum]
    PUBLISHED.append(
        Published(
            "dwmgrad-" + "-".join(filter(None, words)), "dwmgrad",
            {"alpha": alpha, "gamma": gamma, "delta": delta, "omega0": omega0, "eps": eps, "signal": kind,
             "reset": reset, "schedule": schedule, "momentum": momentum, "epoch": epoch, "guard": guard,
             "guard_threshold": tau},
            {"e": 0, "last": 0, "s": 0, "jumps": 0, "beta": 0, "omega": omega0, "scale": 1, "alpha": alpha, "mu": 0},
            dwmgrad_shared(kind, reset, guard, schedule, momentum),
            lambda q, p: {"G": (1 - 1 / q("omega")) * p("G") + GRADIENT**2 / q("omega"),
                          "V": q("mu") * p("V") + q("alpha") * GRADIENT / (sqrt(q("G")) + eps)},
            lambda q, p: q("V"),
        )
    )  # fmt: skip


# --- potentials -------------------------------------------------------------------------------------------------------


def carried(m: Any) -> Any:
    """mu/(1 - mu): what is still to come of a unit of velocity."""
    return m / (1 - m)


def heavy(size: Any, at: Callable[[Any], Any]) -> Any:
    return -carried(at("mu")) * size * at("V")


def switched(r: Any, size: Any) -> Any:
    """What the mirrored iterate moves by more where the momentum coefficient changes."""
    return (carried(r.q("mu")) - carried(r.p("mu"))) * size * r.p("V")


@dataclass(frozen=True)
class Mirror:
    """How a rule's potential reads a step: z_t - z_{t+1} for z_t = theta_t + shift_{t-1}.

    name     of the published formula
    h, damp  the potential after step t; shift likewise, at step t or t - 1
    moves    z_t - z_{t+1} for t >= 2
    given    what keeps denominators from 0
    """

    name: str
    h: Callable[[Any], Any]
    damp: Callable[[Any], Any]
    shift: Callable[[Callable[[Any], Any]], Any]
    moves: Callable[[Any], Any]
    given: Callable[[Any], tuple[Any, ...]]


def mirrored(m: Mirror) -> Claim:
    """F-...-potential: what the rule calls its potential is one, and how far the mirrored iterate moves."""
    r = Recurrences(next(p for p in PUBLISHED if p.name == m.name))
    name, earlier, ranges = f"F-{m.name}-potential", {t: t - 1}, m.given(r)
    read = [restate(r.run.potential("h", h), equal(r.q("h"), m.h(r))), _shift(r, m, name, ranges),
            restate(r.run.potential("damp", damp), equal(r.q("damp"), m.damp(r)))]  # fmt: skip
    shifts = [read[1], use(read[1], earlier)]
    moved = theta(t, i) + shift(t - 1, i) - theta(t + 1, i) - shift(t, i)
    definitions = [_step(r, m), *shifts, *(fact for field, fact in r.coordinate().items() if field == "V")]
    unfolded = [moved, m.moves(r)]
    for fact in definitions:
        unfolded = [sympy.sympify(e).xreplace({fact.then.lhs: fact.then.rhs}) for e in unfolded]
    left, right = unfolded
    proved = equation(f"{name}.mirror", "The step that runs, seen from the mirrored iterate.", left, right,
                      right + GRADIENT, ranges)  # fmt: skip
    identity = under(restate(proved, equal(moved, m.moves(r)), *definitions), t >= 2)
    statement = Statement(given=(r.run.hypothesis, t >= 2, *ranges),
                          then=sympy.And(identity.then, *(fact.then for fact in read)))  # fmt: skip
    facts = (identity, *(under(fact, t >= 2) for fact in read))
    return Claim(name, f"the potential of {r.rule.name} is one", statement,
                 Source("dwmgradnotes", "R2"), "identity", facts)  # fmt: skip


def _step(r: Any, m: Mirror) -> Fact:
    if "m" not in r.rule.Coord._fields:
        return r.step()
    codes = [r.run.coord(field) for field in reversed(r.published.coordinate(r.q, r.p))]
    decay = r.q("alpha") * lam * ITERATE if "weight_decay" in r.rule.Options._fields else 0
    return restate(r.run.iterate(), equal(theta(t + 1, i), ITERATE - decay - r.q("m") / r.q("h")),
                   r.run.potential("h", h), *codes)  # fmt: skip


def _shift(r: Any, m: Mirror, name: str, ranges: tuple[Any, ...]) -> Fact:
    if "m" not in r.rule.Coord._fields:
        return restate(r.run.potential("shift", shift), equal(r.q("shift"), m.shift(r.q)))
    guarded = choose(r.q("h") > 0, r.q("h"), 1)  # h = 0 only where m = 0 too; the quotient is then read as 0
    code = restate(r.run.potential("shift", shift), equal(r.q("shift"), -carried(beta1) * r.q("m") / guarded),
                   r.run.potential("h", h))  # fmt: skip
    H, M, B, s = reals("H M B s")
    clean = follows(f"{name}.positive", "Where h is positive the guard against 0/0 plays no part.", [code],
                    equal(r.q("shift"), m.shift(r.q)), given=[H > 0, 1 - B > 0],
                    parts={H: r.q("h"), M: r.q("m"), B: beta1, s: r.q("shift")})  # fmt: skip
    return clean


def one(r: Any) -> Any:
    return sympy.S.One


POSITIVE_STEP = (alpha > 0,)
BELOW_ONE = (mu < 1,)


def adam_like(name: str, h_of: Callable[[Any], Any]) -> Mirror:
    decays = name.startswith("adamw")
    return Mirror(
        name, h_of, one, lambda at: -carried(beta1) * at("m") / at("h"),
        lambda r: r.q("m") / ((1 - beta1) * r.q("h")) - carried(beta1) * r.p("m") / r.p("h")
        + (r.q("alpha") * lam * ITERATE if decays else 0),
        lambda r: (r.q("h") > 0, r.p("h") > 0, 1 - beta1 > 0),
    )  # fmt: skip


def adam_h(r: Any, moment: str = "v") -> Any:
    return (sqrt(r.q(moment)) / r.q("c2") + eps) * r.q("c1") / r.q("alpha")


def root_h(r: Any) -> Any:
    return (sqrt(r.q("G")) + eps) / alpha


MIRRORS = [
    *(Mirror(f"sgd-{kind}", lambda r: 1 / r.q("alpha"), one, lambda at: 0, lambda r: DECAYED / (1 / r.q("alpha")),
             lambda r: (r.q("alpha") > 0,)) for kind in ("constant", "sqrt")),
    Mirror("heavy-ball", lambda r: 1 / alpha, lambda r: 1 - r.q("mu"), lambda at: heavy(alpha, at),
           lambda r: alpha * DECAYED / (1 - r.q("mu")) + switched(r, alpha),
           lambda r: (1 - r.q("mu") > 0, 1 - r.p("mu") > 0)),
    Mirror("lcam", lambda r: 1 / alpha, lambda r: 1 - r.q("mu"), lambda at: heavy(alpha, at),
           lambda r: alpha * DECAYED / (1 - r.q("mu")) + switched(r, alpha),
           lambda r: (1 - r.q("mu") > 0, 1 - r.p("mu") > 0)),
    Mirror("nesterov", lambda r: 1 / alpha, lambda r: 1 - r.q("mu"),
           lambda at: -at("mu") ** 2 / (1 - at("mu")) * alpha * at("V"),
           lambda r: alpha * DECAYED / (1 - r.q("mu"))
           + alpha * r.p("V") * (r.q("mu") ** 2 / (1 - r.q("mu")) - r.p("mu") ** 2 / (1 - r.p("mu"))),
           lambda r: (1 - r.q("mu") > 0, 1 - r.p("mu") > 0)),
    Mirror("adadelta", lambda r: r.q("H") / alpha, one, lambda at: 0, lambda r: GRADIENT / (r.q("H") / alpha),
           lambda r: (alpha > 0, r.q("H") > 0)),
    Mirror("adagrad", root_h, one, lambda at: 0, lambda r: GRADIENT / root_h(r),
           lambda r: (alpha > 0, eps > 0, r.q("G") >= 0)),
    Mirror("rmsprop", root_h, lambda r: 1 - r.q("mu"), lambda at: heavy(alpha, at),
           lambda r: GRADIENT / ((1 - r.q("mu")) * root_h(r)) + switched(r, alpha),
           lambda r: (alpha > 0, eps > 0, r.q("G") >= 0, 1 - r.q("mu") > 0, 1 - r.p("mu") > 0)),
    *(adam_like(f"{rule}-{kind}", adam_h) for rule in ("adam", "adamw") for kind in ("constant", "sqrt")),
    *(adam_like(f"amsgrad-{kind}-{form}", lambda r: adam_h(r, "vhat")) for kind in ("constant", "sqrt")
      for form in ("corrected", "printed")),
    *(adam_like(f"adamomentum-{kind}", lambda r: sqrt(r.q("v") / r.q("c2")) * r.q("c1") / r.q("alpha"))
      for kind in ("constant", "sqrt")),
    *(Mirror(p.name, lambda r: (sqrt(r.q("G")) + eps) / r.q("alpha"), lambda r: 1 - r.q("mu"),
             lambda at: heavy(1, at),
             lambda r: r.q("alpha") * GRADIENT / ((1 - r.q("mu")) * (sqrt(r.q("G")) + eps)) + switched(r, 1),
             lambda r: (eps > 0, r.q("G") >= 0, 1 - r.q("mu") > 0, 1 - r.p("mu") > 0))
      for p in PUBLISHED if p.rule == "dwmgrad"),
]  # fmt: skip


def claims_of(rule: str) -> list[Claim]:
    """The claims about one rule: every printed form of its formula, and its potential for each."""
    names = [published.name for published in PUBLISHED if published.rule == rule]
    if not names:
        raise UnknownName("published rule", rule, [published.rule for published in PUBLISHED])
    return [formula(p) for p in PUBLISHED if p.name in names] + [mirrored(m) for m in MIRRORS if m.name in names]
