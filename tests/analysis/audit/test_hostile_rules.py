"""Rules written to get a wrong verdict: nothing may be proved or refuted that their floats do not do."""

import time
from typing import Annotated, Any, NamedTuple

import pytest

from analysis.audit import upper_side
from analysis.audit.proving import Budget, Prover
from analysis.audit.solver_numbers import NotSolvable, World
from analysis.worst_case.enclosures import Intervals, balls
from analysis.worst_case.refutation import certified
from analysis.worst_case.scaled import Late, Scaled
from analysis.worst_case.words import Candidate
from dwmgrad_ref import ops
from dwmgrad_ref.ops import Undecided
from dwmgrad_ref.rules.base import Potential, Rule, Source, StepSize, option

LATE = 100_000  # steps after which no run of the search looks
SPIKE = Candidate(((2.625, 1), (-1.0, 2)), 0.0, 1.0, 1.0)  # RMSProp with rate 1/2 is refuted by it


class Options(NamedTuple):
    alpha: StepSize = 0.1
    decay: Annotated[float, option("a number that a formula may branch on", ge=0)] = 0.0


class Shared(NamedTuple):
    t: float


class Coord(NamedTuple):
    G: float


def shared(o: Any, k: Any, loss: Any) -> Shared:
    return Shared(t=k.t + 1)


def rule(second: Any, sign: Any = lambda o, k, x, g: 1, name: str = "hostile") -> Rule:
    """Steps -sign alpha g/(sqrt(G) + 1), where G is a second moment; its potential says that the sign is 1."""

    def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
        G = second(o, k, c.G, x, g)
        return Coord(G=G), x - sign(o, k, x, g) * o.alpha * g / (ops.sqrt(G) + 1)

    def potential(o: Any, k: Any, c: Any) -> Potential:
        return Potential(h=(ops.sqrt(c.G) + 1) / o.alpha, damp=1, shift=0)

    return Rule(name, name, Source("dwmgradnotes", "a rule for tests"), Options, Shared, Coord, lambda o: Shared(t=0),
                shared, coord, potential)  # fmt: skip


def adagrad(o, k, G, x, g):
    return G + g * g


def turns_late(k):
    return ops.where(ops.greater(k.t, LATE), -1, 1)


def by_truth(o, k, x, g):
    """On floats decay is 0, and the step turns round late."""
    if o.decay:
        return 1
    return turns_late(k)


def by_kind(o, k, x, g):
    return 1 if type(x).__name__ == "Number" else turns_late(k)


PROVED_WRONGLY = {
    "branches on an option": rule(adagrad, by_truth),
    "asks for the kind of a number": rule(adagrad, by_kind),
    "turns round at a tiny alpha": rule(adagrad, lambda o, k, x, g: ops.where(ops.greater(1e-12, o.alpha), -1, 1)),
    "forgets late": rule(lambda o, k, G, x, g: ops.where(ops.greater(k.t, LATE), 0, G) + g * g),
}


@pytest.mark.parametrize("trick", PROVED_WRONGLY)
def test_what_no_run_shows_is_not_proved(trick):
    side = upper_side.search(PROVED_WRONGLY[trick], "constant", 15)
    assert side.theorem is None and side.reasons


def test_the_same_rule_without_a_trick_is_proved():
    side = upper_side.search(rule(adagrad), "constant", 15)
    assert side.theorem is not None and side.theorem.no_regret


# --- the lower side ---------------------------------------------------------------------------------------------


def rmsprop(o, k, G, x, g):
    return (G + g * g) / 2


def adagrad_late(o, k, G, x, g):
    return ops.where(ops.greater(k.t, LATE), G + g * g, (G + g * g) / 2)


def by_truth_late(o, k, G, x, g):
    return rmsprop(o, k, G, x, g) if o.decay else adagrad_late(o, k, G, x, g)


def by_equation_late(o, k, G, x, g):
    return adagrad_late(o, k, G, x, g) if o.decay == 0 else rmsprop(o, k, G, x, g)


def root_of_the_iterate(o, k, G, x, g):
    """nan where the iterate is negative."""
    return (G + g * g) / 2 + 0 * ops.sqrt(x)


def refuted(second: Any) -> bool:
    # The step is divided by sqrt(G) + 1, so that slopes far above 1 are those on which it fails.
    word = tuple((1e6 * slope, count) for slope, count in SPIKE.word)
    hostile = rule(second)
    with balls() as engine:
        candidate, limit = SPIKE._replace(word=word), time.monotonic() + 0.5
        return certified(hostile, hostile.options(), "constant", candidate, engine, limit) is not None


def test_rmsprop_is_refuted():
    assert refuted(rmsprop)


@pytest.mark.parametrize("second", [by_truth_late, by_equation_late, adagrad_late, root_of_the_iterate])
def test_what_no_run_shows_is_not_refuted(second):
    assert not refuted(second)


# --- the numbers ------------------------------------------------------------------------------------------------


def test_python_words_on_the_solvers_numbers():
    world = World()
    x, inf = world.real("x"), world.number(float("inf"))
    assert not world.number(0) and world.number(2)
    for wrong in (
        lambda: bool(x), lambda: float(x), lambda: x % 2, lambda: ops.exp(x), lambda: ops.power(x, 0.5),
        lambda: inf / inf, lambda: 0 * inf, lambda: inf - inf, lambda: world.number(float("nan")),
    ):  # fmt: skip
        with pytest.raises(NotSolvable):
            wrong()


@pytest.mark.parametrize("engine", [Intervals()])
def test_python_words_on_enclosures(engine):
    late = Late(engine, 100)
    one, alpha, iterate = late.number(1), late.power(4), late.power(r=1)
    assert one == 1 and one != 2 and one and not late.number(0) and one != float("inf")
    assert one >= 1 and one <= 1 and not one >= 2
    for unclear in (lambda: iterate == 0, lambda: bool(iterate), lambda: iterate >= 0, lambda: alpha == 1,
                    lambda: float(one), lambda: one % 2, lambda: ops.exp(one), lambda: iterate.sqrt()):  # fmt: skip
        with pytest.raises(Undecided):
            unclear()
    assert isinstance(one**2, Scaled) and one**2 == 1


def test_a_hypothesis_does_not_prove_the_sign_of_what_it_is_divided_by():
    world = World()
    x, y = world.real("x"), world.real("y")
    _ = 1 / x  # x > 0 is a duty now
    prover = Prover(Budget(5))
    with world.without_duties():
        raw = (x * y >= 0).term
    assert prover.implied(world, [], (x * y > 0).term == (y > 0).term).proved  # where x > 0 is taken for granted
    assert not prover.implied(world, [raw, (y > 0).term], world.terms["x"] > 0).proved
    assert "x" in world.positive
