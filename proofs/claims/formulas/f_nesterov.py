"""F: Nesterov's momentum as it runs is Nesterov's momentum as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("nesterov")
