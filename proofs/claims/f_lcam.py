"""F: LCAM as it runs is LCAM as it is published."""

from proofs.published import claims_of

CLAIMS = claims_of("lcam")
