"""Every claim, one file each; a file dropped here is found by itself."""

from functools import cache

from dwmgrad_ref.discovery import found_in
from dwmgrad_ref.errors import UnknownName
from proofs.statements.claim import Claim


@cache
def registry() -> dict[str, Claim]:
    """All claims by identifier, each after those it depends on.

    Raises:
        ValueError: two claims share an identifier, or dependencies form a circle.
        UnknownName: a claim depends on one that does not exist.
    """
    found = found_in(__name__, __path__, Claim, "id")
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
