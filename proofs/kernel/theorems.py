"""Which theorems of the kernel stand beside which claim of the ledger, and the words for it.

A theorem is about runs of the generated formula with all their options, where a claim may be about recurrences; so a
theorem need not be its claim word for word. Where it covers less, or a special case, `scope` says so.
"""

from typing import Any, NamedTuple


class Beside(NamedTuple):
    """A theorem of `coq/Statements.v` beside a claim; scope: what it covers, empty if all that the claim says."""

    theorem: str
    scope: str = ""


BY_CLAIM: dict[str, tuple[Beside, ...]] = {
    "W1": (Beside("W1_window"),),
    "W1-uncapped": (Beside("W1_window"),),
    "W1-momentum": (Beside("W1_momentum", "the range 0 to gamma and the sign, without the lower bound gamma/delta"),),
    "W2-loss": (Beside("W2_saturation"),),
    "W2-uncapped": (Beside("W2_saturation", "for the signal `loss` and positive losses"),),
    "W2-condition": (Beside("W2_condition", "the equivalence at one step"),),
    "W2-zero": (Beside("W2_zero"),),
    "W2-unreset": (Beside("W2_unreset_increase"),),
    "W2-unreset-decrease": (Beside("W2_unreset_decrease"),),
    "W3": (Beside("W3_weights"),),
    "W4": (Beside("W4_exact_mean"),),
    "W4-upper": (Beside("W4_upper"),),
    "W4-adagrad": (Beside("W4_adagrad", "for omega_0 = 0 and eps = 0, whole runs in every game with positive losses"),),
    "W5-moment": (Beside("W5_moment"),),
    "W5": (
        Beside("W5_step", "the part of the step that the gradient makes"),
        Beside("W5_velocity", "the velocity, which is the step before the projection"),
    ),
    "W6": (Beside("W6_rmsprop", "whole runs in every game with positive losses"),),
    "W6-step": (Beside("W6_step"),),
    "W7": (Beside("W7_sign_descent"),),
    "W8": (Beside("W8_sufficient"),),
    "W8-necessary": (Beside("W8_necessary", "if h never decreases for any gradients, the window is at least t"),),
    "W8-constant": (Beside("W8_constant"),),
    "R1": (Beside("R1_one_step"),),
    "R2": (Beside("R2_certificate", "for DWMGrad without momentum"),),
    "R2+": (Beside("R2plus_certificate"),),
    "R3-any": (Beside("R3_general"),),
    "R3": (
        Beside("R3_expanding", "for the signal `loss` and positive losses, D the width of the box"),
        Beside("shipped_R3", "the same for the very expression that the run prints as its bound"),
        Beside("F_regret", "the run whose every operation is rounded, with what rounding adds to the bound"),
        Beside("F_iterates", "how far that run goes from the exact one that is shown the same gradients"),
        Beside("F_thousand", "both with numbers for Python's floats and at most 1000 steps"),
    ),
    "R3-rate": (Beside("R3_rate", "for the signal `loss` and positive losses, D the width of the box"),),
    "R3-alpha": (Beside("R3_best_alpha"),),
    "R4": (
        Beside("R4_constant_momentum", "for the signal `loss` and positive losses"),
        Beside("shipped_R4", "the same for the very expression that the run prints as its bound"),
    ),
    "R4-tied": (Beside("R4_tied", "for the signal `loss` and positive losses"),),
    "R5": (Beside("R3_expanding", "for the signal `loss` and positive losses, D the width of the box"),),
    "R5-longer": (Beside("R5_longer", "for the signal `loss` and positive losses, D the width of the box"),),
    "R6": (Beside("R6_failure"), Beside("R6_best_point", "that -1 is the best point"), Beside("R6_every_cap", "that no "
           "finite cap prevents it"), Beside("R6_defaults", "that it holds at the paper's defaults")),
    "R6-converse": (Beside("R6_converse"),),
    "R6-momentum": (Beside("R6_failure", "its first half"), Beside("R6_converse", "its second half")),
    "R7": (Beside("R7_cycle", "one step of the cycle, from which the rest follows by induction"),),
    "R8": (Beside("R8_constant", "for a constant beta1, with the bias corrections that run"),),
    "R8a": (Beside("R8a_refuted"),),
    "R8b": (Beside("R8b_refuted", "the step for sequences of numbers, not yet those of a run"),),
    "R8-oracle": (Beside("R8_first_step", "the size of the first step only"),),
    "R9b": (
        Beside("R9_lyapunov", "that the function exists below the threshold, for all pairs of coefficients"),
        Beside("R9_convergence", "that LCAM converges below it"),
        Beside("R9_published_pair", "that the threshold of 0.9 and 0.95 is above 3.42"),
    ),
    "R9c": (Beside("R9_unstable_word", "that the word diverges"),),
    "C-reddi": (Beside("C_reddi", "with the bias correction"),),
    "C-adagrad": (
        Beside("C_adagrad", "D the width of the box"),
        Beside("shipped_adagrad", "the same for the very expression that the run prints as its bound"),
    ),
    "C-ogd-constant": (
        Beside("C_ogd_constant", "D the width of the box"),
        Beside("shipped_sgd", "the same for the very expressions that the run prints as its bounds"),
    ),
    "C-ogd-sqrt": (Beside("shipped_sgd", "the very expression that the run prints as its bound"),),
    "C-ogd-largest": (
        Beside("C_ogd_sqrt", "D the width of the box"),
        Beside("shipped_sgd", "the same for the very expression that the run prints as its bound"),
    ),
    "C-amsgrad": (
        Beside("C_amsgrad", "for every constant beta1 with beta1² < beta2, with another constant"),
        Beside("shipped_amsgrad", "the same for the very expressions that the run prints as its bounds"),
    ),
    **{
        f"F-{rule}-potential": (Beside(theorem, "the mirrored iterate over any step, for all options"),)
        for theorem, rules in {
            "P_adagrad": "adagrad",
            "P_sgd": "sgd-constant sgd-sqrt",
            "P_rmsprop": "rmsprop",
            "P_lcam": "lcam",
            "P_adam": "adam-constant adam-sqrt",
            "P_adamomentum": "adamomentum-constant adamomentum-sqrt",
            "P_dwmgrad": "dwmgrad-loss-constant-tied dwmgrad-increase-constant-tied dwmgrad-decrease-constant-tied "
            "dwmgrad-increase-unreset-guard-sqrt-constant dwmgrad-decrease-unreset-guard-constant-constant "
            "dwmgrad-loss-unreset-sqrt-tied",
        }.items()
        for rule in rules.split()
    },
}  # fmt: skip

