"""Deliberate breaks of the code that runs: one change of one expression in one function, made in the syntax tree.

A mutant is named by its module, function, line and change. The changed tree is compiled, and the module's functions
are given its code (`put`); nothing is written to disk.
"""

import ast
import copy
import gc
import inspect
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2]
# Modules whose functions the claims speak of; rules are added one by one.
FIXED = ("dwmgrad_ref.rules.base", "dwmgrad_ref.rules.bounds", "dwmgrad_ref.arithmetic", "dwmgrad_ref.observers.bound")
# Functions of these modules that are no formula: validation messages, registries, compiled plumbing.
OUTSIDE = {"option", "choices", "fields", "_adapter", "_complaint", "allowed", "_interval", "_field_info", "_code",
           "__str__", "__post_init__", "variant", "encode", "options", "registry", "get", "columns", "_apriori",
           "certify", "_row"}  # fmt: skip

_SWAPS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.Gt: (ast.GtE, ast.Lt), ast.Lt: (ast.LtE, ast.Gt), ast.GtE: (ast.Gt,), ast.LtE: (ast.Lt,),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.And: (ast.Or,), ast.Or: (ast.And,),
}  # fmt: skip
_CALLS = {"minimum": "maximum", "maximum": "minimum"}
_UNWRAPPED = ("sqrt", "absolute", "log")
_TURNED = {"where": (0, 2, 1), "greater": (1, 0)}  # arguments in another order


@dataclass(frozen=True, order=True)
class Mutant:
    """One change. `place` counts the changes of the module, which makes it reproducible."""

    module: str
    function: str
    line: int
    change: str
    place: int

    def __str__(self) -> str:
        return f"{self.module.rpartition('.')[2]}.{self.function}, line {self.line}: {self.change}"


def modules() -> list[str]:
    """Every module that is mutated: rules that a claim names, and what they share with the driver and the certificate."""
    return sorted({*(f"dwmgrad_ref.rules.{name}" for name in _rules(True)), *FIXED})


def unclaimed() -> list[str]:
    """The files of rules that no claim names: a mutant of them could only survive."""
    return sorted(_rules(False))


def _rules(claimed: bool) -> list[str]:
    """The files of rules, named without folder and ending, that some claim's source quotes, or those that none does."""
    said = "\n".join(file.read_text("utf-8") for file in (PACKAGE / "proofs" / "claims").rglob("*.py"))
    found = [m.name for m in pkgutil.iter_modules([str(PACKAGE / "dwmgrad_ref" / "rules")])]
    rules = [
        name
        for name in found
        if f"dwmgrad_ref.rules.{name}" not in FIXED and re.search(r"Rule\(|variant\(", _source(name))
    ]
    return [name for name in rules if claimed is bool(re.search(rf'"{name.replace("_", "-")}\b', said))]


def _source(rule: str) -> str:
    return _file(f"dwmgrad_ref.rules.{rule}").read_text(encoding="utf-8")


def every(module: str) -> list[Mutant]:
    """All mutants of a module, in the order of the file."""
    return [mutant for mutant, _ in _changes(module)]


def tree(mutant: Mutant) -> ast.Module:
    """The module's syntax tree with the change made."""
    for other, changed in _changes(mutant.module):
        if other.place == mutant.place:
            if other != mutant:
                raise ValueError(f"{mutant} is out of date: the file has changed")
            return changed()
    raise ValueError(f"{mutant.module} has no change number {mutant.place}")


def _functions_of(module: str) -> list[str]:
    """The names of the functions that can be mutated."""
    return [name for name, _ in _functions(ast.parse(_file(module).read_text(encoding="utf-8")))]


def _file(module: str) -> Path:
    return PACKAGE / (module.replace(".", "/") + ".py")


