"""Every claim, one file each; a file dropped here is found by itself."""

import importlib
import pkgutil
from functools import cache

from dwmgrad_ref.errors import UnknownName
from proofs.claim import Claim


@cache
def registry() -> dict[str, Claim]:
    """All claims by identifier, each after those it depends on.

    Raises:
        ValueError: two claims share an identifier, or dependencies form a circle.
        UnknownName: a claim depends on one that does not exist.
    """
    found: dict[str, Claim] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        loaded = importlib.import_module(f"{__name__}.{module}")
        for claim in (value for value in vars(loaded).values() if isinstance(value, Claim)):
            if found.setdefault(claim.id, claim) is not claim:
                raise ValueError(f"two claims are called {claim.id}")
    ordered: dict[str, Claim] = {}
    while len(ordered) < len(found):
        ready = [c for c in found.values() if c.id not in ordered and all(d in ordered for d in c.depends)]
        if not ready:
            for claim in found.values():
                for other in claim.depends:
                    if other not in found:
                        raise UnknownName(f"claim that {claim.id} depends on", other, found)
            raise ValueError(f"claims depend on each other in a circle: {sorted(set(found) - set(ordered))}")
        ordered |= {claim.id: claim for claim in ready}
    return ordered


def get(identifier: str) -> Claim:
    """The claim of that identifier; UnknownName lists the nearest."""
    if identifier not in registry():
        raise UnknownName("claim", identifier, registry())
    return registry()[identifier]
