"""F: AdaMomentum as it runs is AdaMomentum as it is published."""

from proofs.published import claims_of

CLAIMS = claims_of("adamomentum")
