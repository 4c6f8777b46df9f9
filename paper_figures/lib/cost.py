"""What the figures of cost share: the committed profile, and a look for every engine."""

from functools import cache
from typing import Any

from analysis.frames import Frame
from paper_figures.lib.style import BLUE, BROWN, GREEN, GREY, INK, METHODS, PURPLE, RED, SKY, Look
from proofs.cost import measurements

PROFILE = "../../proofs/measured/cost.json"  # as a figure's PUBLISHED, so that a new profile draws it anew

ENGINES = {
    "compiled": Look("compiled", RED, "-"),
    "torch fused": Look("torch, fused", BLUE, "-"),
    "torch foreach": Look("torch, foreach", SKY, (0, (3, 1.2))),
    "torch loop": Look("torch, loop", SKY, (0, (1, 1))),
    "torch released scheme": Look("released code's scheme", BROWN, (0, (4, 1, 1, 1))),
    "numpy": Look("NumPy", GREEN, "-"),
    "numpy ring": Look("NumPy, ring and running sum", PURPLE, (0, (3, 1.2))),
    "torch.optim fused": Look("torch.optim, fused", INK, "-"),
    "torch.optim foreach": Look("torch.optim, foreach", GREY, (0, (3, 1.2))),
    "torch.optim loop": Look("torch.optim, loop", GREY, (0, (1, 1))),
}
DWMGRAD = ("dwmgrad", "dwmgrad-released-torch")
EXPLICIT = "dwmgrad-explicit-window"
RULES = {**METHODS, "dwmgrad": Look("DWMGrad", RED, "-"), EXPLICIT: METHODS["explicit-window"]}  # signals cost alike


@cache
def profile() -> dict[str, Any]:
    """The committed profile."""
    return measurements.load()


def ours(engine: str) -> str:
    """The rule that stands for DWMGrad on an engine: the released scheme has its own."""
    return "dwmgrad-released-torch" if engine == "torch released scheme" else "dwmgrad"


def curve(ax: Any, rows: Frame, x: str, y: str, look: Look, **more: Any) -> None:
    """A line through the measured points, which are marked."""
    rows = rows.sort_values(x)
    ax.plot(rows[x], rows[y], **look.line, marker="o", ms=2, lw=1.0, **more)
