"""How facts follow from facts. A `Fact` can only be made by the functions below, and each fails if shapes differ.

A fact says: for all values of the free symbols that satisfy every statement of `given`, `then` holds. It knows the
checks it rests on, which the ledger runs. A claim is proved only if the checks of its facts hold and its facts are its
statement, symbol for symbol (`claim.py`), so a printed constant cannot drift from what was proved.

    checked by an engine    lemma (z3 and cvc5), equation (sympy), computed (exact rationals, balls, intervals)
    logic                   evident, use, discharge, follows, both, part, replace, for_all, at, weaken
    whole numbers           apart, power_sum, defined (a sequence by recursion)
    sums                    empty_sum, single_sum, longer_sum, sum_over, exchange, linear
    induction               induction
    convex losses           convexity
    limits                  limit, squeeze, eventually_above, and what the files of claims need besides
    theorems                theorem
    words                   argued: a step that no rule here covers. It is counted and printed.
"""
# SymPy's classes have attributes that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportReturnType=false

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction

from proofs.checkers import by_smt, by_sympy
from proofs.statements import vocabulary
from proofs.statements.claim import Check
from proofs.statements.statement import (  # fmt: skip
    Eventually,
    ForAll,
    Named,
    Quantified,
    RandomVariable,
    Tends,
    conjuncts,
    keys,
    peeled,
    substitute,
)

_TOKEN = object()


class WrongShape(TypeError):
    """A rule was given facts that do not fit it."""


@dataclass(frozen=True, eq=False)
class Fact:
    """See the module. `rule` and `premises` say how it was made; `words` are its idea for the reader.

    meant: sequences and symbols that stand for one thing, such as the regret R, the mean E or the run of a rule, of
    which a hypothesis in words, a definition or a program speaks. `use` puts nothing in their place.
    """

    given: tuple[Any, ...]
    then: Any
    rule: str
    words: str = ""
    premises: tuple["Fact", ...] = ()
    check: Check | None = None
    claim: str | None = None
    meant: frozenset[Any] = frozenset()
    token: object = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.token is not _TOKEN:
            raise WrongShape("a Fact is made by a rule of proofs/inference/derivation.py, never by hand")

    def steps(self) -> list["Fact"]:
        """This fact and all it rests on, premises first, each once."""
        seen: dict[int, Fact] = {}

        def visit(fact: Fact) -> None:
            if id(fact) not in seen:
                for premise in fact.premises:
                    visit(premise)
                seen[id(fact)] = fact

        visit(self)
        return sorted(seen.values(), key=lambda f: list(seen).index(id(f)))

    @property
    def checks(self) -> list[Check]:
        return [f.check for f in self.steps() if f.check]

    @property
    def depends(self) -> list[str]:
        """The claims whose theorems it uses."""
        return list(dict.fromkeys(f.claim for f in self.steps() if f.claim))

    @property
    def arguments(self) -> list[str]:
        """The steps argued in words."""
        return [f.words for f in self.steps() if f.rule == "argued"]


def _fact(given: Iterable[Any], then: Any, rule: str, any_values: bool = False, **rest: Any) -> Fact:
    """A fact of those parts.

    What it is about is meant (`Fact.meant`) if a premise means it. A fact without premises means all of its sequences
    and of its numbers, except those numbers that a hypothesis in words has among its expressions, where `use` puts the
    value in as well; whole numbers are steps and coordinates, and stand for any. Take `any_values` for a fact that
    holds whatever its sequences and numbers are: a lemma that solvers proved, a law of sums.
    """
    unique = keys(given)
    premises = rest.get("premises", ())
    meant = frozenset().union(*(premise.meant for premise in premises))
    if not any_values and (not premises or rule == "argued"):
        meant |= _meant([*unique.values(), then])
    return Fact(tuple(unique.values()), then, rule, **{"meant": meant, **rest}, token=_TOKEN)


def _meant(statements: Iterable[Any]) -> frozenset[Any]:
    statements = [sympy.sympify(e) for e in statements]
    spoken = {x for e in statements for named in e.atoms(Named) for x in named.free_symbols}
    numbers = {x for e in statements for x in e.free_symbols if not x.is_integer and x not in spoken}
    return frozenset(numbers | {a.func for e in statements for a in e.atoms(AppliedUndef)})


# --- facts checked by an engine -------------------------------------------------------------------------------


