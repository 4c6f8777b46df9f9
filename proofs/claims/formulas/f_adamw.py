"""F: AdamW as it runs is AdamW as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("adamw")
