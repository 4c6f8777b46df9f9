"""F: Adadelta as it runs is Adadelta as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("adadelta")