def lemma(name: str, words: str, given: Sequence[Any], then: Any, sharper: Sequence[Any]) -> Fact:
    """`given` implies `then` over all reals: z3 and cvc5 both find no counterexample.

    Args:
        words: the idea in one sentence; the formulas are printed beside it, so it repeats none.
        sharper: stronger conclusions; every one must be refuted under `given`, so the lemma is not true of anything.
            An inequality needs at least one. For an equation it may be empty, if dropping a hypothesis breaks it.
    """
    if sympy.sympify(then) in (sympy.true, sympy.false) or sympy.false in sharper:
        raise WrongShape(f"{name}: SymPy alone decides the conclusion or a sharper variant; use `evident`, or sharpen")
    check = by_smt.sequent(name, words, tuple(given), then, tuple(sharper))
    return _fact(given, then, "lemma", any_values=True, words=words, check=check)


def equation(name: str, words: str, left: Any, right: Any, broken: Any, given: Sequence[Any] = ()) -> Fact:
    """left = right for all values of the symbols that satisfy `given`: sympy; `broken` must be told apart from right.

    `given` must keep every denominator from 0 and every radicand from being negative; solvers check that.
    """
    check = by_sympy.equal(name, words, left, right, broken, tuple(given))
    then = sympy.Eq(left, right, evaluate=False)
    return _fact(given, then, "equation", any_values=True, words=words, check=check)


def evident(statement: Any) -> Fact:
    """What SymPy's evaluation alone makes true, such as 0 <= 0 or an empty sum = 0."""
    if keys([statement]):
        raise WrongShape(f"{statement} is not evident")
    return _fact([], statement, "evident", any_values=True)


def computed(check: Check, then: Any) -> Fact:
    """A concrete statement `then` that a check's program decides (exact rationals, balls, intervals).

    The program must take its numbers from `then`, or both from one Python constant, so that none is typed twice.
    """
    return _fact((), then, "computed", words=check.says, check=check)


# --- logic ------------------------------------------------------------------------------------------------------


def use(fact: Fact, values: Mapping[Any, Any]) -> Fact:
    """The fact for particular values: symbols replaced by expressions, sequences by sympy.Lambda.

    Raises:
        WrongShape: a key that is not free in the fact, a value that would be captured by a quantifier or a sum,
            a whole number replaced by something that is not one, a number replaced by a random variable, a sequence or
            number that has a meaning (`Fact.meant`).
    """
    symbols = {k: sympy.sympify(v) for k, v in values.items() if not isinstance(k, UndefinedFunction)}
    functions = {k: v for k, v in values.items() if isinstance(k, UndefinedFunction)}
    statements = (*fact.given, fact.then)
    free = set().union(*(e.free_symbols for e in statements))
    heads = {a.func for e in statements for a in e.atoms(AppliedUndef)}
    for key in symbols:
        if key not in free:
            raise WrongShape(f"{key} is not free in {fact.then}; free are {sorted(map(str, free))}")
        if key.is_integer and not symbols[key].is_integer:
            raise WrongShape(f"{key} is a whole number, {symbols[key]} need not be one")
        for sign in ("is_positive", "is_nonnegative", "is_negative", "is_nonpositive", "is_zero"):
            if getattr(key, sign) is not None and getattr(symbols[key], sign) != getattr(key, sign):
                raise WrongShape(f"{key} has a sign by itself that {symbols[key]} need not have")
    for key, value in (*symbols.items(), *functions.items()):
        if not isinstance(key, RandomVariable) and value.atoms(RandomVariable):
            raise WrongShape(f"{key} is not random, {value} is")
    for key in functions:
        if key not in heads:
            raise WrongShape(f"{key} does not occur in {fact.then}; there are {sorted(map(str, heads))}")
    if fixed := fact.meant & {*symbols, *functions}:
        raise WrongShape(f"{sorted(map(str, fixed))} has a meaning in {fact.then}: nothing else can take its place")
    brought = set().union(*(v.free_symbols for v in functions.values()), set())
    if caught := brought & set().union(*map(_bound, statements), set()):
        raise WrongShape(f"{sorted(map(str, caught))} would be captured by a quantifier or a sum; rename it first")

    def put(e: Any) -> Any:
        for head, body in functions.items():
            e = e.replace(lambda x, head=head: isinstance(x, AppliedUndef) and x.func == head,
                          lambda x, body=body: body(*x.args))  # fmt: skip
        return substitute(e, symbols)

    given = [put(e) for e in fact.given]
    if sympy.false in given:
        raise WrongShape(f"a hypothesis becomes false: {fact.given[given.index(sympy.false)]}")
    return _fact(given, put(fact.then), "use", premises=(fact,))


