"""F: Heavy ball as it runs is Heavy ball as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("heavy-ball")
