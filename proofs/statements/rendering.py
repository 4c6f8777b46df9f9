"""Statements in words: plain text for the terminal and the pages, LaTeX for the report. Nothing is typed twice."""
# SymPy's classes have attributes that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportReturnType=false

import re
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.precedence import PRECEDENCE

from dwmgrad_ref.formula.printer import _GREEK, _LATEX, _Latex, _OneLine
from proofs.statements.statement import BigO, Eventually, Exists, ForAll, Named, Statement, Tends, conjuncts
from proofs.statements.vocabulary import MEANING

_RELATION = {"<=": "<=", ">=": ">=", "<": "<", ">": ">", "==": "=", "!=": "!="}
_TEX_RELATION = {"<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "==": "=", "!=": r"\ne"}
_WORDS = {"Gmax": "G", "epsilon": "eps", "ghat": "ghat"}
_TEX = {"Gmax": "G", "ghat": r"\hat g", "epsilon": r"\varepsilon"}


def text(e: Any) -> str:
    """An expression or a statement in one line of plain text, such as "g_{t,i}² <= omega_t G_{t,i}"."""
    return _Text().doprint(e)


def latex(e: Any) -> str:
    """The same in LaTeX."""
    return _Tex().doprint(e)


def sentence(statement: Statement) -> str:
    """A claim's statement as one sentence: if the hypotheses hold, then the conclusion does."""
    given = "; ".join(text(e) for e in statement.given)
    return f"If {given}, then {text(statement.then)}." if given else f"{text(statement.then)}."


def display(statement: Statement) -> str:
    """A claim's conclusion in LaTeX, one line a part."""
    return r" ,\qquad ".join(latex(part) for part in conjuncts(statement.then))


def markdown(e: Any) -> str:
    """A hypothesis for a page: mathematics between dollar signs, named hypotheses in words."""
    parts = [e.words.format(*(f"${latex(a)}$" for a in e.about)).replace("_", r"\_") if isinstance(e, Named)
             else f"${latex(e)}$" for e in conjuncts(e)]  # fmt: skip
    return " and ".join(parts)


def meanings(statement: Statement) -> list[tuple[str, str]]:
    """What the statement's symbols mean, as (symbol, meaning), where `vocabulary` or the claim explains them."""
    known = {**MEANING, **dict(statement.where)}
    parts = [statement.then, *statement.given]
    used = {x for e in parts for x in e.atoms(sympy.Symbol)} | {a.func for e in parts for a in e.atoms(AppliedUndef)}
    return [(_head(x), meaning) for x, meaning in known.items() if x in used]


def _head(symbol: Any) -> str:
    name = symbol.name if hasattr(symbol, "name") else str(symbol)
    return _WORDS.get(name, name)


def _subscripts(name: str, arguments: list[str]) -> str:
    inside = ",".join(arguments)
    return f"{name}_{inside}" if len(inside) == 1 or inside.isalnum() and len(inside) == 1 else f"{name}_{{{inside}}}"


def _term_rank(term: Any) -> tuple[Any, ...]:
    """Positive terms first, a plain number last: t - 1, 1 - mu."""
    return term.could_extract_minus_sign(), isinstance(term, sympy.Sum), term.is_number and not _only_symbols(term)


def _only_symbols(term: Any) -> bool:
    return term.is_number and term.is_positive is True


def _factor_rank(factor: Any) -> tuple[int, str]:
    """Numbers, constants, what all coordinates share, brackets and roots, what one coordinate has, sums."""
    base: Any = factor.as_base_exp()[0]
    if factor.is_number:
        return 0, ""
    if isinstance(base, sympy.Sum):
        return 5, ""
    if isinstance(base, AppliedUndef):
        return (2 if len(base.args) < 2 and str(base.args[0]) != "i" else 4), str(base)
    return (1, "") if base.is_Symbol and factor.as_base_exp()[1] != sympy.Rational(1, 2) else (3, str(factor))


def _domain(e: Any) -> Any:
    """The condition on what a quantifier binds, or its symbol where every number is meant."""
    return e.args[0] if e.args[1] == sympy.true else e.args[1]


class _Ordered:
    """Printers that write sums and products in the order a reader expects."""

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        constant = [t for t in expr.args if t.is_number]
        rest = sorted((t for t in expr.args if not t.is_number), key=lambda t: (*_term_rank(t), str(t)))
        lead = all(t.could_extract_minus_sign() for t in rest) or (constant and constant[0] > 0 and len(rest) == 1
                                                                    and _lead(rest[0]))  # fmt: skip
        return [*constant, *rest] if lead else [*rest, *constant]

    def _print_Mul(self, expr: Any) -> Any:
        if not expr.is_Mul:  # the LaTeX printer sends 1/x here too
            return super()._print_Mul(expr)  # type: ignore[misc]
        factors = sorted(expr.args, key=_factor_rank)
        if isinstance(self, _Text) and (first := factors[0]).is_Rational and not first.is_Integer:  # p/q x as p x/q
            above = [] if abs(first.p) == 1 and len(factors) > 1 else [sympy.Integer(abs(first.p))]
            sign = [sympy.S.NegativeOne] if first.p < 0 else []
            factors = [*sign, *above, *factors[1:], sympy.Pow(sympy.Integer(first.q), -1, evaluate=False)]
        ordered = expr if list(expr.args) == factors else sympy.Mul(*factors, evaluate=False)
        return super()._print_Mul(ordered)  # type: ignore[misc]


def _lead(term: Any) -> bool:
    """1 + omega_0 has its number first, t + 1 does not."""
    return not (term.is_Symbol and term.is_integer)


class _Text(_Ordered, _OneLine):
    def _print_Rational(self, expr: Any) -> str:
        return f"{expr.p}/{expr.q}"

    def _print_Symbol(self, expr: Any) -> str:
        name = _WORDS.get(expr.name, expr.name)
        return "omega_0" if name == "omega0" else name

    def _print_AppliedUndef(self, expr: Any) -> str:
        if str(expr.func) == "E":
            return f"E[{self._print(expr.args[0])}]"
        name = _WORDS.get(str(expr.func), str(expr.func)).removesuffix("_t")
        return _subscripts(name, [self._print(a).replace(" ", "") for a in expr.args])

    _print_Function = _print_AppliedUndef

    def _print_Phase(self, expr: Any) -> str:
        t, k = expr.args
        return f"({self.parenthesize(t - 1, PRECEDENCE['Mul'])} mod {self.parenthesize(k, PRECEDENCE['Mul'])})"

    def _print_Binomial(self, expr: Any) -> str:
        return f"binomial({', '.join(map(self._print, expr.args))})"

    def _print_floor(self, expr: Any) -> str:
        return f"floor({self._print(expr.args[0])})"

    def _print_log(self, expr: Any) -> str:
        return f"log({self._print(expr.args[0])})"

    def _print_Sum(self, expr: Any) -> str:
        limits = ", ".join(f"{self._print(a)}={self._print(b)}..{self._print(c)}" for a, b, c in expr.limits)
        return f"sum[{limits}] {self.parenthesize(expr.function, PRECEDENCE['Mul'])}"

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.as_base_exp()
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({self._print(base)})"
        if exponent.is_Symbol:
            return f"{self.parenthesize(base, PRECEDENCE['Pow'])}^{self._print(exponent)}"
        return super()._print_Pow(expr, rational)

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """As SymPy, but a sum is always put in brackets: what follows it is no part of it."""
        inside = isinstance(item, sympy.Sum)
        return f"({self._print(item)})" if inside else super().parenthesize(item, level, strict)

    def _side(self, e: Any) -> str:
        """A whole side of a relation needs no brackets around a conditional."""
        return self.conditional(e) if isinstance(e, sympy.Piecewise) else self._print(e)

    def _print_Relational(self, expr: Any) -> str:
        left, right = self._side(expr.lhs), self._side(expr.rhs)
        option = next((side.name for side in expr.args if side.is_Symbol), "")
        if left == right and option:  # a sequence starts at the option that is written as its first value is
            return f"{left} is the option {option}"
        return f"{left} {_RELATION[expr.rel_op]} {right}"

    def _print_And(self, expr: Any, order: Any = None) -> str:
        return " and ".join(self._nested(a) for a in expr.args)

    def _print_Or(self, expr: Any) -> str:
        return " or ".join(self._nested(a) for a in expr.args)

    def _print_Not(self, expr: Any) -> str:
        return f"not ({self._print(expr.args[0])})"

    def _print_Implies(self, expr: Any) -> str:
        return f"if {self._print(expr.args[0])} then {self._print(expr.args[1])}"

    def _print_Equivalent(self, expr: Any) -> str:
        return " if and only if ".join(self._nested(a) for a in expr.args)

    def _nested(self, e: Any) -> str:
        plain = isinstance(e, sympy.core.relational.Relational | Named) or e.is_Symbol
        return self._print(e) if plain else f"({self._print(e)})"

    def _print_ForAll(self, expr: ForAll) -> str:
        return f"{self._nested(expr.args[2])} for all {self._print(_domain(expr))}"

    def _print_Exists(self, expr: Exists) -> str:
        return f"{self._nested(expr.args[2])} for some {self._print(_domain(expr))}"

    def _print_Eventually(self, expr: Eventually) -> str:
        return f"{self._nested(expr.args[1])} for all large {self._print(expr.args[0])}"

    def _print_Tends(self, expr: Tends) -> str:
        n, x, c = expr.args
        return f"{self._print(x)} -> {self._print(c)} as {self._print(n)} grows"

    def _print_BigO(self, expr: BigO) -> str:
        n, x, scale = expr.args
        return f"{self._print(x)} = O({self._print(scale)}) as {self._print(n)} grows"

    def _print_Named(self, expr: Named) -> str:
        words = expr.words.format(*(self._print(a) for a in expr.about))
        return re.sub(r"\b(\w+) = \1(?=[,;)])", r"\1", words)  # the option alpha that is called alpha


class _Tex(_Ordered, _Latex):
    def __init__(self) -> None:
        super().__init__({"order": "none", "fold_short_frac": False})

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        if expr.name == "omega0":
            return r"\omega_0"
        return _TEX.get(expr.name) or super()._print_Symbol(expr, style)

    def _print_AppliedUndef(self, expr: Any, exp: Any = None) -> str:
        if str(expr.func) == "E":
            return rf"\mathbb{{E}}\left[{self._print(expr.args[0])}\right]" + (f"^{{{exp}}}" if exp else "")
        name = str(expr.func).removesuffix("_t")
        head = _TEX.get(name) or _LATEX.get(name) or ("\\" + name if name in _GREEK else name)
        shown = f"{head}_{{{','.join(self._print(a) for a in expr.args)}}}"
        return f"{shown}^{{{exp}}}" if exp else shown

    _print_Function = _print_AppliedUndef

    def _print_Binomial(self, expr: Any, exp: Any = None) -> str:
        shown = rf"\binom{{{self._print(expr.args[0])}}}{{{self._print(expr.args[1])}}}"
        return f"{shown}^{{{exp}}}" if exp else shown

    def _print_Phase(self, expr: Any) -> str:
        t, k = expr.args
        return rf"({self.parenthesize(t - 1, PRECEDENCE['Mul'])} \bmod {self.parenthesize(k, PRECEDENCE['Mul'])})"

    def _print_Relational(self, expr: Any) -> str:
        left, right = self._print(expr.lhs), self._print(expr.rhs)
        option = next((side.name for side in expr.args if side.is_Symbol), "")
        if left.replace("{", "").replace("}", "") == right and option:
            return rf"{left}\ \text{{is the option {option}}}"
        return f"{left} {_TEX_RELATION[expr.rel_op]} {right}"

    def _words(self, word: str, *args: Any) -> str:
        return rf"\ \text{{{word}}}\ ".join(self._print(a) for a in args)

    def _print_And(self, e: Any) -> str:
        return self._words("and", *e.args)

    def _print_Or(self, e: Any) -> str:
        return self._words("or", *e.args)

    def _print_Implies(self, e: Any, altchar: Any = None) -> str:
        return rf"{self._print(e.args[0])} \Rightarrow {self._print(e.args[1])}"

    def _print_Equivalent(self, e: Any, altchar: Any = None) -> str:
        return r" \iff ".join(self._print(a) for a in e.args)

    def _print_ForAll(self, e: ForAll) -> str:
        return self._words("for all", e.args[2], _domain(e))

    def _print_Exists(self, e: Exists) -> str:
        return self._words("for some", e.args[2], _domain(e))

    def _print_Eventually(self, e: Eventually) -> str:
        return self._words("for all large", e.args[1], e.args[0])

    def _print_Tends(self, e: Tends) -> str:
        n, x, c = e.args
        return rf"{self._print(x)} \to {self._print(c)}\ ({self._print(n)}\to\infty)"

    def _print_BigO(self, e: BigO) -> str:
        return rf"{self._print(e.args[1])} = O\bigl({self._print(e.args[2])}\bigr)"

    def _print_Named(self, e: Named) -> str:
        words = e.words.format(*(f"${self._print(a)}$" for a in e.about))
        return rf"\text{{{words}}}"