# Theorems that belong to no claim of the ledger, and what they are for.
LEMMAS: dict[str, str] = {
    "C_adagrad_step": "the bound of AdaGrad's step, which its rule ships without a claim",
    "F_rounds": "rounding to 53 binary digits is an arithmetic such as F_regret and F_iterates ask for",
    "F_no_underflow": "binary64 rounds like this wherever no result is subnormal",
}

_AXIOMS = {
    "ClassicalDedekindReals.sig_not_dec": "the classical reals",
    "ClassicalDedekindReals.sig_forall_dec": "the classical reals",
    "FunctionalExtensionality.functional_extensionality_dep": "functional extensionality",
    "Classical_Prop.classic": "the excluded middle",
}


def names(claim: str) -> list[str]:
    """The theorems beside a claim; none for most."""
    return [beside.theorem for beside in BY_CLAIM.get(claim, ())]


def told(beside: Beside, theorem: dict[str, Any]) -> str:
    """One line of the page: the theorem's name, what it covers, where its proof is and what it assumes."""
    scope = f": {beside.scope}" if beside.scope else ""
    assumed = " and ".join(dict.fromkeys(_AXIOMS[axiom] for axiom in theorem["assumptions"])) or "nothing"
    lines = f"{theorem['lines']} line{'s' * (theorem['lines'] != 1)}"
    return f"theorem {beside.theorem}{scope} (proof in {theorem['file']}, {lines}; it assumes {assumed})"
