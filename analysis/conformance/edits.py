"""Small changes of a rule's formula, made in its syntax tree: what implementations get wrong, without saying where.

Each change is of one expression: a decay rate for one minus it, a moment before the step for the one after it, a bias
correction left out, eps in or out of the root, a summand or a factor left out, one variable for another.
"""

import ast
import copy
import inspect
import itertools
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import FunctionType
from typing import Any

from dwmgrad_ref.rules.base import Rule

Path = tuple[Any, ...]
NO_CORRECTION = "no bias correction"


@dataclass(frozen=True, eq=False)
class Edit:
    """One change: in which function and at which places of its tree, the new expressions, and the change in words."""

    function: Any
    places: tuple[tuple[Path, ast.expr], ...]
    what: str
    change: str
    within: str

    def __str__(self) -> str:
        return f"{self.what}: {self.change} in {self.within}"

    def meets(self, other: "Edit") -> bool:
        """Whether the two cannot be made together: one changes a part of what the other changes."""
        pairs = itertools.product(self.places, other.places)
        return self.function is other.function and any(_nested(a, b) for (a, _), (b, _) in pairs)


def _nested(a: Path, b: Path) -> bool:
    n = min(len(a), len(b))
    return a[:n] == b[:n]


def edits(rule: Rule) -> list[Edit]:
    """Every change of the rule's step, in the order of its formula. `start` and the potential are left alone."""
    found, seen = [], set()
    for root in (rule.coord, rule.shared):
        for function in _reached(root):
            if function not in seen:
                seen.add(function)
                own = list(_of(function, rule))
                found += own + _repeated(own)
    return found


def _repeated(single: Sequence[Edit]) -> list[Edit]:
    """The same change at all its places of one statement, of the function; and every bias correction at once."""
    groups: dict[tuple[str, str, str], list[Edit]] = {}
    for edit in single:
        correction = edit.what == NO_CORRECTION
        keys = {(edit.what, edit.change, edit.within), (edit.what, "all" if correction else edit.change, "every place")}
        for key in keys:
            groups.setdefault(key, []).append(edit)
    joined, seen = [], set()
    for (what, _, within), group in groups.items():
        change = ", ".join(dict.fromkeys(edit.change for edit in group))
        places = tuple(place for edit in group for place in edit.places)
        apart = all(not _nested(a, b) for (a, _), (b, _) in itertools.combinations(places, 2))
        if len(group) > 1 and apart and (what, change, places) not in seen:
            seen.add((what, change, places))
            joined.append(Edit(group[0].function, places, what, change, f"{within} ({len(group)} times)"))
    return joined


def edited(rule: Rule, chosen: Sequence[Edit]) -> Rule:
    """The rule with these changes made. It has no potential and no bounds, for those are the unchanged rule's."""
    coord, shared = functions(rule, chosen)
    return replace(rule, coord=coord, shared=shared, potential=None, bounds=(), step_bounds=())


def functions(rule: Rule, chosen: Sequence[Edit]) -> tuple[Any, Any]:
    """The rule's `coord` and `shared` with these changes made, which must not meet each other."""
    changes = [(_place(edit.function, path), new) for edit in chosen for path, new in edit.places]
    before = [_get(*place) for place, _ in changes]
    try:  # the trees are changed in place and then restored: copies take longer than everything else
        for place, new in changes:
            _set(*place, new)
        trees = {edit.function: _tree(edit.function) for edit in chosen}
        made: dict[Any, Any] = {}
        return _rebuilt(rule.coord, trees, made), _rebuilt(rule.shared, trees, made)
    finally:
        for (place, _), node in zip(changes, before, strict=True):
            _set(*place, node)


def _place(function: Any, path: Path) -> tuple[Any, Any]:
    """The parent of the expression at a path, and the attribute or index under which it lies."""
    target: Any = _tree(function)
    for step in path[:-1]:
        target = _get(target, step)
    return target, path[-1]


def _get(parent: Any, step: Any) -> Any:
    return parent[step] if isinstance(step, int) else getattr(parent, step)


def _set(parent: Any, step: Any, node: ast.expr) -> None:
    if isinstance(step, int):
        parent[step] = node
    else:
        setattr(parent, step, node)


# --- functions ---------------------------------------------------------------------------------------------


def _helpers(function: Any) -> Iterator[tuple[str, FunctionType]]:
    """The rules' own functions that a function calls by a global name."""
    for name in function.__code__.co_names:
        helper = function.__globals__.get(name)
        if isinstance(helper, FunctionType) and helper is not function:
            if helper.__module__ == function.__module__ or helper.__module__.startswith("dwmgrad_ref.rules."):
                yield name, helper


def _reached(function: Any) -> list[FunctionType]:
    return [function, *(deeper for _, helper in _helpers(function) for deeper in _reached(helper))]


