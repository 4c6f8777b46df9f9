"""F: AdaMomentum as it runs is AdaMomentum as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("adamomentum")
