"""The claims' themes in the order of reading; a claim's identifier says to which one it belongs."""

import re
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
    Theme("regret", "Regret bounds", r"R[1-5]", "These claims bound the regret of preconditioned descent, and of "
          "DWMGrad while its window grows."),
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


def of(identifier: str) -> Theme:
    """The theme of a claim.

    Raises:
        ValueError: no theme, or more than one, has claims of that name.
    """
    found = [theme for theme in THEMES if re.match(theme.pattern, identifier)]
    if len(found) != 1:
        raise ValueError(f"claim {identifier} belongs to {len(found)} themes; give it exactly one")
    return found[0]