def _changes(module: str) -> Iterator[tuple[Mutant, Any]]:
    """Every mutant with a function that makes its tree."""
    whole = ast.parse(_file(module).read_text(encoding="utf-8"))
    place = 0
    for name, function in _functions(whole):
        for path, node in _expressions(function):
            for change, new in _replacements(node):
                yield (
                    Mutant(module, name, getattr(node, "lineno", 0), change, place),
                    _maker(whole, function, path, new),
                )
                place += 1
        for index in range(len(function.body) - 1):
            first, second = function.body[index : index + 2]
            if (
                isinstance(first, ast.Assign)
                and isinstance(second, ast.Assign | ast.Return)
                and _ordered(first, second)
            ):
                change = f"{ast.unparse(first)} after the next line"
                yield Mutant(module, name, first.lineno, change, place), _swapper(whole, function, index)
                place += 1


def _ordered(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether the order of two statements matters: one names what the other sets. All functions here are pure."""

    def names(statement: ast.stmt, kind: type) -> set[str]:
        return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}

    set_by_first, set_by_second = names(first, ast.Store), names(second, ast.Store)
    return bool(set_by_first & (names(second, ast.Load) | set_by_second) or set_by_second & names(first, ast.Load))


def _functions(whole: ast.Module) -> Iterator[tuple[str, Any]]:
    """Functions of the module and of its classes, and lambdas given to names and calls at module level."""
    for node in whole.body:
        if isinstance(node, ast.FunctionDef) and node.name not in OUTSIDE:
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{f.name}", f) for f in node.body
                        if isinstance(f, ast.FunctionDef) and f.name not in OUTSIDE)  # fmt: skip
        elif isinstance(node, ast.Assign) and any(isinstance(n, ast.Lambda) for n in ast.walk(node)):
            named = ast.unparse(node.targets[0])
            yield named, ast.FunctionDef(name=named, body=[node], args=None, decorator_list=[])  # type: ignore[arg-type]


def _expressions(function: Any) -> Iterator[tuple[tuple[Any, ...], ast.AST]]:
    """Nodes of the function's body with the way to them; no docstrings, annotations or decorators."""

    def visit(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], ast.AST]]:
        if isinstance(node, list):
            for index, item in enumerate(node):
                yield from visit(item, (*path, index))
        elif isinstance(node, ast.AST) and not _idle(node):
            yield path, node
            for name, value in ast.iter_fields(node):
                if name not in ("annotation", "returns", "decorator_list", "keywords_names"):
                    yield from visit(value, (*path, name))

    yield from visit(function.body, ("body",))


