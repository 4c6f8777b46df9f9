"""Whether a changed formula computes the same as the one that runs: both on solver terms, for every choice of options.

It can say yes for the functions of a rule (`start`, `shared`, `coord`, `potential`, bounds of steps and regret), for
all numbers in the options' ranges and all states with non-negative counters and second moments. Everything else is
"not proved", which is no claim that the two differ.
"""

from itertools import product
from types import ModuleType
from typing import Any

import z3

from dwmgrad_ref import ops
from proofs.sabotage import mutants
from proofs.sabotage.mutants import Mutant

NOT_NEGATIVE = {"t", "e", "jumps", "G", "v", "vhat", "v1", "v2", "s2", "count"}  # counters and second moments
POSITIVE = {"scale", "omega", "c1", "c2", "power1", "power2", "alpha"}


def proved_equal(mutant: Mutant) -> bool:
    """Whether z3 and cvc5 find no input on which the mutated function and the original differ."""
    try:
        original, changed = _loaded(mutant.module), _loaded(mutant.module, mutants.tree(mutant))
        return all(_same(before, after) for before, after in _pairs(mutant, original, changed))
    except Exception:  # whatever cannot be asked is not proved
        return False


def _loaded(name: str, changed: Any = None) -> ModuleType:
    """A module of its own from the file, or from a changed tree."""
    file = mutants._file(name)
    module = ModuleType(name)
    module.__dict__.update({"__file__": str(file), "__package__": name.rpartition(".")[0]})
    exec(compile(changed or file.read_text(encoding="utf-8"), str(file), "exec"), module.__dict__)
    return module


def _pairs(mutant: Mutant, original: Any, changed: Any):
    """Terms of both versions with the constraints of their inputs, for every combination of choices and flags."""
    function = mutant.function
    if not hasattr(original, "Options") or not hasattr(original, function):
        raise LookupError(function)
    from dwmgrad_ref.rules.base import Rule

    rule = next(value for value in vars(original).values() if isinstance(value, Rule))
    for o, ranges in _options(rule):
        arguments, states = _arguments(function, original, o)
        with ops.side_conditions() as sides:
            outputs = [getattr(module, function)(*arguments) for module in (original, changed)]
        yield (outputs[0], [*ranges, *states, *sides]), (outputs[1], [])


def _options(rule: Any):
    """Symbolic options for each combination of choices, with their ranges."""
    names = rule.Options._fields
    choices = {name: rule.choices(name) or ((False, True) if _flag(rule, name) else ()) for name in names}
    fixed = [name for name in names if choices[name]]
    for values in product(*(range(len(choices[name])) for name in fixed)):
        given = dict(zip(fixed, map(float, values), strict=True))
        o = rule.Options(*(given.get(name, z3.Real(f"o_{name}")) for name in names))
        ranges = []
        for name in names:
            if name not in given:
                for limit in rule.fields[name].metadata:
                    for key, test in (("gt", lambda a, b: a > b), ("ge", lambda a, b: a >= b),
                                      ("lt", lambda a, b: a < b), ("le", lambda a, b: a <= b)):  # fmt: skip
                        if hasattr(limit, key):
                            ranges.append(test(getattr(o, name), getattr(limit, key)))
        yield o, ranges


def _flag(rule: Any, name: str) -> bool:
    from typing import get_type_hints

    return get_type_hints(rule.Options)[name] is bool


def _arguments(function: str, module: Any, o: Any) -> tuple[list[Any], list[Any]]:
    """Symbolic arguments of a rule's function, with what is known of states."""
    k = module.Shared(*(z3.Real(f"k_{name}") for name in module.Shared._fields))
    c = module.Coord(*(z3.Real(f"c_{name}") for name in module.Coord._fields))
    named = [*zip(module.Shared._fields, k, strict=True), *zip(module.Coord._fields, c, strict=True)]
    known = [value >= 0 for name, value in named if name in NOT_NEGATIVE]
    known += [value > 0 for name, value in named if name in POSITIVE]
    x, g, loss = z3.Reals("x g loss")
    kinds = {"start": [o], "shared": [o, k, loss], "loss_signal": [o, k, loss], "coord": [o, k, c, x, g],
             "potential": [o, k, c], "step_bound": [o]}  # fmt: skip
    if function in kinds:
        return kinds[function], known
    from dwmgrad_ref.rules.bounds import Facts

    D, S, T, first, last, G = z3.Reals("D S T first last G")
    facts = Facts(D=D, S=S, T=T, first=first, last=last, fixed=True, projected=False, G=G)
    return [o, k, facts], [*known, D > 0, S >= 0, T >= 1, G >= 0]


def _same(before: tuple[Any, list[Any]], after: tuple[Any, list[Any]]) -> bool:
    from proofs.checkers.by_smt import _cvc5, _z3

    left, right = list(_flat(before[0])), list(_flat(after[0]))
    if len(left) != len(right):
        return False
    roots = _merged(before[1])
    left, right = ([_put(x, roots) for x in side] for side in (left, right))
    different = [a != b for a, b in zip(left, right, strict=True) if not _identical(a, b)]
    if not different:
        return True
    constraints = [*(_put(c, roots) for c in before[1]), z3.Or(*different)]
    return _z3(constraints, 5)[0] == "unsat" and _cvc5(constraints, 5) == "unsat"


def _merged(constraints: list[Any]) -> list[tuple[Any, Any]]:
    """Roots of one and the same number are one: pairs of a root and the one that takes its place."""
    known: list[tuple[Any, Any]] = []
    roots: list[tuple[Any, Any]] = []
    for c in constraints:
        square = z3.is_eq(c) and z3.is_mul(c.arg(0)) and c.arg(0).num_args() == 2
        if square and c.arg(0).arg(0).eq(c.arg(0).arg(1)) and c.arg(0).arg(0).decl().name().startswith("root!"):
            root, radicand = c.arg(0).arg(0), _put(c.arg(1), roots)
            if same := [other for other, inside in known if inside.eq(radicand)]:
                roots.append((root, same[0]))
            else:
                known.append((root, radicand))
    return roots


def _put(term: Any, roots: list[tuple[Any, Any]]) -> Any:
    return z3.substitute(term, *roots) if roots and z3.is_expr(term) else term


def _flat(value: Any):
    if isinstance(value, tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _identical(a: Any, b: Any) -> bool:
    return a.eq(b) if z3.is_expr(a) and z3.is_expr(b) else not z3.is_expr(a) and not z3.is_expr(b) and a == b
