"""A rule's formulas, rendered from the code that runs."""

from dwmgrad_ref.formula.render import bound_text, equations, latex, pretty

__all__ = ["bound_text", "equations", "latex", "pretty"]
