"""A rule's formulas, rendered from the code that runs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dwmgrad_ref.formula.render import bound_text, equations, latex, pretty
    from dwmgrad_ref.formula.rendering_cache import Rendered, rendered

__all__ = ["Rendered", "bound_text", "equations", "latex", "pretty", "rendered"]


def __getattr__(name: str) -> Any:
    """Found on first use: `rendered` needs no SymPy for a formula that it has kept."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "rendering_cache" if name in ("Rendered", "rendered") else "render"
    return getattr(import_module(f"{__name__}.{home}"), name)
