"""What a program decides by comparing numbers, for all numbers: it is run on unknown ones, along every way through it.

A comparison of unknown numbers has two answers; the program is run again for each, and what it was told on the way is
the condition under which it goes that way. The conditions of the ways that end in yes are together when it says yes.
"""

from collections.abc import Callable
from typing import Any

import sympy

from proofs.checkers.by_smt import implied
from proofs.statements.claim import Check, Outcome

Decide = Callable[[Any], bool]


class Unknown:
    """A real number that is known by its symbol. To compare it is to ask."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any, decide: Decide):
        self.value, self.decide = sympy.sympify(value), decide

    def _made(self, value: Any) -> "Unknown":
        return Unknown(value, self.decide)

    def _asked(self, relation: type, other: Any) -> bool:
        """A real number is smaller than inf and larger than -inf, and is not None."""
        if other is None:
            return relation is sympy.Ne
        return self.decide(relation(self.value, sympy.sympify(_plain(other))))

    def __add__(self, other: Any) -> "Unknown":
        return self._made(self.value + _plain(other))

    __radd__ = __add__

    def __mul__(self, other: Any) -> "Unknown":
        return self._made(self.value * _plain(other))

    __rmul__ = __mul__

    def __pow__(self, other: Any) -> "Unknown":
        return self._made(self.value ** _plain(other))

    def __eq__(self, other: Any) -> bool:
        return self._asked(sympy.Eq, other)

    def __ne__(self, other: Any) -> bool:
        return self._asked(sympy.Ne, other)

    def __lt__(self, other: Any) -> bool:
        return self._asked(sympy.Lt, other)

    def __le__(self, other: Any) -> bool:
        return self._asked(sympy.Le, other)

    def __gt__(self, other: Any) -> bool:
        return self._asked(sympy.Gt, other)

    def __ge__(self, other: Any) -> bool:
        return self._asked(sympy.Ge, other)

    def __bool__(self) -> bool:
        return self != 0


def _plain(other: Any) -> Any:
    return other.value if isinstance(other, Unknown) else other


def ways(run: Callable[[Callable[[Any], Unknown]], Any]) -> list[tuple[Any, Any]]:
    """Every way through a program: the condition under which it is taken, and what comes out.

    Args:
        run: the program, handed a function that makes an unknown number of a symbol.
    """
    found: list[tuple[Any, Any]] = []
    waiting: list[tuple[bool, ...]] = [()]
    while waiting:
        ahead = waiting.pop()
        taken: list[Any] = []

        def decide(relation: Any, ahead: Any = ahead, taken: list[Any] = taken) -> bool:
            if relation in (sympy.true, sympy.false):
                return bool(relation)
            answers = [answer for _, answer in taken]
            answer = ahead[len(taken)] if len(taken) < len(ahead) else True
            if len(taken) >= len(ahead):
                waiting.append((*answers, False))
            taken.append((relation, answer))
            return answer

        result = run(lambda symbol, decide=decide: Unknown(symbol, decide))
        condition = sympy.And(*(relation if answer else sympy.Not(relation) for relation, answer in taken))
        found.append((condition, result))
    return found


def decided(name: str, says: str, run: Callable[[Callable[[Any], Unknown]], Any], condition: Any, broken: Any) -> Check:
    """The program says yes exactly where `condition` holds, and not exactly where `broken` does; z3 and cvc5 agree."""

    def outcome() -> Outcome:
        found = ways(run)
        yes = sympy.Or(*(way for way, result in found if result))
        if not (implied((yes,), condition) and implied((condition,), yes)):
            return Outcome("fails", f"it says yes where {yes}")
        if implied((yes,), broken) and implied((broken,), yes):
            return Outcome("unknown", f"{broken} could not be told from {condition}")
        return Outcome("holds", f"{len(found)} ways through the program")

    return Check(name, "z3 + cvc5", says, outcome)
