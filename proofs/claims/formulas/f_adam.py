"""F: Adam as it runs is Adam as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("adam")
