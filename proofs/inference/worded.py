"""Claims whose statement is still in words: every step is checked by a machine, but words join them.

Such a claim is never proved, only argued: nothing ties the printed statement to the checks. It is how claims were
written before statements became data (`statement.py`), and what is left of that way; each one converted is one fewer.
"""

import re
from collections.abc import Sequence

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, argued, cited, computed
from proofs.statements.claim import Check, Claim, Kind
from proofs.statements.statement import Named, Statement

ARGUED = "The checks above and the claims named are joined by an argument in words: the statement is text."


def words(text: str) -> Named:
    """A statement in words, as a hypothesis or a conclusion that only itself can discharge."""
    return Named(re.sub(r"[{}]", lambda brace: 2 * brace[0], text))


def claim(
    *, id: str, title: str, statement: str, source: Source, kind: Kind, hypotheses: Sequence[str] = (),
    depends: Sequence[str] = (), proof: Sequence[Check] = (), refutation: Sequence[Check] = (),
    search: Sequence[Check] = (), note: str = "", latex: str = "",
) -> Claim:  # fmt: skip
    """A claim from text and checks; `depends` are identifiers. `latex` is not shown: nothing ties it to the text."""
    given = tuple(map(words, hypotheses))
    then = words(statement)
    steps: list[Fact] = [computed(check, words(f"{check.name} holds")) for check in proof]
    steps += [cited(other, words(f"{other} holds")) for other in depends]
    facts = (argued(ARGUED, steps, then, given),) if proof else ()
    return Claim(id=id, title=title, statement=Statement(then, given), source=source, kind=kind, proof=facts,
                 refutation=tuple(refutation), search=tuple(search), note=note)  # fmt: skip