def _idle(node: ast.AST) -> bool:
    """Docstrings and raised messages change no number."""
    return isinstance(node, ast.Raise) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _replacements(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may be replaced by, with the change in words."""
    old = ast.unparse(node) if isinstance(node, ast.expr) else ""

    def told(new: ast.AST) -> tuple[str, ast.AST]:
        return f"{old} -> {ast.unparse(new)}", new

    match node:
        case ast.BinOp():
            for other in _SWAPS.get(type(node.op), ()):
                yield told(ast.BinOp(node.left, other(), node.right))
            if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
                yield told(node.left)
            if isinstance(node.op, ast.Add | ast.Mult):
                yield told(node.right)
        case ast.Compare() if len(node.ops) == 1:
            for other in _SWAPS.get(type(node.ops[0]), ()):
                yield told(ast.Compare(node.left, [other()], node.comparators))
        case ast.BoolOp():
            for other in _SWAPS[type(node.op)]:
                yield told(ast.BoolOp(other(), node.values))
        case ast.UnaryOp():
            yield told(node.operand)
        case ast.IfExp():
            yield told(ast.IfExp(node.test, node.orelse, node.body))
        case ast.If():
            yield (
                f"if {ast.unparse(node.test)} -> if not",
                ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse),
            )
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            yield told(ast.Constant(value + 1))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="ops"), attr=name)):
            if name in _CALLS:
                other = ast.Attribute(ast.Name("ops", ast.Load()), _CALLS[name], ast.Load())
                yield told(ast.Call(other, node.args, node.keywords))
            if name in _UNWRAPPED:
                yield told(node.args[0])
            if name in _TURNED and len(node.args) == len(_TURNED[name]):
                yield told(ast.Call(node.func, [node.args[i] for i in _TURNED[name]], node.keywords))


def _maker(whole: ast.Module, function: Any, path: Sequence[Any], new: ast.AST) -> Any:
    def make() -> ast.Module:
        changed = copy.deepcopy(whole)
        target = _same(whole, changed, function)
        for step in path[:-1]:
            target = target[step] if isinstance(step, int) else getattr(target, step)
        if isinstance(path[-1], int):
            target[path[-1]] = copy.deepcopy(new)
        else:
            setattr(target, path[-1], copy.deepcopy(new))
        return ast.fix_missing_locations(changed)

    return make


def _swapper(whole: ast.Module, function: Any, index: int) -> Any:
    def make() -> ast.Module:
        changed = copy.deepcopy(whole)
        body = _same(whole, changed, function).body
        body[index], body[index + 1] = body[index + 1], body[index]
        return ast.fix_missing_locations(changed)

    return make


def _same(whole: ast.Module, changed: ast.Module, function: Any) -> Any:
    """The function's counterpart in a copy of the tree."""
    for old, new in zip(ast.walk(whole), ast.walk(changed), strict=True):
        if old is function:
            return new
        if isinstance(old, ast.Assign) and isinstance(function, ast.FunctionDef) and function.body == [old]:
            return ast.FunctionDef(name="", body=[new], args=None, decorator_list=[])  # type: ignore[arg-type]
    raise ValueError("the function is not in the tree")


def live(module: str) -> list[Any]:
    """The functions and methods of a module, and lambdas that it holds, wherever they are referred to by now."""
    file = str(_file(module))
    # The exact type: `isinstance` asks objects for their class, which wakes the deprecation warnings of some.
    return [f for f in gc.get_objects() if type(f) is FunctionType and f.__code__.co_filename == file]


def put(module: str, changed: ast.Module, functions: Sequence[Any]) -> None:
    """Give the module's live functions the code of a changed tree. What has run already is as it was.

    Raises:
        ValueError: nothing is changed by it, or the tree has other functions than the file.
    """
    file = str(_file(module))
    before, after = (
        list(_outermost(compile(source, file, "exec"))) for source in (_file(module).read_text("utf-8"), changed)
    )
    if [code.co_qualname for code in before] != [code.co_qualname for code in after]:
        raise ValueError(f"the changed tree of {module} has other functions")
    new = {old: code for old, code in zip(before, after, strict=True) if old != code}
    found = [f for f in functions if f.__code__ in new]
    if not found:
        raise ValueError(f"nothing of {module} that has been made is changed")
    for function in found:
        function.__code__ = new[function.__code__]


def _outermost(code: CodeType) -> Iterator[CodeType]:
    """Code of functions, methods and lambdas; what is nested in one comes with it."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & inspect.CO_OPTIMIZED:  # the body of a class is not
                yield constant
            else:
                yield from _outermost(constant)


def noting(module: str) -> ast.Module:
    """The module's tree with a note, `_noted(name)`, at the start of each function that can be mutated."""
    whole = ast.parse(_file(module).read_text(encoding="utf-8"))
    for name, function in _functions(whole):
        note = ast.parse(f"_noted({f'{module}.{name}'!r})").body[0]
        if function.args is not None:
            documented = ast.get_docstring(function) is not None
            function.body.insert(1 if documented else 0, note)
            continue
        for part in ast.walk(function.body[0]):
            if isinstance(part, ast.Lambda):
                assert isinstance(note, ast.Expr)
                both = ast.Tuple([note.value, part.body], ast.Load())
                part.body = ast.Subscript(both, ast.Constant(1), ast.Load())
    return ast.fix_missing_locations(whole)