def _bound(e: Any) -> set[Any]:
    """Symbols bound by a quantifier or a sum anywhere inside."""
    found = set()
    for part in sympy.preorder_traversal(e):
        if isinstance(part, Quantified):
            found.add(part.args[0])
        elif isinstance(part, sympy.Sum):
            found |= {limit[0] for limit in part.limits}
    return found


def discharge(fact: Fact, *premises: Fact) -> Fact:
    """The fact without the hypotheses that premises establish; what the premises assume is assumed instead.

    Raises:
        WrongShape: a premise that establishes none of the hypotheses.
    """
    left = keys(fact.given)
    for premise in premises:
        offered = keys([premise.then]).keys()
        had = offered & left.keys()
        if offered and not had:
            raise WrongShape(
                f"{premise.then} is no hypothesis of {fact.then}; its hypotheses are {list(map(str, left.values()))}"
            )
        left = {k: e for k, e in left.items() if k not in had}
    given = [*left.values(), *(e for p in premises for e in p.given)]
    return _fact(given, fact.then, "discharge", premises=(fact, *premises))


def follows(
    name: str, words: str, premises: Sequence[Fact], then: Any, sharper: Sequence[Any] = (),
    given: Sequence[Any] = (), parts: Mapping[Any, Any] | None = None,
) -> Fact:  # fmt: skip
    """`then` from what the premises establish and the further hypotheses `given`, by arithmetic over the reals.

    Args:
        parts: expressions that the solvers need not look into, by the real symbol that stands for each. The lemma is
            proved, and printed, about the symbols, and then used for the expressions.
    """
    parts = dict(parts or {})

    def folded(e: Any) -> Any:
        for symbol, expression in sorted(parts.items(), key=lambda p: -sum(1 for _ in sympy.preorder_traversal(p[1]))):
            e = e.xreplace({expression: symbol, 1 / expression: 1 / symbol})
        return e

    hypotheses = [folded(e) for e in (*(p.then for p in premises), *given)]
    proved = lemma(name, words, hypotheses, folded(then), [folded(e) for e in sharper])
    free = proved.then.free_symbols.union(*(e.free_symbols for e in proved.given))
    if idle := [symbol for symbol in parts if symbol not in free]:
        raise WrongShape(f"{name}: {', '.join(f'{s} = {parts[s]}' for s in idle)} occurs nowhere")
    proved = use(proved, parts) if parts else proved
    return discharge(proved, *premises) if premises else proved


def both(*facts: Fact) -> Fact:
    """The conjunction of facts."""
    return _fact([e for f in facts for e in f.given], sympy.And(*(f.then for f in facts)), "both", premises=facts)


def part(fact: Fact, wanted: Any) -> Fact:
    """One conjunct of a fact, or some of them."""
    have, ask = keys([fact.then]), keys([wanted])
    if missing := [e for k, e in ask.items() if k not in have]:
        raise WrongShape(f"{missing[0]} is no part of {fact.then}")
    return _fact(fact.given, wanted, "part", premises=(fact,))


def weaken(fact: Fact, *given: Any) -> Fact:
    """The fact under further hypotheses."""
    return _fact([*fact.given, *given], fact.then, "weaken", premises=(fact,))


def under(fact: Fact, *stronger: Any) -> Fact:
    """The fact with stronger hypotheses such as T >= 1 in place of those that differ by a constant, such as T >= 0.

    Raises:
        WrongShape: a stronger hypothesis that replaces none.
    """
    left = keys(fact.given)
    for statement in stronger:
        implied = [k for k in left if _implies(statement, k)]
        if not implied:
            raise WrongShape(f"{statement} implies none of {list(map(str, left.values()))}")
        left = {k: e for k, e in left.items() if k not in implied}
    return _fact([*left.values(), *stronger], fact.then, "under", premises=(fact,))


