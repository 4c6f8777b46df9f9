"""The claims' themes in the order of reading; a claim's identifier says to which one it belongs."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Theme(NamedTuple):
    """A theme: the pattern of its claims' identifiers, and what its claims answer."""

    key: str
    title: str
    pattern: str
    about: str


THEMES = (
    Theme("window", "The window", r"W\d", "These claims say how long DWMGrad's window is, what its signal tells, and "
          "which weights the squared gradients in it have."),
    Theme("potential", "The potential argument and the certificate", r"R[12]", "These claims bound the regret of any "
          "preconditioned descent by its potential. The certificate of a run is such a bound."),
    Theme("expanding", "Regret bounds of a window that grows", r"R[35]", "These claims bound the regret of DWMGrad "
          "without momentum while its window grows: for ever (R3), or up to its cap (R5)."),
    Theme("momentum", "Regret bounds with momentum", r"R4", "These claims extend the bounds to DWMGrad with momentum, "
          "and to any preconditioner that never decreases."),
    Theme("failure", "Where DWMGrad fails", r"R[67]", "These claims show convex losses on which a capped window has "
          "linear regret, and quadratics on which DWMGrad circles instead of converging."),
    Theme("adamomentum", "AdaMomentum", r"R8", "These claims examine AdaMomentum's printed convergence proof, and "
          "prove its statement in another way."),
    Theme("lcam", "LCAM", r"R9", "These claims say for which step sizes LCAM is stable on a quadratic."),
    Theme("cost", "Cost", r"S", "These claims count operations and memory, and compare them with measured times."),
    Theme("worst", "Worst cases", r"X", "These claims enclose the largest regret that any gradients can cause."),
    Theme("controls", "Known theorems as controls", r"C", "Known theorems go through the same machinery, which must "
          "prove them and refute them when a hypothesis is taken away."),
    Theme("driver", "The driver and the shared parts of the rules", r"D", "These claims say that projection, bias "
          "correction, weight decay and schedules do what their documentation says."),
    Theme("formulas", "The formulas that run are the published ones", r"F", "Each claim says that one optimizer's "
          "code computes its published update."),
)  # fmt: skip


def in_order(identifiers: Iterable[str]) -> list[str]:
    """Identifiers in the order of reading: W2 before W10, W2 before W2-uncapped."""
    return sorted(identifiers, key=lambda name: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", name)])


def of(identifier: str) -> Theme:
    """The theme of a claim.

    Raises:
        ValueError: no theme, or more than one, has claims of that name.
    """
    found = [theme for theme in THEMES if re.match(theme.pattern, identifier)]
    if len(found) != 1:
        raise ValueError(f"claim {identifier} belongs to {len(found)} themes; give it exactly one")
    return found[0]