@cache
def _tree(function: FunctionType) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def _rebuilt(function: Any, trees: Mapping[Any, ast.Module], made: dict[Any, Any]) -> Any:
    """The function with the changed trees of itself and of its helpers; the same function where nothing changed."""
    if function in made:
        return made[function]
    helpers = {name: _rebuilt(helper, trees, made) for name, helper in _helpers(function)}
    changed = {name: helper for name, helper in helpers.items() if helper is not function.__globals__[name]}
    scope = {**function.__globals__, **changed}
    if function in trees:
        exec(compile(ast.fix_missing_locations(trees[function]), inspect.getfile(function), "exec"), scope)
        made[function] = scope[function.__name__]
    elif changed:
        made[function] = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    else:
        made[function] = function
    return made[function]


# --- expressions -------------------------------------------------------------------------------------------


def _of(function: FunctionType, rule: Rule) -> Iterator[Edit]:
    definition = _tree(function).body[0]
    assert isinstance(definition, ast.FunctionDef)
    scope = _Scope(definition, rule)
    for index, statement in enumerate(definition.body):
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign | ast.Return) and value is not None:
            known = scope.known(index)
            for path, node in _walk(value, ("body", 0, "body", index, "value")):
                for what, new in _replacements(node, scope, known):
                    if ast.dump(new) != ast.dump(node):
                        change = f"{ast.unparse(node)} → {ast.unparse(new)}"
                        yield Edit(function, ((path, new),), what, change, f"`{ast.unparse(statement)}`")


