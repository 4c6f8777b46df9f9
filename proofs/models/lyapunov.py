"""One quadratic form that every step of a switched linear recurrence makes smaller: then the state tends to 0."""

from collections.abc import Sequence
from typing import Any

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.models.polygon import Switched
from proofs.statements.statement import ForAll, Tends, keys


def vanishing(decreases: Fact, form: Any, switched: Switched, letters: Sequence[Any]) -> Fact:
    """x(t) and w(t) tend to 0, whatever the order of the letters.

    Fix the other symbols so that the rest of the hypotheses hold. The form Q is positive and every letter's step makes
    it smaller, at every state that is not 0. Q and what it becomes are quadratic, so the quotient of the two depends on
    the state's direction alone; it is continuous on the unit circle and below 1 there, so its largest value over the
    circle and over the finitely many letters is some c < 1. So Q <= c^t times its first value along the run, and Q is
    at least a positive multiple of x² + w².

    Args:
        decreases: concludes Q > 0 and, for every letter, Q(next state) < Q; at states with x² + w² > 0.
        form: Q, in the symbols that stand for the state in `switched`.
        letters: numbers or symbols; none may speak of the step.

    Raises:
        WrongShape: Q is no quadratic form in the state, a conclusion is missing, or `decreases` needs more of the
            state than that it is not 0, or speaks of the step or of the sequences.
    """
    x, w, letter, _ = switched.old
    names = {letter, switched.t}
    letters = [sympy.sympify(value) for value in letters]
    polynomial = sympy.Poly(form, x, w)
    if any(sum(powers) != 2 for powers in polynomial.monoms()) or form.free_symbols & names:
        raise WrongShape(f"{form} is no quadratic form in {x} and {w} alone")
    if not letters or any(value.free_symbols & {x, w, *names} for value in letters):
        raise WrongShape(f"{letters} must be coefficients that depend on neither the step nor the state")
    after = [form.subs(dict(zip((x, w), switched.next(value), strict=True)), simultaneous=True) for value in letters]
    wanted = keys([form > 0, *(e < form for e in after)])
    if missing := [e for k, e in wanted.items() if k not in keys([decreases.then])]:
        raise WrongShape(f"{missing[0]} is not concluded by {decreases.then}")
    not_zero = keys([x**2 + w**2 > 0])
    rest = [e for k, e in keys(decreases.given).items() if k not in not_zero]
    heads = {*switched.state, switched.letter}
    for e in rest:
        if e.free_symbols & {x, w, *names} or any(a.func in heads for a in e.atoms(sympy.Function)):
            raise WrongShape(f"{e} speaks of the state or the step")
    one: list[Any] = [sympy.Eq(switched.letter(switched.t), value, evaluate=False) for value in letters]
    given = [*rest, *switched.steps, ForAll(switched.t, switched.t >= 1, sympy.Or(*one))]
    then = sympy.And(*(Tends(switched.t, s(switched.t), sympy.S.Zero) for s in switched.state))
    return _fact(given, then, "quadratic form", premises=(decreases,))