def _implies(statement: Any, key: Any) -> bool:
    """Whether an inequality implies the one with that canonical form because only a constant tells them apart."""
    for relation, rest in (k.args for k in keys([statement]) if len(k.args) == 2):
        if str(relation) in ("<=", "<") and len(key.args) == 2 and str(key.args[0]) in ("<=", "<"):
            gap = rest - key.args[1]
            if gap.is_positive or gap == 0 and (str(relation) == "<" or str(key.args[0]) == "<="):
                return True
    return False


def restate(fact: Fact, wanted: Any, *equations: Fact) -> Fact:
    """`wanted` is the fact once the left sides of the equations are replaced by their right sides, in this order.

    Raises:
        WrongShape: the two differ after the replacements, or an equation speaks of what is bound in one of them.
    """

    def unfolded(e: Any) -> Any:
        for equal in equations:
            if not isinstance(equal.then, sympy.Eq):
                raise WrongShape(f"{equal.then} is not an equation")
            if equal.then.free_symbols & _bound(e):
                raise WrongShape(f"{equal.then} speaks of a symbol that is bound in {e}")
            e = e.xreplace({equal.then.lhs: equal.then.rhs})
        return e

    if keys([unfolded(wanted)]).keys() - keys([unfolded(fact.then)]).keys():
        raise WrongShape(f"{unfolded(wanted)} is wanted; there is {unfolded(fact.then)}")
    given = [*fact.given, *(e for equal in equations for e in equal.given)]
    return _fact(given, wanted, "restate", premises=(fact, *equations))


def apart(a: Any, b: Any) -> Fact:
    """Of two whole numbers one is at least the other, or smaller by at least 1."""
    a, b = sympy.sympify(a), sympy.sympify(b)
    if not (a.is_integer and b.is_integer):
        raise WrongShape(f"{a} and {b} need not be whole")
    return _fact([], (a >= b) | (a + 1 <= b), "apart", any_values=True)


def power_sum(base: Any, m: Any, n: Any) -> Fact:
    """base^(m + n) = base^m base^n for base > 0."""
    base, m, n = map(sympy.sympify, (base, m, n))
    return _fact(
        [base > 0], sympy.Eq(base ** (m + n), base**m * base**n, evaluate=False), "power of a sum", any_values=True
    )


def defined(fact: Fact, sequence: Any) -> Fact:
    """The fact without the definition by recursion of a sequence that nothing else in it mentions: there is one.

    The definition is sequence(a) = start and, for n >= a (and perhaps n below some last number),
    sequence(n + 1) = something made of n and sequence(n). By recursion such a sequence exists, whatever the rest.

    Raises:
        WrongShape: the conclusion or a further hypothesis mentions the sequence, these two do not define one, or it
            has a meaning already.
    """

    def mentions(e: Any) -> set[Any]:
        return {x for x in sympy.sympify(e).atoms(AppliedUndef) if x.func == sequence}

    about = [e for e in fact.given if mentions(e)]
    starts = [e for e in about if isinstance(e, sympy.Eq)]
    steps = [e for e in about if isinstance(e, ForAll)]
    if sequence in fact.meant or mentions(fact.then) or len(about) != 2 or len(starts) != 1 or len(steps) != 1:
        raise WrongShape(f"{sequence} is not just defined and unused: {about}; {fact.then}")
    (head, start), (n, domain, body) = starts[0].args, steps[0].args
    first = head.args[0] if mentions(head) == {head} and len(head.args) == 1 else None
    if first is None or not first.is_Integer or mentions(start) or not isinstance(body, sympy.Eq):
        raise WrongShape(f"{starts[0]} is no start, or {body} no step, of {sequence}")
    above = keys([n >= first]).keys() <= keys([domain]).keys()
    if body.lhs != sequence(n + 1) or mentions(body.rhs) - {sequence(n)} or mentions(domain) or not above:
        raise WrongShape(f"{steps[0]} does not define {sequence} from {first} on")
    return _fact([e for e in fact.given if e not in about], fact.then, "defined", premises=(fact,))


def replace(fact: Fact, equal: Fact, backwards: bool = False) -> Fact:
    """The fact with the left side of an equation replaced by its right side in `then` (`backwards`: right by left)."""
    if not isinstance(equal.then, sympy.Eq):
        raise WrongShape(f"{equal.then} is not an equation")
    old, new = reversed(equal.then.args) if backwards else equal.then.args
    if equal.then.free_symbols & _bound(fact.then):
        raise WrongShape("the equation speaks of a symbol that is bound in the fact; state it with ForAll")
    if not fact.then.has(old):
        raise WrongShape(f"{old} does not occur in {fact.then}")
    return _fact([*fact.given, *equal.given], fact.then.xreplace({old: new}), "replace", premises=(fact, equal))


