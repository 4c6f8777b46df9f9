"""One look for every figure: sizes, fonts, and a colour and line style that each method keeps everywhere.

Colours are seaborn's colour-blind palette. No two methods share both colour and line style, and the line
style alone tells apart the methods that a figure puts in front.
"""

from typing import Any, NamedTuple

import seaborn as sns

COLUMN, PAGE = 3.4, 7.0  # widths of one and of two columns, inches

RC: Any = {
    "font.size": 8,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so a figure is the same on every machine
    "axes.labelsize": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.3,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,  # text stays text
    "savefig.dpi": 200,
}

_C = sns.color_palette("colorblind", as_cmap=False).as_hex()
BLUE, ORANGE, GREEN, RED, PURPLE, BROWN, _, GREY, _, SKY = _C
INK, OLIVE, INDIGO, UMBER = "#222222", "#a39400", "#5546a0", "#7a4a12"  # for the palette's pale pink and yellow


class Look(NamedTuple):
    label: str
    color: str
    dashes: Any

    @property
    def line(self) -> dict[str, Any]:
        """Keyword arguments of `plot`."""
        return {"label": self.label, "color": self.color, "linestyle": self.dashes}


METHODS = {
    "dwmgrad-decrease": Look("DWMGrad, decrease", RED, "-"),
    "dwmgrad-loss": Look("DWMGrad, loss", INK, (0, (5, 1.5))),
    "dwmgrad-increase": Look("DWMGrad, increase", UMBER, (0, (4, 1, 1, 1))),
    "explicit-window": Look("explicit window", INK, (0, (1, 1.5))),
    "adam": Look("Adam", BLUE, (0, (3, 1.2))),
    "adagrad": Look("AdaGrad", GREEN, (0, (1, 1))),
    "adamomentum": Look("AdaMomentum", PURPLE, "-"),
    "lcam": Look("LCAM", ORANGE, "-"),
    "adamw": Look("AdamW", SKY, "-"),
    "amsgrad": Look("AMSGrad", SKY, (0, (1, 1))),
    "rmsprop": Look("RMSProp", OLIVE, "-"),
    "rmsprop-momentum": Look("RMSProp, momentum", OLIVE, (0, (3, 1))),
    "adadelta": Look("Adadelta", INDIGO, "-"),
    "sgd": Look("SGD", GREY, "-"),
    "heavy-ball": Look("heavy ball", GREY, (0, (3, 1))),
    "nesterov": Look("Nesterov", GREY, (0, (1, 1))),
}

# The window's cap: dark to light as the cap falls, every one with its own dashes.
CAPS = {
    "inf": Look("expanding", INK, "-"),
    "1000": Look("δ = 1000", PURPLE, (0, (6, 1.5))),
    "100": Look("δ = 100", BLUE, (0, (3, 1.2))),
    "10": Look("δ = 10", ORANGE, (0, (1, 1))),
}


def panel_letters(axes: Any) -> None:
    """(a), (b), ... at the left of each title."""
    for letter, ax in zip("abcdefghijkl", axes, strict=False):
        ax.set_title(f"({letter}) {ax.get_title(loc='left')}", loc="left")