def _walk(node: Any, path: Path) -> Iterator[tuple[Path, ast.expr]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _walk(item, (*path, index))
    elif isinstance(node, ast.AST):
        if isinstance(node, ast.expr) and not isinstance(node, ast.Tuple):
            yield path, node
        for name, value in ast.iter_fields(node):
            if not (isinstance(node, ast.Call) and name == "func") and not isinstance(node, ast.Attribute):
                yield from _walk(value, (*path, name))


class _Scope:
    """What a function can name: parameters, locals by the statement that sets them, the new values of the state."""

    def __init__(self, definition: ast.FunctionDef, rule: Rule):
        self.rule, self.body = rule, definition.body
        self.parameters = [a.arg for a in definition.args.args]
        self.set_at: dict[str, int] = {}
        self.values: dict[str, ast.expr] = {}
        for index, statement in enumerate(definition.body):
            if isinstance(statement, ast.Assign):
                for name in (n for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                    self.set_at[name.id] = index
                if isinstance(statement.targets[0], ast.Name):
                    self.values[statement.targets[0].id] = statement.value

    def under_one_minus(self, node: ast.expr) -> bool:
        """Whether the expression is the x of a `1 - x`."""
        return any(
            isinstance(n, ast.BinOp)
            and isinstance(n.left, ast.Constant)
            and isinstance(n.op, ast.Sub)
            and n.right is node
            for statement in self.body
            for n in ast.walk(statement)
        )

    def known(self, index: int) -> list[str]:
        """Coordinate's variables that statement `index` may name: g and the locals set before it."""
        own = ["g"] if "g" in self.parameters else []
        return own + [name for name, place in self.set_at.items() if place < index]

    def first_values(self) -> list[ast.expr]:
        """What implementations put into the state before the first step, other than zero."""
        g, options = ast.Name("g", ast.Load()), [n for n in self.rule.Options._fields if n.endswith("0")]
        own = [g, ast.BinOp(g, ast.Mult(), g)] if "g" in self.parameters else []
        return [*own, ast.Constant(1.0), *(_read("o", name) for name in options)]

    def new_value(self, field: str) -> ast.expr | None:
        """The expression that the step puts into a field of the state, of the names before the step."""
        for statement in self.body:
            for call in ast.walk(statement) if isinstance(statement, ast.Return) else ():
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                    told = {k.arg: k.value for k in call.keywords}
                    told |= dict(zip(self.rule.Coord._fields, call.args, strict=False))
                    if field in told:
                        value = told[field]
                        value = self.values.get(value.id, value) if isinstance(value, ast.Name) else value
                        return copy.deepcopy(value)  # it may be put into itself
        return None


def _attribute(node: ast.AST, of: str) -> str | None:
    """The field when the node reads `of.field`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == of:
        return node.attr
    return None


def _read(of: str, field: str) -> ast.expr:
    return ast.Attribute(ast.Name(of, ast.Load()), field, ast.Load())


def _one_minus(node: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Constant(1), ast.Sub(), node)


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_read("ops", name), list(arguments), [])


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and _attribute(node.func, "ops") == name


def _replacements(node: ast.expr, scope: _Scope, known: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """What an expression may be replaced by, each with its name."""
    yield from _of_rates(node, scope)
    yield from _of_state(node, scope, known)
    yield from _of_eps(node, scope)
    yield from _of_operations(node)


def _of_rates(node: ast.expr, scope: _Scope) -> Iterator[tuple[str, ast.expr]]:
    """Decay rates: one minus the rate, the rate itself, another rate."""
    option = _attribute(node, "o")
    if option and option.startswith("beta"):
        if not scope.under_one_minus(node):  # that change is the rate itself, below
            yield "one minus the rate", _one_minus(node)
        for other in scope.rule.Options._fields:
            if other.startswith("beta") and other != option:
                yield "another rate", _read("o", other)
    match node:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=right):
            yield "the rate, not one minus it", right


def _of_state(node: ast.expr, scope: _Scope, known: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """The state before and after the step, and one variable for another."""
    field = _attribute(node, "c")
    if field and (new := scope.new_value(field)) is not None:
        yield f"the new {field}, not the one before the step", new
    if field and field != "past" and "k" in scope.parameters:
        first = _call("greater", ast.Constant(2), _read("k", "t"))
        for value in scope.first_values():
            yield f"{field} starts at {ast.unparse(value)}", _call("where", first, value, node)
    if isinstance(node, ast.Name) and node.id in known:
        if node.id in scope.rule.Coord._fields:
            yield f"the {node.id} before the step", _read("c", node.id)
            for shared in scope.rule.Shared._fields:
                if shared.startswith("c") and "k" in scope.parameters:
                    corrected = ast.BinOp(node, ast.Div(), _read("k", shared))
                    yield "bias correction added", corrected
                    yield "bias correction added", ast.BinOp(corrected, ast.Div(), _read("k", shared))
        for other in known:
            if other != node.id:
                yield "another variable", ast.Name(other, ast.Load())
    if isinstance(node, ast.Name) and node.id in scope.rule.Shared._fields and "k" in scope.parameters:
        yield f"the {node.id} before the step", _read("k", node.id)
    if _attribute(node, "k") == "t":
        yield "one step later", ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield "one step earlier", ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _of_eps(node: ast.expr, scope: _Scope) -> Iterator[tuple[str, ast.expr]]:
    """The place of eps: outside the root, inside it, as a lower limit, scaled by a bias correction."""
    eps = _read("o", "eps")
    if _attribute(node, "o") == "eps":
        yield "no eps", ast.Constant(0.0)
        yield "eps squared", ast.BinOp(eps, ast.Mult(), eps)
        for shared in scope.rule.Shared._fields:
            if shared.startswith("c") and "k" in scope.parameters:
                yield f"eps times {shared}", ast.BinOp(eps, ast.Mult(), _read("k", shared))
                yield f"eps over {shared}", ast.BinOp(eps, ast.Div(), _read("k", shared))
            if shared.startswith("power") and "k" in scope.parameters:
                correction = _call("sqrt", _one_minus(_read("k", shared)))
                yield "eps times a bias correction", ast.BinOp(eps, ast.Mult(), correction)
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _attribute(right, "o") == "eps":
            yield "eps as a lower limit", _call("maximum", left, right)
            for root in (n for n in ast.walk(left) if _is_call(n, "sqrt")):
                yield "eps inside the root", _inside(left, root)
    if _is_call(node, "sqrt") and isinstance(node, ast.Call):
        match node.args[0]:
            case ast.BinOp(left=left, op=ast.Add(), right=right) if _attribute(right, "o") == "eps":
                yield "eps outside the root", ast.BinOp(_call("sqrt", left), ast.Add(), right)
    if _is_call(node, "maximum") and isinstance(node, ast.Call) and _attribute(node.args[1], "o") == "eps":
        yield "eps added, not a lower limit", ast.BinOp(node.args[0], ast.Add(), node.args[1])


def _inside(whole: ast.expr, root: ast.AST) -> ast.expr:
    """The expression with eps added under one of its roots."""
    place = list(ast.walk(whole)).index(root)
    changed = copy.deepcopy(whole)
    call: Any = list(ast.walk(changed))[place]
    call.args[0] = ast.BinOp(call.args[0], ast.Add(), _read("o", "eps"))
    return changed


def _of_operations(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """A part left out, a sign, a root."""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            correction = (_attribute(right, "k") or "").startswith("c")
            yield NO_CORRECTION if correction else "no division", left
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield "a factor left out", left
            yield "a factor left out", right
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield "a summand left out", left
            yield "a summand left out", right
            yield "another sign", ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield "a summand left out", left
            yield "another sign", ast.BinOp(left, ast.Add(), right)
        case ast.Call(args=arguments) if _is_call(node, "sqrt"):
            yield "no root", arguments[0]
        case ast.Call(args=arguments) if _is_call(node, "maximum") or _is_call(node, "minimum"):
            yield "one of the two", arguments[0]
            yield "one of the two", arguments[1]
        case ast.Call(args=arguments) if _is_call(node, "where"):
            yield "one of the two", arguments[1]
            yield "one of the two", arguments[2]
        case ast.Call(args=arguments) if _is_call(node, "absolute"):
            yield "no absolute value", arguments[0]