def for_all(fact: Fact, n: Any, domain: Any) -> Fact:
    """ForAll(n, domain, then): every hypothesis that speaks of n must be part of the domain or is made general too."""
    inside = keys([domain])
    known = [k for k in keys(fact.given) if k in inside or any(_implies(e, k) for e in inside.values())]
    given = [e if n not in e.free_symbols else ForAll(n, domain, e) for k, e in keys(fact.given).items()
             if k not in known]  # fmt: skip
    return _fact(given, ForAll(n, domain, fact.then), "for all", premises=(fact,))


def at(fact: Fact, value: Any) -> Fact:
    """A ForAll fact for one value; its domain at that value becomes a hypothesis."""
    if not isinstance(fact.then, ForAll):
        raise WrongShape(f"{fact.then} is no ForAll")
    n, domain, body = fact.then.args
    value = sympy.sympify(value)
    if n.is_integer and not value.is_integer:
        raise WrongShape(f"{n} is a whole number, {value} need not be one")
    put = {n: value}
    return _fact([*fact.given, substitute(domain, put)], substitute(body, put), "at", premises=(fact,))


def assume(statement: Any) -> Fact:
    """A hypothesis as a fact that rests on itself."""
    return _fact([statement], statement, "assume", any_values=True)


def theorem(claim: Any) -> Fact:
    """The statement of a claim, to be used in another one's proof; the other then depends on it."""
    parts = (claim.statement.given, claim.statement.then, "theorem")
    if not claim.proof:
        return _fact(*parts, words=claim.title, claim=claim.id)
    meant = frozenset().union(*(fact.meant for fact in claim.proof))
    return _fact(*parts, words=claim.title, claim=claim.id, meant=meant)


def cited(claim: str, statement: Any) -> Fact:
    """That a claim holds, as a whole; `statement` only names it. It is for arguments in words."""
    return _fact([], statement, "theorem", words=f"claim {claim}", claim=claim)


def argued(words: str, premises: Sequence[Fact], then: Any, given: Sequence[Any] = ()) -> Fact:
    """A step in words, checked by no machine. A claim that needs one is argued, not proved."""
    return _fact([*given, *(e for p in premises for e in p.given)], then, "argued", words=words,
                 premises=tuple(premises))  # fmt: skip


# --- induction and sums ----------------------------------------------------------------------------------------


def induction(invariant: Any, n: Any, start: Any, base: Fact, step: Fact, last: Any = None) -> Fact:
    """invariant for every whole n >= start, from base (n = start) and step (n to n + 1).

    Hypotheses of the step that speak of n are assumed for all n >= start. With `last` both are so for n <= last only:
    the step may then assume n + 1 <= last, and the invariant holds for n <= last.

    Raises:
        WrongShape: base or step do not conclude the invariant at start or at n + 1, or the step assumes nothing of n.
    """
    if not n.is_integer:
        raise WrongShape(f"induction needs a whole number; {n} is none")
    start = sympy.sympify(start)
    if last is not None and n in sympy.sympify(last).free_symbols:
        raise WrongShape(f"the last number speaks of {n}")
    first, following = substitute(invariant, {n: start}), substitute(invariant, {n: n + 1})
    for fact, wanted, which in ((base, first, "base"), (step, following, "step")):
        if keys([wanted]).keys() - keys([fact.then]).keys():
            raise WrongShape(f"the {which} concludes {fact.then}; expected {wanted}")
    if n in set().union(*(e.free_symbols for e in base.given), set()):
        raise WrongShape(f"the base speaks of {n}")
    reached = [] if last is None else [n <= last]
    among = sympy.And(n >= start, *(substitute(e, {n: n + 1}) for e in reached))  # the n at which a step is taken
    known = keys([invariant, among])
    rest = [e for k, e in keys(step.given).items()
            if k not in known and not any(_implies(e, k) for e in conjuncts(among))]  # fmt: skip
    lifted = [ForAll(n, among, e) if n in e.free_symbols else e for e in rest]
    return _fact([*base.given, *lifted, n >= start, *reached], invariant, "induction", premises=(base, step))


