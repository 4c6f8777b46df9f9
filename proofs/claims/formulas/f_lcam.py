"""F: LCAM as it runs is LCAM as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("lcam")
