"""W3-sign: the second moment is never negative."""

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.derivation import assume, at, follows, induction
from proofs.statement import Statement
from proofs.vocabulary import G, g, i, omega, t
from proofs.window import AT_LEAST_ONE, EMPTY, MOMENT

start = follows("W3-sign.start", "The second moment starts at 0.", [assume(EMPTY)], G(0, i) >= 0, [G(0, i) > 0])
kept = follows(
    "W3-sign.kept", "A step forms a weighted mean of the old moment and a square.",
    [at(assume(MOMENT), t + 1), at(assume(AT_LEAST_ONE), t + 1)], G(t + 1, i) >= 0,
    [G(t + 1, i) > 0, G(t + 1, i) >= g(t + 1, i) ** 2, G(t + 1, i) >= G(t, i) / omega(t + 1)], given=[G(t, i) >= 0],
)  # fmt: skip

CLAIM = Claim(
    id="W3-sign",
    title="sign of the second moment",
    statement=Statement(given=(MOMENT, EMPTY, AT_LEAST_ONE, t >= 0), then=G(t, i) >= 0),
    source=Source("dwmgrad", "Algorithm 1, G_t", also=(Source("dwmgradnotes", "W3"),)),
    kind="inequality",
    proof=(induction(G(t, i) >= 0, t, 0, start, kept),),
)  # fmt: skip
