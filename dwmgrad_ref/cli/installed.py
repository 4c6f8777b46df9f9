"""Which layers and libraries are installed here, and what to do about one that is not.

A wheel holds `dwmgrad_ref` alone. The layers above it run from a checkout, and many of their libraries, like PyTorch,
are extras of the distribution.
"""

import importlib.metadata
import re
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import dwmgrad_ref

DISTRIBUTION = "dwmgrad"
GROUP = "dwmgrad.commands"
# Libraries that are imported by another name than they are installed by, so far as letter case does not explain it.
INSTALLED_AS = {"z3": "z3-solver", "PIL": "pillow"}


def layers() -> tuple[list[EntryPoint], list[str]]:
    """The entry points whose commands can be loaded, and the names of our layers that are not installed."""
    present, absent = [], []
    for entry in importlib.metadata.entry_points(group=GROUP):
        ours = entry.dist is not None and entry.dist.name == DISTRIBUTION
        if ours and not _beside(entry.module):
            absent.append(entry.module.partition(".")[0])
        else:
            present.append(entry)
    return present, absent


def _beside(module: str) -> bool:
    """Whether a module of ours lies beside this package: a stranger's package may have the same name elsewhere."""
    root = Path(dwmgrad_ref.__file__).resolve().parents[1]
    return root.joinpath(*module.split(".")).with_suffix(".py").is_file()


def needs_checkout(absent: Sequence[str]) -> str:
    """What to do for the commands of layers that are not installed."""
    return (
        f"The commands of {', '.join(absent)} need a checkout of the repository. In the checkout, run "
        "`pip install -e '.[all]'`, and call `dwmgrad` there."
    )


def how_to_install(module: str) -> str | None:
    """What to do when that module cannot be imported; None if no extra of this distribution brings it."""
    top = module.partition(".")[0]
    wanted = _normal(INSTALLED_AS.get(top, top))
    for line in importlib.metadata.requires(DISTRIBUTION) or ():
        name = re.match(r"[A-Za-z0-9._-]+", line)
        extra = re.search(r"extra == ['\"]([^'\"]+)", line)
        if name and extra and _normal(name.group()) == wanted:
            return f"this needs {wanted}, which is not installed; run: pip install '{DISTRIBUTION}[{extra.group(1)}]'"
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
