"""Breaks of the formulas against the kernel's proofs: what is generated anew, which proofs are asked, what is told."""

import shutil

import pytest

from proofs.kernel import build
from proofs.sabotage import kernel_gate, mutants

needs_coq = pytest.mark.skipif(not shutil.which("coqc"), reason=f"no Coq; {build.INSTALL}")


def test_a_break_names_what_it_changes():
    """The driver's definitions by their own names, a rule's by its module; the quick proofs are asked first."""
    texts = build.read()
    generated = texts["Generated"]
    clipped = generated.replace(
        "Definition clip (low high x : R) : R := (if", "Definition clip (low high x : R) : R := (if_"
    )
    assert kernel_gate.changed_modules(texts, {"Generated": clipped}) == {"clip"}
    lcam = generated.replace("Module Lcam.\n", "Module Lcam.\n(* changed *)\n")
    assert kernel_gate.changed_modules(texts, {"Generated": lcam, "Rounded": texts["Rounded"]}) == {"Lcam"}
    assert {"Lcam", "Potentials"} <= set(kernel_gate.speaking(texts, {"Lcam"})) <= {
        "Lcam", "Potentials", "Statements", "PotentialStatements"
    }  # fmt: skip
    assert kernel_gate.speaking(texts, {"Adagrad"}).index("Runs") < kernel_gate.speaking(texts, {"Adagrad"}).index(
        "Shipped"
    )
    assert "Floats" in kernel_gate.speaking(texts, {"RoundedDwmgrad"})


def test_a_draw_of_breaks_is_the_beginning_of_a_longer_one():
    assert kernel_gate.drawn(5, seed=1) == kernel_gate.drawn(9, seed=1)[:5] != kernel_gate.drawn(5, seed=2)


def test_a_break_outside_of_the_kernel_is_told():
    mutant = next(m for m in mutants.every("dwmgrad_ref.rules.adadelta") if m.function == "coord")
    assert kernel_gate.fate(mutant, build.read(), {}) == ("not generated", "no theorem is about this rule")


@needs_coq
def test_a_broken_formula_breaks_a_proof():
    """A wrong sign in AdaGrad's memory, and only what must be compiled to see it."""
    mutant = next(m for m in mutants.every("dwmgrad_ref.rules.adagrad") if m.change == "c.G + g * g -> c.G - g * g")
    word, by = kernel_gate.fate(mutant, build.read(), {})
    assert word == "broken" and by.startswith("Runs.v, adagrad_moment")
