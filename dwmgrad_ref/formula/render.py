"""A rule's formulas, rendered from the code that runs: they cannot differ from it.

`equations` runs the rule's own `shared` and `coord` on symbols without simplifying, so that each quantity the
code names is still to be found inside the later ones and can be given its symbol there. What a reader does not
need is then removed by laws that hold for any optimizer:

* a quantity that never leaves its starting value is that value; one that repeats an option, the loss or the gradient
  is that;
* one that starts at 1 and is multiplied by an option at every step is that option's t-th power;
* one that hands on another's value of the step before gives that other its name, one step ahead;
* nothing is listed that theta_{t+1} does not depend on, now or later.
"""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.formula.printer import one_line, tidy_latex
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.rules.bounds import Bound, Facts

t = sympy.Symbol("t", integer=True, positive=True)
THETA, NEXT_THETA, GRADIENT, LAST_GRADIENT, LOSS, LAST_LOSS = sympy.symbols(
    "theta_t theta_{t+1} g_t g_{t-1} f_t f_{t-1}", real=True
)
_NAMES = {"omega0": "omega_0", "guard_threshold": "tau", "weight_decay": "lambda", "scale": "a"}
Equations = dict[Any, Any]  # symbol of a quantity of step t -> its value


class Past(sympy.Function):
    """Past(a): the squared gradient of a steps ago, where a rule stores them."""

    nargs = 1


def equations(rule: str | Rule, **given: Any) -> list[Any]:
    """The step from t to t+1 as sympy.Eq, in the order of computation; theta_{t+1} is the last.

    Numeric options stay symbols unless given; choices take the value given or their default. A quantity q of
    step t is the symbol `q_t`, of the step before `q_{t-1}`; f_t is the loss f_t(theta_t), g_t its gradient.

    Raises:
        UnknownName, BadOption: as `Rule.options`.
    """
    rule = rules.get(rule)
    o = symbolic_options(rule, given)
    named = _run(rule, o)
    start = dict(zip(_symbols(rule.Shared._fields, "_t"), map(sympy.sympify, rule.start(o)), strict=True))
    while changes := _spared(start, named):
        kept = {changes.get(new, new): value for new, value in named.items() if not _dropped(new, changes)}
        named = {new: value.xreplace(changes).doit() for new, value in kept.items()}
    return [sympy.Eq(new, named[new], evaluate=False) for new in _needed(named)]


def pretty(rule: str | Rule, **given: Any) -> str:
    """The equations in Unicode, one a line, aligned at the equals signs."""
    lines = [(one_line(e.lhs), one_line(e.rhs)) for e in equations(rule, **given)]
    width = max(_width(left) for left, _ in lines)
    return "\n".join(f"{left}{' ' * (width - _width(left))} = {right}" for left, right in lines)


def latex(rule: str | Rule, **given: Any) -> str:
    """The equations as a LaTeX `aligned` environment."""
    lines = [f"{tidy_latex(e.lhs)} &= {tidy_latex(e.rhs)}" for e in equations(rule, **given)]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def bound_text(rule: Rule, bound: Bound) -> str:
    """An a-priori regret bound in Unicode, rendered from its own functions, with its claim and what it requires."""
    facts = Facts._make(sympy.symbols("D S_t t f_1 f_t fixed projected G g_1", positive=True))
    o = symbolic_options(rule, {})
    told = f"Rₜ ≤ Σᵢ [{one_line(bound.coordinate(o, None, facts))}]"
    if bound.once:
        told += f" + {one_line(bound.once(o, None, facts))}"
    carried = bound.claim or "derived by hand; the ledger has no proof of it yet"
    return f"{told}, if {'; '.join(r.words for r in bound.requires) or 'the losses are convex'} ({carried})"


def _width(text: str) -> int:
    return sum(not unicodedata.combining(letter) for letter in text)


def symbolic_options(rule: Rule, given: Mapping[str, Any]) -> Any:
    """Encoded options, a positive symbol for every number that is not given and an exact rational for the rest."""
    options = rule.options(**given)

    def symbol(name: str, value: Any) -> Any:
        fixed = name in given or rule.choices(name) or isinstance(value, bool)
        return value if fixed else sympy.Symbol(_NAMES.get(name, name), positive=True)

    return rule.encode(options._make(symbol(n, v) for n, v in options._asdict().items()), number=_exact)


