"""F: Adadelta as it runs is Adadelta as it is published."""

from proofs.published import claims_of

CLAIMS = claims_of("adadelta")