def empty_sum(body: Any, n: Any, first: Any = 1) -> Fact:
    """A sum from `first` to `first` - 1 is 0."""
    return _fact([], sympy.Eq(sympy.Sum(body, (n, first, first - 1)), 0, evaluate=False), "empty sum", any_values=True)


def single_sum(body: Any, n: Any, at: Any = 1) -> Fact:
    """A sum over one number is its term."""
    total = sympy.Sum(body, (n, at, at))
    return _fact(
        [],
        sympy.Eq(total, substitute(sympy.sympify(body), {n: sympy.sympify(at)}), evaluate=False),
        "one term",
        any_values=True,
    )


def longer_sum(body: Any, n: Any, last: Any, first: Any = 1) -> Fact:
    """A sum to last + 1 is the sum to `last` and the newest term, where last >= first - 1."""
    total = sympy.Sum(body, (n, first, last))
    longer = sympy.Sum(body, (n, first, last + 1))
    return _fact(
        [last >= first - 1],
        sympy.Eq(longer, total + substitute(sympy.sympify(body), {n: last + 1}), evaluate=False),
        "longer sum",
        any_values=True,
    )


def sum_over(fact: Fact, i: Any, first: Any, last: Any) -> Fact:
    """From a <= b (or a = b) for each i to the sums over i = first..last; what a and b need, they need for each i."""
    if getattr(fact.then, "rel_op", None) not in ("<=", ">=", "=="):
        raise WrongShape(f"{fact.then} is neither <= nor =")
    domain = sympy.And(first <= i, i <= last)
    inside = keys([domain])
    given = [ForAll(i, domain, e) if i in e.free_symbols else e for k, e in keys(fact.given).items() if k not in inside]
    left, right = (sympy.Sum(side, (i, first, last)) for side in fact.then.args)
    return _fact(given, fact.then.func(left, right, evaluate=False), "sum over", premises=(fact,))


def exchange(double: Any) -> Fact:
    """sum_i sum_t = sum_t sum_i, where neither range depends on the other's variable."""
    inner, i, *outer_range = peeled(double)
    if not isinstance(inner, sympy.Sum):
        raise WrongShape(f"{double} is not a sum of a sum")
    body, t, *inner_range = peeled(inner)
    if i in set().union(*(sympy.sympify(e).free_symbols for e in inner_range)):
        raise WrongShape(f"the inner range depends on {i}")
    if t in set().union(*(sympy.sympify(e).free_symbols for e in outer_range)) or t == i:
        raise WrongShape(f"{t} means two things in {double}")
    swapped = sympy.Sum(body, (i, *outer_range), (t, *inner_range))
    return _fact([], sympy.Eq(double, swapped, evaluate=False), "exchange", any_values=True)


def linear(total: Any) -> Fact:
    """A sum of sums and constant multiples is the same sum and multiples of the sums of its terms."""
    if not isinstance(total, sympy.Sum):
        raise WrongShape(f"{total} is not a sum")
    body, n, first, last = peeled(total)
    parts = []
    for term in sympy.Add.make_args(sympy.expand(body)):
        outside, inside = term.as_independent(n, as_Add=False)
        parts.append(outside * sympy.Sum(inside, (n, first, last)))
    return _fact([], sympy.Eq(total, sympy.Add(*parts), evaluate=False), "linear", any_values=True)


# --- convex losses ----------------------------------------------------------------------------------------------


def convexity() -> Fact:
    """R_T <= sum over t and i of g_{t,i} (theta_{t,i} - u_i): the subgradient inequality, summed."""
    v = vocabulary
    inner = sympy.Sum(v.g(v.t, v.i) * (v.theta(v.t, v.i) - v.u(v.i)), (v.i, 1, v.d))
    return _fact([v.CONVEX], v.R(v.T) <= sympy.Sum(inner, (v.t, 1, v.T)), "convexity")


def root_of_squares() -> Fact:
    """S_{t,i} is by definition the root of g_{1,i}² + ... + g_{t,i}²."""
    v = vocabulary
    return _fact([], sympy.Eq(v.S(v.t, v.i), sympy.sqrt(v.squares(v.t, v.i)), evaluate=False), "definition of S")


# --- limits -----------------------------------------------------------------------------------------------------