def _exact(value: float) -> Any:
    return sympy.Rational(repr(float(value))) if math.isfinite(value) else sympy.oo


def _symbols(fields: tuple[str, ...], step: str) -> list[Any]:
    return [sympy.Symbol(_NAMES.get(name, name) + step, real=True) for name in fields]


def _moved(symbol: Any, step: str) -> Any:
    """The symbol of the same quantity at another step."""
    return sympy.Symbol(symbol.name.rpartition("_")[0] + step, real=True)


def _run(rule: Rule, o: Any) -> Equations:
    """Every quantity of step t in terms of the others and of those of step t-1."""
    before = rule.Shared(*_symbols(rule.Shared._fields, "_{t-1}"))._replace(t=t - 1)
    now = rule.Shared(*_symbols(rule.Shared._fields, "_t"))._replace(t=t)
    memory = rule.Coord(*_symbols(rule.Coord._fields, "_{t-1}"))
    if "past" in rule.Coord._fields:
        memory = memory._replace(past=Past)
    with sympy.evaluate(False):
        k = rule.shared(o, before, LOSS)
        c, x = rule.coord(o, now, memory, THETA, GRADIENT)
        pairs = [*zip(now, k, strict=True), *zip(_symbols(rule.Coord._fields, "_t"), c, strict=True), (NEXT_THETA, x)]
        values = {new: sympy.sympify(value) for new, value in pairs if value is not Past and new != t}
        values = {new: _folded(new, value, values) for new, value in values.items()}
    where = sympy.Function("where")
    pieces = {new: value.replace(where, lambda c, a, b: _piece(c, a, b)) for new, value in values.items()}
    return {new: value.doit() for new, value in pieces.items()}


def _piece(condition: Any, a: Any, b: Any) -> Any:
    return sympy.Piecewise((a, condition), (b, True))


def _folded(new: Any, value: Any, values: Equations) -> Any:
    """The value with every other quantity that appears inside it replaced by its symbol, largest first."""
    inside = {
        v: n for n, v in values.items() if n != new and not v.is_Atom and v != value and v != -value and -v != value
    }
    for part in sorted(inside, key=lambda e: sum(1 for _ in sympy.preorder_traversal(e)), reverse=True):
        value = value.xreplace({part: inside[part], -part: -inside[part]})
    return value


def _spared(start: Mapping[Any, Any], named: Equations) -> dict[Any, Any]:
    """Replacements for the first quantity that needs no equation of its own; empty when all do."""
    for new, value in named.items():
        old = _moved(new, "_{t-1}")
        read_later = any(old in other.free_symbols for other in named.values())
        if new in start and value in (old, start[new]):
            return {new: start[new], old: start[new]}
        if value in (LOSS, GRADIENT):
            return {new: value, old: LAST_LOSS if value == LOSS else LAST_GRADIENT}
        if start.get(new) == 1 and (factor := sympy.cancel(value / old)).is_Symbol:
            return {new: factor**t, old: factor ** (t - 1)}
        if value.is_Symbol and value.name.endswith("_{t-1}") and not read_later and value != LAST_LOSS:
            return {value: new, _moved(value, "_t"): _moved(new, "_{t+1}")}
        if value.is_Atom and not read_later:
            return {new: value}
    return {}


def _dropped(new: Any, changes: Mapping[Any, Any]) -> bool:
    """Whether the changes do away with the equation for `new`, rather than rename it."""
    renamed = str(changes.get(new)).endswith("_{t+1}")
    handed_on = any(value == new and str(old).endswith("_{t-1}") for old, value in changes.items())
    return (new in changes and not renamed) or handed_on


def _needed(named: Equations) -> list[Any]:
    """What theta_{t+1} depends on, also through values of the step before; each after those it is made of."""
    needed, frontier = {NEXT_THETA}, [NEXT_THETA]
    while frontier:
        for symbol in named[frontier.pop()].free_symbols - {t, THETA}:
            for new in (_moved(symbol, "_t"), _moved(symbol, "_{t+1}")):
                if new in named and new not in needed:
                    needed.add(new)
                    frontier.append(new)
    ordered: list[Any] = []
    while waiting := [new for new in named if new in needed and new not in ordered]:
        ordered.append(next(new for new in waiting if not (named[new].free_symbols & {*waiting})))
    return ordered
