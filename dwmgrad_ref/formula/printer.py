"""SymPy expressions as a reader of the papers expects them: one line of Unicode, or LaTeX in the same order."""

from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

_GREEK = dict(
    alpha="α", beta="β", gamma="γ", delta="δ", eps="ε", theta="θ", mu="μ", nu="ν", omega="ω", rho="ρ", tau="τ"
)
_GREEK |= {"lambda": "λ", "eta": "η", "kappa": "κ", "xi": "ξ", "sigma": "σ", "phi": "φ", "vhat": "v̂"}
_LATEX = {"eps": r"\varepsilon", "vhat": r"\hat{v}"}
_SHARED = ("alpha", "mu", "omega", "beta", "a", "c")  # quantities all coordinates share
_LOW = str.maketrans("0123456789+-t{}", "₀₁₂₃₄₅₆₇₈₉₊₋ₜ  ")
_HIGH = str.maketrans("0123456789-+t", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵗ")


def one_line(expression: Any) -> str:
    """The expression in Unicode: √x, x², Gₜ₋₁; a product is written with spaces.

    A conditional or a sum over a window stands in brackets wherever it is part of something, √ binds tighter than a
    product, and a product is read from left to right: 1/3 x is x/3.
    """
    expression, printer = _ordered(expression), _OneLine()
    return printer.conditional(expression) if isinstance(expression, sympy.Piecewise) else printer.doprint(expression)


def tidy_latex(expression: Any) -> str:
    """The expression in LaTeX, in the order of `one_line`."""
    return _Latex({"order": "none"}).doprint(_ordered(expression))


def _parts(name: str) -> tuple[str, str, str]:
    """Letters, digits and step of a symbol's name: "beta1_{t-1}" is ("beta", "1", "t-1")."""
    stem, _, step = name.partition("_")
    letters = stem.rstrip("0123456789")
    return letters, stem[len(letters) :], step.strip("{}")


def _ordered(e: Any) -> Any:
    """The same expression with sums led by a positive term and products by their constants, left unevaluated."""
    if not e.args:
        return e
    if isinstance(e, sympy.Sum):
        return e.func(_ordered(e.function), *e.limits)
    args = [_ordered(a) for a in e.args]
    if isinstance(e, sympy.Add):
        return sympy.Add(*sorted(args, key=_term_rank), evaluate=False)
    if isinstance(e, sympy.Mul):
        return sympy.Mul(*sorted(args, key=_factor_rank), evaluate=False)
    return e.func(*args, evaluate=False) if isinstance(e, sympy.Pow | sympy.Min | sympy.Max) else e.func(*args)


def _term_rank(term: Any) -> tuple[Any, ...]:
    """As papers write them: minus terms last; old state, what is new, weight decay, sums, a lone ε."""
    names = {str(s) for s in term.free_symbols}
    old = any(name.endswith(("{t-1}", "theta_t")) for name in names)
    late = 3 * (names == {"eps"}) + 2 * term.has(sympy.Sum) + (names == {"lambda", "theta_t"})
    return term.could_extract_minus_sign(), late, not old, str(term)


def _factor_rank(factor: Any) -> tuple[Any, ...]:
    """Numbers, options, shared quantities, brackets, the coordinate's own."""
    if factor.is_number:
        return 0, ""
    if not factor.is_Symbol:
        return (4 if factor.is_Pow and factor.base.is_Symbol and factor.exp.is_positive else 3), str(factor)
    letters, _, step = _parts(factor.name)
    if not step:
        return 1, letters
    return (2 if letters in _SHARED else 4), letters


class _OneLine(StrPrinter):
    def __init__(self) -> None:
        super().__init__({"order": "none"})

    def _print_Symbol(self, expr: Any) -> str:
        letters, digits, step = _parts(expr.name)
        return _GREEK.get(letters, letters) + (digits + step).translate(_LOW)

    def _print_Past(self, expr: Any) -> str:
        return f"g²₍ₜ₋{self._print(expr.args[0])}₎".replace("₍ₜ₋a₎", "ₜ₋ₐ")

    def _print_Sum(self, expr: Any) -> str:
        age, low, high = expr.limits[0]
        summed = self.parenthesize(expr.function, PRECEDENCE["Mul"])
        return f"Σ[{self._print(age)}={low}..{self._print(_ordered(high))}] {summed}"

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        if isinstance(item, sympy.Sum):
            return f"({self._print(item)})"
        return super().parenthesize(item, level, strict)

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.as_base_exp()
        if exponent == sympy.Rational(1, 2):
            bare = base.is_Symbol or isinstance(base, sympy.Piecewise)  # which brings its own brackets
            return f"√{self._print(base)}" if bare else f"√({self._print(base)})"
        if exponent.could_extract_minus_sign():
            return f"1/{self.parenthesize(sympy.Pow(base, -exponent), PRECEDENCE['Pow'], strict=True)}"
        text = str(exponent).replace(" ", "")
        raised = text.translate(_HIGH) if all(ord(a) in _HIGH for a in text) else f"^({self._print(exponent)})"
        return self.parenthesize(base, PRECEDENCE["Pow"]) + raised

    def _print_Mul(self, expr: Any) -> str:
        factors = list(expr.args)
        sign = "-" if factors[0].is_number and factors[0] < 0 else ""
        if sign:
            factors = [-factors[0], *factors[1:]] if factors[0] != -1 else factors[1:]
        below = [f for f in factors if f.is_Pow and f.exp.could_extract_minus_sign()]
        shown = [f for f in factors if f not in below]
        above = [self._factor(f) for f in shown] or ["1"]
        below.sort(key=lambda f: _factor_rank(f.base))
        under = [self.parenthesize(sympy.Pow(f.base, -f.exp), PRECEDENCE["Pow"], strict=True) for f in below]
        text = sign + " ".join(above)
        if not under:
            return text
        return f"{text}/{under[0]}" if len(under) == 1 else f"{text}/({' '.join(under)})"

    def _factor(self, factor: Any) -> str:
        bare = factor.is_Rational and factor >= 0
        return self._print(factor) if bare else self.parenthesize(factor, PRECEDENCE["Mul"])

    def _print_Piecewise(self, expr: Any) -> str:
        return f"({self.conditional(expr)})"

    def conditional(self, expr: Any) -> str:
        """A conditional without the brackets that it needs inside anything else."""
        *pieces, (otherwise, _) = expr.args
        shown = [f"{self._print(value)} if {self._print(condition)}" for value, condition in pieces]
        return " else ".join([*shown, self._print(otherwise)])

    def _print_ITE(self, expr: Any) -> str:
        condition, then, otherwise = (self._print(a) for a in expr.args)
        return f"({then} if {condition} else {otherwise})"

    def _print_And(self, expr: Any, order: Any = None) -> str:
        return f"({' and '.join(self._print(a) for a in expr.args)})"

    def _print_Or(self, expr: Any) -> str:
        return f"({' or '.join(self._print(a) for a in expr.args)})"

    def _print_Not(self, expr: Any) -> str:
        return f"(not {self._print(expr.args[0])})"

    def _print_Rational(self, expr: Any) -> str:
        decimal = repr(float(expr))
        return decimal if sympy.Rational(decimal) == expr else super()._print_Rational(expr)

    def _print_Min(self, expr: Any) -> str:
        return f"min({', '.join(self._print(a) for a in sorted(expr.args, key=_shortest_last))})"

    def _print_Max(self, expr: Any) -> str:
        return f"max({', '.join(self._print(a) for a in sorted(expr.args, key=_shortest_last))})"

    def _print_Abs(self, expr: Any) -> str:
        inner = self._print(expr.args[0])
        return f"abs({inner})" if "|" in inner else f"|{inner}|"  # bars do not say which of them belong together

    def _print_Relational(self, expr: Any) -> str:
        if expr.lhs.is_number or (expr.lhs.is_Symbol and "_" not in expr.lhs.name and expr.lhs.name != "t"):
            expr = expr.reversed  # "x > 0" reads better than "0 < x", and so with an option in place of 0
        symbol = {">=": "≥", "<=": "≤"}.get(expr.rel_op, expr.rel_op)
        return f"{self._print(expr.lhs)} {symbol} {self._print(expr.rhs)}"


def _shortest_last(argument: Any) -> tuple[int, str]:
    return -len(str(argument)), str(argument)


class _Latex(LatexPrinter):
    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        letters, digits, step = _parts(expr.name)
        name = _LATEX.get(letters) or ("\\" + letters if letters in _GREEK else letters)
        name = rf"\mathrm{{{name}}}" if name.isalpha() and len(name) > 1 else name
        low = ",".join(part for part in (digits, step) if part)
        return f"{name}_{{{low}}}" if low else name

    def _print_Past(self, expr: Any, exp: Any = None) -> str:
        return f"g_{{t-{self._print(expr.args[0])}}}^{{2}}"
