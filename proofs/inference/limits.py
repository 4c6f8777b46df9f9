"""Rules about what happens in the long run, and the logic they need. Each docstring is the rule's own proof.

As in `derivation.py`, a rule makes a Fact from facts and fails if their shapes do not fit. t and n are whole numbers.

    logic              implication, closed, antecedent, cases, either, congruence, equivalent, chained
    all large n        from_then_on, shifted
    limits             contraction, forced_contraction, root_of_limit, inverse_of_limit, dominated, limit_of,
                       restated_limit, limit_value, constant_limit, average_to_zero, order_of
    one place          threshold
    stability          schur_cohn
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from proofs.inference.derivation import Fact, WrongShape, _bound, _fact
from proofs.inference.divisions import lost
from proofs.statements.statement import BigO, Eventually, Exists, ForAll, Tends, canonical, keys, substitute


def implication(fact: Fact, *hypotheses: Any) -> Fact:
    """From A, ... |- B to ... |- (A implies B)."""
    moved = keys(hypotheses)
    if missing := [e for k, e in moved.items() if k not in keys(fact.given)]:
        raise WrongShape(f"{missing[0]} is no hypothesis of {fact.then}")
    given = [e for k, e in keys(fact.given).items() if k not in moved]
    return _fact(given, sympy.Implies(sympy.And(*hypotheses), fact.then), "implication", premises=(fact,))


def closed(fact: Fact) -> Fact:
    """The fact with all its hypotheses moved into an implication, so that it holds for whatever its symbols are."""
    return implication(fact, *fact.given) if fact.given else fact


def antecedent(fact: Fact) -> Fact:
    """From |- (A implies B) to A |- B."""
    if not isinstance(fact.then, sympy.Implies):
        raise WrongShape(f"{fact.then} is no implication")
    condition, conclusion = fact.then.args
    return _fact([*fact.given, condition], conclusion, "antecedent", premises=(fact,))


def cases(first: Fact, second: Fact, condition: Any) -> Fact:
    """What holds if the condition does, and if it does not, holds."""
    if keys([first.then]).keys() != keys([second.then]).keys():
        raise WrongShape(f"the cases conclude {first.then} and {second.then}")
    given = []
    for fact, assumed in ((first, condition), (second, sympy.Not(condition))):
        if keys([assumed]).keys() - keys(fact.given).keys():
            raise WrongShape(f"{fact.then} is not concluded from {assumed}")
        given += [e for k, e in keys(fact.given).items() if k not in keys([assumed])]
    return _fact(given, first.then, "cases", premises=(first, second))


def either(first: Fact, second: Fact, one: Any, other: Any) -> Fact:
    """What follows from A and from B follows from (A or B)."""
    if keys([first.then]).keys() != keys([second.then]).keys():
        raise WrongShape(f"the cases conclude {first.then} and {second.then}")
    given = [sympy.Or(one, other)]
    for fact, assumed in ((first, one), (second, other)):
        if keys([assumed]).keys() - keys(fact.given).keys():
            raise WrongShape(f"{fact.then} is not concluded from {assumed}")
        given += [e for k, e in keys(fact.given).items() if k not in keys([assumed])]
    return _fact(given, first.then, "either", premises=(first, second))


def congruence(expression: Any, equal: Fact) -> Fact:
    """F(a) = F(b) from a = b, for an expression F(a) in which a is not bound."""
    if not isinstance(equal.then, sympy.Eq):
        raise WrongShape(f"{equal.then} is not an equation")
    old, new = equal.then.args
    if equal.then.free_symbols & _bound(expression) or not expression.has(old):
        raise WrongShape(f"{old} does not occur freely in {expression}")
    then = sympy.Eq(expression, expression.xreplace({old: new}), evaluate=False)
    return _fact(equal.given, then, "congruence", premises=(equal,))


# --- all large n --------------------------------------------------------------------------------------------------


def from_then_on(fact: Fact, start: Any, lately: Fact) -> Fact:
    """What follows for all large n from P(n) for all n >= start, follows from P(n) for all large n.

    P holds from some N on. Take for the start the larger of N and the lower bounds that the fact puts on it: then the
    fact's conclusion, which does not speak of the start, holds.

    Raises:
        WrongShape: the fact's conclusion is no Eventually or speaks of the start, or it needs something of the start
            that is neither a lower bound nor P from the start on.
    """
    if not isinstance(lately.then, Eventually) or not isinstance(fact.then, Eventually):
        raise WrongShape(f"{lately.then} and {fact.then} must be Eventually")
    if start in fact.then.free_symbols | lately.then.free_symbols or not start.is_integer or not start.is_Symbol:
        raise WrongShape(f"{start} must be a whole number of which the conclusion does not speak")
    if any(start in e.free_symbols for e in lately.given):
        raise WrongShape(f"{lately.then} is known only for some {start}")
    n, body = lately.then.args
    had = keys([ForAll(n, n >= start, body)])
    rest = [e for k, e in keys(fact.given).items() if k not in had]
    if len(rest) == len(keys(fact.given)):
        raise WrongShape(f"{fact.then} does not need {body} from {start} on")
    for e in rest:
        if start in e.free_symbols and not _is_lower_bound(e, start):
            raise WrongShape(f"{e} is more than a lower bound on {start}")
    given = [*(e for e in rest if start not in e.free_symbols), *lately.given]
    return _fact(given, fact.then, "from then on", premises=(fact, lately))


def _is_lower_bound(e: Any, n: Any) -> bool:
    """Whether e is n >= a or n > a with an a that does not speak of n."""
    if getattr(e, "rel_op", None) not in ("<=", ">=", "<", ">"):
        return False
    small, large = (e.lhs, e.rhs) if e.rel_op in ("<=", "<") else (e.rhs, e.lhs)
    return large == n and n not in small.free_symbols


def shifted(fact: Fact, by: int) -> Fact:
    """P(n) for all large n, or a limit, is the same for P(n + by)."""
    if not isinstance(fact.then, Eventually | Tends):
        raise WrongShape(f"{fact.then} is neither Eventually nor a limit")
    n, *rest = fact.then.args
    moved = [substitute(e, {n: n + int(by)}) for e in rest]
    return _fact(fact.given, fact.then.func(n, *moved), "shifted", premises=(fact,))


# --- limits -------------------------------------------------------------------------------------------------------


def contraction(step: Fact, x: Any, factor: Any) -> Fact:
    """|x(n+1)| <= q |x(n)| for all large n, where 0 <= q < 1, so x tends to 0: |x(N + m)| <= q^m |x(N)|."""
    if not isinstance(step.then, Eventually):
        raise WrongShape(f"{step.then} is no Eventually")
    n, body = step.then.args
    if n in factor.free_symbols:
        raise WrongShape(f"the factor {factor} depends on {n}")
    wanted = sympy.Abs(substitute(x, {n: n + 1})) <= factor * sympy.Abs(x)
    if canonical(wanted) not in keys([body]):
        raise WrongShape(f"{body} is not {wanted}")
    return _fact([*step.given, factor >= 0, factor < 1], Tends(n, x, sympy.S.Zero), "contraction", premises=(step,))


def forced_contraction(step: Fact, forcing: Fact, x: Any, factor: Any) -> Fact:
    """|x(n+1)| <= q |x(n)| + y(n) for all large n, where 0 <= q < 1 and y tends to 0, so x tends to 0.

    From some N on y <= B, so |x| <= max(|x(N)|, B/(1 - q)) from there on. Its upper limit L is therefore finite, and
    L <= q L + 0 leaves L = 0.
    """
    if not isinstance(step.then, Eventually) or not isinstance(forcing.then, Tends):
        raise WrongShape(f"{step.then} must be Eventually, {forcing.then} a limit")
    n, body = step.then.args
    m, y, zero = forcing.then.args
    if n in factor.free_symbols or n != m or zero != 0:
        raise WrongShape(f"the factor {factor} depends on {n}, or {y} does not tend to 0 in {n}")
    wanted = sympy.Abs(substitute(x, {n: n + 1})) <= factor * sympy.Abs(x) + y
    if canonical(wanted) not in keys([body]):
        raise WrongShape(f"{body} is not {wanted}")
    given = [*step.given, *forcing.given, factor >= 0, factor < 1]
    return _fact(given, Tends(n, x, sympy.S.Zero), "forced contraction", premises=(step, forcing))


def root_of_limit(limit: Fact) -> Fact:
    """x tends to c > 0, so √x tends to √c: |√x - √c| <= |x - c|/√c where x >= 0, which holds for all large n."""
    if not isinstance(limit.then, Tends):
        raise WrongShape(f"{limit.then} is no limit")
    n, x, c = limit.then.args
    return _fact([*limit.given, c > 0], Tends(n, sympy.sqrt(x), sympy.sqrt(c)), "root of a limit", premises=(limit,))


def inverse_of_limit(limit: Fact) -> Fact:
    """x tends to c > 0, so 1/x tends to 1/c: |1/x - 1/c| <= 2 |x - c|/c² where x >= c/2, as it is for all large n."""
    if not isinstance(limit.then, Tends):
        raise WrongShape(f"{limit.then} is no limit")
    n, x, c = limit.then.args
    return _fact([*limit.given, c > 0], Tends(n, 1 / x, 1 / c), "inverse of a limit", premises=(limit,))


def dominated(bound: Fact, limit: Fact, x: Any) -> Fact:
    """|x| <= y for all large n, and y tends to 0, so x tends to 0."""
    if not isinstance(bound.then, Eventually) or not isinstance(limit.then, Tends):
        raise WrongShape("dominated needs an Eventually and a limit")
    n, body = bound.then.args
    m, y, zero = limit.then.args
    if n != m or zero != 0 or canonical(sympy.Abs(x) <= y) not in keys([body]):
        raise WrongShape(f"{body} does not bound |{x}| by {y}, which must tend to 0")
    return _fact([*bound.given, *limit.given], Tends(n, x, sympy.S.Zero), "dominated", premises=(bound, limit))


def limit_of(expression: Any, limits: Mapping[Any, Fact]) -> Fact:
    """A continuous function of x, y, ... tends to its value at their limits; `limits` says what each symbol stands for.

    Continuous by its form: made of the symbols and what does not depend on n by +, *, powers 1, 2, ..., |.|, max, min.
    That a divisor is not 0 becomes a hypothesis where it cancels: p/alpha at p = alpha x is x only if alpha is not 0.
    """
    if not limits:
        raise WrongShape("no limits are given")
    symbols = list(limits)
    n = limits[symbols[0]].then.args[0]
    if any(not isinstance(f.then, Tends) or f.then.args[0] != n for f in limits.values()):
        raise WrongShape("all facts must be limits in one variable")
    if n in expression.free_symbols or not _continuous(expression, set(symbols)):
        raise WrongShape(f"{expression} must be continuous in {symbols} by its form, and not depend on {n}")
    if any(n in f.then.args[2].free_symbols for f in limits.values()):
        raise WrongShape(f"a limit depends on {n}")
    along = substitute(expression, {x: f.then.args[1] for x, f in limits.items()})
    value = substitute(expression, {x: f.then.args[2] for x, f in limits.items()})
    given = [e for f in limits.values() for e in f.given]
    for place, result in ((1, along), (2, value)):
        given += lost(expression, lambda e, place=place: limits[e].then.args[place] if e in limits else e, result)
    return _fact(given, Tends(n, along, value), "limit of a function", premises=tuple(limits.values()))


def _continuous(e: Any, symbols: set[Any]) -> bool:
    if not e.free_symbols & symbols or e in symbols:
        return True
    whole_power = isinstance(e, sympy.Pow) and e.exp.is_Integer and e.exp > 0
    if whole_power:
        return _continuous(e.base, symbols)
    fits = isinstance(e, sympy.Add | sympy.Mul | sympy.Abs | sympy.Max | sympy.Min)
    return fits and all(_continuous(a, symbols) for a in e.args)


def restated_limit(limit: Fact, equal: Fact) -> Fact:
    """x tends to c and, for all large n, y = x (`equal`: Eventually(n, y = x)), so y tends to c."""
    if not isinstance(limit.then, Tends) or not isinstance(equal.then, Eventually):
        raise WrongShape(f"{limit.then}, {equal.then}")
    n, x, c = limit.then.args
    m, same = equal.then.args
    if n != m or not isinstance(same, sympy.Eq) or canonical(sympy.Eq(same.rhs, x, evaluate=False)) not in _TRUE:
        raise WrongShape(f"{same} does not speak of {x}")
    return _fact([*limit.given, *equal.given], Tends(n, same.lhs, c), "restated limit", premises=(limit, equal))


_TRUE = [sympy.true, sympy.Tuple(sympy.Symbol("=="), sympy.S.Zero)]


def limit_value(limit: Fact, equal: Fact) -> Fact:
    """x tends to a and a = b, so x tends to b."""
    if not isinstance(limit.then, Tends) or not isinstance(equal.then, sympy.Eq):
        raise WrongShape(f"{limit.then}, {equal.then}")
    n, x, a = limit.then.args
    if equal.then.lhs != a or n in equal.then.free_symbols:
        raise WrongShape(f"{equal.then} does not speak of the limit {a}")
    return _fact([*limit.given, *equal.given], Tends(n, x, equal.then.rhs), "limit value", premises=(limit, equal))


def constant_limit(value: Any, n: Any) -> Fact:
    """What does not depend on n tends to itself."""
    value = sympy.sympify(value)
    if n in value.free_symbols:
        raise WrongShape(f"{value} depends on {n}")
    return _fact([], Tends(n, value, value), "limit of a constant", any_values=True)


def average_to_zero(limit: Fact, T: Any) -> Fact:
    """x tends to 0, so its average over n = 1..T does (Cesàro): all but finitely many terms are small."""
    if not isinstance(limit.then, Tends) or limit.then.args[2] != 0:
        raise WrongShape(f"{limit.then} is no limit that is 0")
    n, x, _ = limit.then.args
    if T in x.free_symbols or not T.is_integer:
        raise WrongShape(f"{T} must be a new whole number")
    return _fact(limit.given, Tends(T, sympy.Sum(x, (n, 1, T)) / T, sympy.S.Zero), "average", premises=(limit,))


def order_of(bound: Fact, constant: Any) -> Fact:
    """|x| <= c y for all large n is x = O(y). c does not depend on n, and y does not speak of what c is made of."""
    if not isinstance(bound.then, Eventually):
        raise WrongShape(f"{bound.then} is no Eventually")
    n, body = bound.then.args
    constant = sympy.sympify(constant)
    if getattr(body, "rel_op", "") != "<=" or n in constant.free_symbols:
        raise WrongShape(f"{body} is no bound by a multiple of {constant}, which must not depend on {n}")
    if not isinstance(body.lhs, sympy.Abs):
        raise WrongShape(f"{body.lhs} is no absolute value")
    scale = body.rhs / constant
    shared = {x for x in constant.atoms(sympy.Symbol, AppliedUndef) if scale.has(x)}
    if constant == 0 or shared:  # 1/c would be no number where c is 0
        raise WrongShape(f"{constant} is no factor of {body.rhs}")
    return _fact(bound.given, BigO(n, body.lhs.args[0], scale), "order", premises=(bound,))


def schur_cohn(stable: Any, unstable: Any, polynomial: Any, z: Any) -> tuple[Fact, Fact]:
    """Jury's criterion for z³ + a2 z² + a1 z + a0 with real coefficients.

    Every root lies inside the unit circle if and only if 1 + a2 + a1 + a0 > 0, 1 - a2 + a1 - a0 > 0, |a0| < 1 and
    |a1 - a0 a2| < 1 - a0². The polynomials with all roots in the closed disc are the closure of those, so they satisfy
    the weak inequalities: where one of these is violated a root lies outside.

    Args:
        stable, unstable: named statements about the polynomial: every root is inside; a root is outside.
    """
    coefficients = sympy.Poly(polynomial, z).all_coeffs()
    if len(coefficients) != 4 or coefficients[0] != 1:
        raise WrongShape(f"{polynomial} is not a monic cubic in {z}")
    for named in (stable, unstable):
        if polynomial not in named.about:
            raise WrongShape(f"{named} does not speak of {polynomial}")
    _, a2, a1, a0 = coefficients
    inside = (
        (1 + a2 + a1 + a0 > 0)
        & (1 - a2 + a1 - a0 > 0)
        & (a0 < 1)
        & (a0 > -1)
        & (a1 - a0 * a2 < 1 - a0**2)
        & (a0 * a2 - a1 < 1 - a0**2)
    )
    outside = a1 - a0 * a2 > 1 - a0**2
    return (
        _fact([], sympy.Equivalent(stable, inside), "Jury's criterion"),
        _fact([], sympy.Implies(outside, unstable), "Jury's criterion"),
    )


def equivalent(first: Fact, second: Fact) -> Fact:
    """From (A iff B) and (B iff C) to (A iff C)."""
    if not isinstance(first.then, sympy.Equivalent) or not isinstance(second.then, sympy.Equivalent):
        raise WrongShape(f"{first.then} and {second.then} must be equivalences")
    shared = set(first.then.args) & set(second.then.args)
    ends = set(first.then.args) ^ set(second.then.args)
    if len(shared) != 1 or len(ends) != 2:
        raise WrongShape(f"{first.then} and {second.then} share no side")
    return _fact([*first.given, *second.given], sympy.Equivalent(*ends), "equivalent", premises=(first, second))


def chained(first: Fact, second: Fact) -> Fact:
    """From (A implies B) and (B implies C) to (A implies C)."""
    if not isinstance(first.then, sympy.Implies) or not isinstance(second.then, sympy.Implies):
        raise WrongShape(f"{first.then} and {second.then} must be implications")
    if first.then.args[1] != second.then.args[0]:
        raise WrongShape(f"{first.then.args[1]} is not {second.then.args[0]}")
    then = sympy.Implies(first.then.args[0], second.then.args[1])
    return _fact([*first.given, *second.given], then, "chained", premises=(first, second))


def threshold(falls: Fact, above: Fact, below: Fact, x: Any, y: Any, least: Any, name: Any) -> Fact:
    """A strictly falling function that is positive somewhere and negative somewhere changes sign at one place.

    Args:
        falls: D(y) < D(x), from x < y and x > least.
        above, below: D(a) > 0 and D(b) < 0 for an a > least and a b > least, as conjunctions.
        name: a new symbol for the place.

    Let the place be the supremum of all x > least with D(x) > 0: it is at least a and at most b. Below it some later x
    has D(x) > 0, so D is positive before; above it D is at most 0 half-way back, so it is negative there.
    """
    then = falls.then
    if getattr(then, "rel_op", "") not in ("<", ">"):
        raise WrongShape(f"{then} is no strict inequality")
    small, large = (then.lhs, then.rhs) if then.rel_op == "<" else (then.rhs, then.lhs)
    if y in large.free_symbols or small != substitute(large, {x: y}):
        raise WrongShape(f"{then} does not compare one function at {x} and {y}")
    own = keys([x < y, x > least])
    if any({x, y} & e.free_symbols for k, e in keys(falls.given).items() if k not in own):
        raise WrongShape(f"{falls.given} asks more of {x} and {y} than {x} > {least} and {x} < {y}")
    for fact, positive in ((above, True), (below, False)):
        if not _attains(fact, large, x, least, positive):
            raise WrongShape(
                f"{fact.then} does not show where the function is {'positive' if positive else 'negative'}"
            )
    if name in then.free_symbols or {x, y} & least.free_symbols:
        raise WrongShape(f"{name} must be new, and {least} must not speak of {x}")
    signs = sympy.Implies(x < name, large > 0) & sympy.Implies(x > name, large < 0)
    given = [*(e for k, e in keys(falls.given).items() if k not in own), *above.given, *below.given]
    return _fact(
        given, Exists(name, name > least, ForAll(x, x > least, signs)), "threshold", premises=(falls, above, below)
    )


def _attains(fact: Fact, function: Any, x: Any, least: Any, positive: bool) -> bool:
    """Whether the fact says a > least and D(a) > 0 (or < 0) for some a."""
    parts = list(keys([fact.then]).values())
    for e in parts:
        if getattr(e, "rel_op", "") not in ("<", ">"):
            continue
        place = e.lhs if e.rel_op == ">" else e.rhs
        if canonical(e) == canonical(place > least):
            at_place = substitute(function, {x: place})
            if canonical(at_place > 0 if positive else at_place < 0) in keys(parts):
                return True
    return False
