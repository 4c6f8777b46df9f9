"""Inequalities over all reals: z3, with cvc5 as an independent second opinion on every one.

`forall` earns trust three ways by itself: the hypotheses are satisfiable (the claim is not vacuous), the
negation is unsatisfiable for both solvers, and at least one broken variant, a hypothesis dropped or a
conclusion sharpened, is refuted (the claim is not trivially true of anything).
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import cvc5
import z3

from dwmgrad_ref import ops
from proofs.checkers.solver_terms import Translation
from proofs.statements.claim import Check, Outcome

SECONDS = 20  # of processor time for z3, so that what is decided does not depend on what else the machine does
PATIENCE = 10  # cvc5 counts time on the clock only; it gets this many times as much


@dataclass
class Obligation:
    """Named hypotheses and a conclusion, z3 terms over real constants.

    sharper: stronger conclusions, by name, that must be false somewhere under the hypotheses.
    """

    given: Mapping[str, Any]
    then: Any
    sharper: Mapping[str, Any] = field(default_factory=dict)


def reals(names: str) -> list[Any]:
    """z3 real constants of these names."""
    return list(z3.Reals(names))


def forall(name: str, says: str, build: Callable[[], Obligation]) -> Check:
    """For all reals: the hypotheses imply the conclusion."""
    return Check(name, "z3 + cvc5", says, lambda: _prove(build))


def sequent(name: str, says: str, given: tuple[Any, ...], then: Any, sharper: tuple[Any, ...]) -> Check:
    """For all reals: the SymPy statements `given` imply `then`, and every one of `sharper` is false somewhere.

    The wording and the printed formulas of the check are made from these very statements.
    """
    return Check(name, "z3 + cvc5", says, lambda: _prove_sequent(given, then, sharper), given, then)


def _prove_sequent(given: tuple[Any, ...], then: Any, sharper: tuple[Any, ...]) -> Outcome:
    from proofs.statements.rendering import text

    def build() -> Obligation:
        term = Translation()
        return Obligation({text(e): term(e) for e in given}, term(then), {text(e): term(e) for e in sharper})

    return _prove(build, all_sharper=True)


def implied(given: tuple[Any, ...], then: Any) -> bool:
    """Whether both solvers find that SymPy statements imply another, for the side conditions of other engines."""
    with ops.side_conditions() as sides:
        term = Translation()
        constraints = [*map(term, given), z3.Not(term(then))]
    return _z3([*constraints, *sides])[0] == "unsat" and _cvc5([*constraints, *sides]) == "unsat"


def settled(constraints: list[Any], seconds: float) -> tuple[str, dict[str, str] | None]:
    """z3's answer to constraints over the reals within so many seconds of processor time, and its model if "sat"."""
    return _z3(constraints, seconds)


def impossible(constraints: list[Any], seconds: float) -> bool:
    """Whether cvc5 finds constraints unsatisfiable within so many seconds: the second opinion on z3's "unsat"."""
    return _cvc5(constraints, seconds / PATIENCE) == "unsat"


def exists(name: str, says: str, build: Callable[[], list[Any]]) -> Check:
    """There are reals that satisfy all constraints; z3's model is the witness and cvc5 agrees."""
    return Check(name, "z3 + cvc5", says, lambda: _find(build))