def limit(check_name: str, words: str, expression: Any, n: Any, value: Any, broken: Any) -> Fact:
    """The explicit expression tends to `value` as n grows: sympy's limit; `broken` must not be the limit.

    Every other symbol is taken to be positive, which becomes a hypothesis.
    """
    check = by_sympy.tends(check_name, words, expression, n, sympy.sympify(value), sympy.sympify(broken))
    others = (expression.free_symbols | sympy.sympify(value).free_symbols) - {n}
    return _fact(
        [symbol > 0 for symbol in sorted(others, key=str)],
        Tends(n, expression, value),
        "limit",
        any_values=True,
        words=words,
        check=check,
    )


def squeeze(lower: Fact, upper: Fact, below: Fact, above: Fact) -> Fact:
    """a <= x and x <= b for all n (ForAll facts), a and b tend to the same limit: so does x."""
    n, _, lesser = lower.then.args
    m, _, greater = upper.then.args
    if n != m or not isinstance(lower.then, ForAll) or not isinstance(upper.then, ForAll):
        raise WrongShape("squeeze needs two ForAll facts over one variable")
    (a, x), (y, b) = _sides(lesser), _sides(greater)
    if x != y or below.then != Tends(n, a, below.then.args[2]) or above.then != Tends(n, b, below.then.args[2]):
        raise WrongShape(f"{lower.then}, {upper.then}, {below.then}, {above.then} do not squeeze one expression")
    given = [e for f in (lower, upper, below, above) for e in f.given]
    return _fact(given, Tends(n, x, below.then.args[2]), "squeeze", premises=(lower, upper, below, above))


def _sides(relation: Any) -> tuple[Any, Any]:
    if getattr(relation, "rel_op", None) not in ("<=", ">="):
        raise WrongShape(f"{relation} is no <=")
    return (relation.lhs, relation.rhs) if relation.rel_op == "<=" else (relation.rhs, relation.lhs)


def eventually(fact: Fact, n: Any) -> Fact:
    """A fact that needs nothing of n but a lower bound holds for all large n."""
    late = [e for e in fact.given if n in e.free_symbols]
    for e in late:
        small, large = _sides(e) if getattr(e, "rel_op", None) in ("<=", ">=") else (n, 0)
        if n in sympy.expand(large - small - n).free_symbols:
            raise WrongShape(f"{e} is more than a lower bound on {n}")
    given = [e for e in fact.given if n not in e.free_symbols]
    return _fact(given, Eventually(n, fact.then), "eventually", premises=(fact,))


def eventually_both(*facts: Fact) -> Fact:
    """What holds for all large n, one by one, holds together for all large n."""
    n = facts[0].then.args[0]
    if any(not isinstance(f.then, Eventually) or f.then.args[0] != n for f in facts):
        raise WrongShape("all facts must be Eventually of one variable")
    body = sympy.And(*(f.then.args[1] for f in facts))
    return _fact([e for f in facts for e in f.given], Eventually(n, body), "eventually both", premises=facts)


def eventually_near(fact: Fact, distance: Any) -> Fact:
    """x tends to c: |x - c| <= distance for all large n, for any distance > 0."""
    if not isinstance(fact.then, Tends):
        raise WrongShape(f"{fact.then} is no limit")
    n, x, c = fact.then.args
    if n in distance.free_symbols:
        raise WrongShape(f"the distance must not depend on {n}")
    body = sympy.Abs(x - c) <= distance
    return _fact([*fact.given, distance > 0], Eventually(n, body), "eventually near", premises=(fact,))


def eventually_so(fact: Fact, rule: Fact) -> Fact:
    """For all large n the hypotheses of `rule` that `fact` gives, hence its conclusion."""
    if not isinstance(fact.then, Eventually):
        raise WrongShape(f"{fact.then} is no Eventually")
    n, body = fact.then.args
    have = keys([body])
    if not have.keys() & keys(rule.given).keys():
        raise WrongShape(f"{body} is no hypothesis of {rule.then}")
    rest = [e for k, e in keys(rule.given).items() if k not in have]
    if any(n in e.free_symbols for e in rest):
        raise WrongShape(f"the rule needs more of {n}: {[e for e in rest if n in e.free_symbols]}")
    return _fact([*fact.given, *rest], Eventually(n, rule.then), "eventually so", premises=(fact, rule))


Derivation = Callable[[], Fact]
