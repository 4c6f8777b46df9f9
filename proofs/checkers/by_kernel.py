"""Theorems about the generated formulas, checked by Coq's kernel: see proofs/kernel/build.py.

Where there is no Coq nothing is re-checked, and the outcome says so: it is unknown, never a pass. The record of the
last accepted build goes with it as the witness.
"""

from proofs.kernel import build
from proofs.statements.claim import Check, Outcome


def kernel(name: str, says: str, theorem: str) -> Check:
    """The theorem of that name in proofs/kernel/coq/Statements.v, with its proof re-checked and its text compared."""
    return Check(name, "coq", says, lambda: _run(theorem))


def _run(theorem: str) -> Outcome:
    expected = build.record()
    recorded = expected["theorems"].get(theorem)
    if build.stale():
        return Outcome("fails", "Generated.v differs from the formulas: run python -m proofs.kernel.generate", recorded)
    try:
        found = build.build()
    except build.NoCoq as error:
        return Outcome("unknown", f"not re-checked here: {error}", recorded)
    except build.Broken as error:
        return Outcome("fails", f"the kernel does not build: {error}", recorded)
    if news := build.differences(found, expected, theorem):
        return Outcome("fails", "; ".join(news), found["theorems"].get(theorem))
    assumed = ", ".join(axiom.rpartition(".")[2] for axiom in found["theorems"][theorem]["assumptions"]) or "nothing"
    return Outcome("holds", f"Coq {found['coq']}, coqc and coqchk; assumes {assumed}", found["theorems"][theorem])