def _prove(build: Callable[[], Obligation], all_sharper: bool = False) -> Outcome:
    with ops.side_conditions() as sides:
        obligation = build()
    given = dict(obligation.given)
    if (answer := _z3([*given.values(), *sides])[0]) != "sat":
        return Outcome("unknown", f"hypotheses: {answer}; expected sat")
    for i in range(0, len(sides), 2):  # a root of something negative would make every claim hold vacuously
        radicand = sides[i + 1].arg(1)
        if (answer := _z3([*given.values(), *sides[:i], radicand < 0])[0]) != "unsat":
            return Outcome("unknown", f"the hypotheses do not keep {radicand} from being negative ({answer})")
    denial = z3.Not(obligation.then)
    constraints = [*given.values(), *sides, denial]
    first, model = _z3(constraints)
    if first == "sat":
        return Outcome("fails", "z3 found a counterexample", model)
    second = _cvc5(constraints)
    if (first, second) != ("unsat", "unsat"):
        return Outcome("unknown", f"negation: z3 {first}, cvc5 {second}; expected unsat from both")
    variants = {f"without '{n}'": [*(h for m, h in given.items() if m != n), *sides, denial] for n in given}
    variants |= {n: [*given.values(), *sides, z3.Not(c)] for n, c in obligation.sharper.items()}
    broken = [n for n, constraints in variants.items() if _z3(constraints, seconds=3)[0] == "sat"]
    if all_sharper and (kept := [n for n in obligation.sharper if n not in broken]):
        return Outcome("unknown", f"a sharper variant was not refuted: {'; '.join(kept)}")
    if not broken:
        return Outcome("unknown", f"no broken variant was refuted (tried {', '.join(variants) or 'none'})")
    return Outcome("holds", f"negation unsat for z3 and cvc5; refuted when broken: {', '.join(broken)}")


def _find(build: Callable[[], list[Any]]) -> Outcome:
    with ops.side_conditions() as sides:
        constraints = [*build(), *sides]
    first, model = _z3(constraints)
    if first != "sat":
        return Outcome("fails" if first == "unsat" else "unknown", f"z3 {first}; expected sat")
    second = _cvc5(constraints)
    status = "holds" if second == "sat" else "unknown"
    return Outcome(status, f"sat for z3, {second} for cvc5", model)


def _z3(constraints: list[Any], seconds: float = SECONDS) -> tuple[str, dict[str, str] | None]:
    solver = z3.Solver()
    solver.add(*constraints)
    with _interrupted_after(seconds, solver.interrupt):
        answer = str(solver.check())
    if answer != "sat":
        return answer, None
    model = solver.model()
    own = sorted((d for d in model.decls() if "!" not in str(d)), key=str)
    fresh = sorted((d for d in model.decls() if "!" in str(d)), key=lambda d: int(str(d).rpartition("!")[2]))
    names = [*map(str, own), *(f"root {i}" for i in range(1, len(fresh) + 1))]  # z3 counts on from run to run
    return answer, {name: _text(model[d]) for name, d in zip(names, [*own, *fresh], strict=True)}


@contextlib.contextmanager
def _interrupted_after(seconds: float, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call `interrupt` once this process has used so many seconds of processor time, unless the block ends before."""
    done, limit = threading.Event(), time.process_time() + seconds

    def watch() -> None:
        while not done.wait(0.02):
            if time.process_time() > limit:
                interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _text(value: Any) -> str:
    if z3.is_rational_value(value):
        return str(Fraction(value.numerator_as_long(), value.denominator_as_long()))
    return str(value)


def _cvc5(constraints: list[Any], seconds: float = SECONDS) -> str:
    """cvc5's answer to the same constraints, handed over as SMT-LIB text."""
    solver = z3.Solver()
    solver.add(*constraints)
    text = "(set-logic QF_NRA)\n" + solver.to_smt2().replace("(set-info :status", "; (set-info :status")
    api: Any = cvc5  # compiled and without stubs: type checkers see nothing in it
    judge = api.Solver(api.TermManager())
    judge.setOption("tlimit-per", str(int(1000 * PATIENCE * seconds)))
    parser = api.InputParser(judge)
    parser.setStringInput(api.InputLanguage.SMT_LIB_2_6, text, "obligation")
    symbols, answer = parser.getSymbolManager(), "unknown"
    while not (command := parser.nextCommand()).isNull():
        said = command.invoke(judge, symbols).strip()
        answer = said if said in ("sat", "unsat", "unknown") else answer
    return answer
