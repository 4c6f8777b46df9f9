"""F: RMSProp as it runs is RMSProp as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("rmsprop")
