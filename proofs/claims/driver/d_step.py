"""D-step: what one step of any rule is: the shared state first, then every coordinate with the new one."""

from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Potential, Rule, Source
from proofs.checkers.by_exact import Found, exact
from proofs.inference.derivation import Fact, _fact, computed, replace
from proofs.statements.claim import Claim
from proofs.statements.statement import Named, Statement, reals, sequences

SOURCE = Source("dwmgradnotes", "Section 1, three systems")
k0, c0, x0, g0, loss, k1, c1, x1 = reals("k c x g f k' c' x'")
B, A, M, X = sequences("B A M X")  # start, shared, a coordinate's memory, its next iterate: any functions


class Options(NamedTuple):
    alpha: float = 1.0


class Shared(NamedTuple):
    k: Any


class Coord(NamedTuple):
    c: Any
    past: Any


ABSTRACT = Rule(
    name="any",
    title="a rule whose functions are left open",
    source=SOURCE,
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=lambda o: Shared(B(o.alpha)),
    shared=lambda o, k, loss: Shared(A(k.k, loss)),
    coord=lambda o, k, c, x, g: (Coord(M(k.k, c.c, x, g), c.past), X(k.k, c.c, x, g)),
    potential=lambda o, k, c: Potential(h=1, damp=1, shift=0),
    history=lambda o: 2,
)
RETURNED = Named(
    "k', c' and x' are what Rule.step returns for {0}, {1}, {2}, gradient {3} and loss {4}; A, which advances the "
    "shared state, M, which advances a coordinate's memory, and X, which moves its iterate, are any functions",
    k0, c0, x0, g0, loss,
)  # fmt: skip
BEGUN = Named(
    "k, c and past are what Rule.begin returns; B, which makes the shared state from the options, is any function"
)


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def stepped() -> tuple[Fact, ...]:
    """The three results of the interpreter's step, by its own code, as facts."""
    k, c, x = ABSTRACT.step(Options(k0), Shared(k0), Coord(c0, ()), x0, g0, loss)
    after = _fact([RETURNED], equal(k1, k.k), "the interpreter's step")
    values = {c1: c.c, x1: x}
    return after, *(
        replace(_fact([RETURNED], equal(name, value), "the interpreter's step"), after, backwards=True)
        for name, value in values.items()
    )


STEP = Claim(
    id="D-step",
    title="the interpreted step advances the shared state, then every coordinate with the new shared state",
    statement=Statement(
        given=(RETURNED,),
        then=equal(k1, A(k0, loss)) & equal(c1, M(k1, c0, x0, g0)) & equal(x1, X(k1, c0, x0, g0)),
    ),
    source=SOURCE,
    kind="identity",
    proof=stepped(),
    note="No rule is looked at: the functions are any. That the compiled step is this one to the bit is tested for "
    "every rule and every choice (tests/dwmgrad_ref/rules/test_every_rule.py); "
    "the ledger says it of the interpreted one.",
)  # fmt: skip


def begun() -> tuple[Fact, ...]:
    """What a run starts from, by the interpreter's own code."""
    k, c = ABSTRACT.begin(Options(g0), x0)
    facts = [_fact([BEGUN], equal(k0, k.k), "the interpreter's start")]
    facts += [_fact([BEGUN], equal(name, value), "the interpreter's start")
              for name, value in zip((c0, *PAST), (c.c, *c.past), strict=True)]  # fmt: skip
    return tuple(facts)


def at_rest() -> Found:
    """Also where theta_1 is 0, which symbols do not show."""
    _, c = ABSTRACT.begin(Options(), Fraction(0))
    return (c.c, *c.past) == (0, 0, 0), (c.c, *c.past) != (1, 1, 1), f"memories {c.c}, {c.past} at theta_1 = 0", None


PAST = reals("past_1 past_2")
BEGIN = Claim(
    id="D-begin",
    title="a run begins with the rule's own shared state and with memories of 0",
    statement=Statement(
        given=(BEGUN,), then=sympy.And(equal(k0, B(g0)), equal(c0, 0), *(equal(past, 0) for past in PAST)),
        where=((g0, "the options"), *((past, "stored window of past gradients") for past in PAST)),
    ),
    source=SOURCE,
    kind="identity",
    proof=begun(),
    controls=(exact("D-begin.at-zero", "Memories are 0 where theta_1 is.", at_rest),),
)  # fmt: skip


def counters() -> Found:
    """start(o).t = 0 and shared(o, k, loss).t = k.t + 1 for every rule, with t and the loss symbols."""
    n, f = sympy.symbols("n f", positive=True)
    wrong, idle = [], []
    for name in rules.names():
        rule = rules.get(name)
        o = rule.encode(rule.options())
        begun = rule.start(o)
        after = sympy.expand(rule.shared(o, begun._replace(t=n), f).t)
        if begun.t != 0 or after != n + 1:
            wrong.append(name)
        if after == n:
            idle.append(name)
    return not wrong, not idle, f"{len(rules.names())} rules; wrong: {', '.join(wrong) or 'none'}", None


COUNTED = Named("the shared state of every rule holds t, the number of steps taken")
COUNT = Claim(
    id="D-count",
    title="every rule counts its steps",
    statement=Statement(then=COUNTED),
    source=SOURCE,
    kind="identity",
    proof=(
        computed(exact("D-count.rules", "The counter starts at 0 and grows by 1 at every step.", counters), COUNTED),
    ),
)
