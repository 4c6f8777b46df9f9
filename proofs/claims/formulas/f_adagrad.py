"""F: AdaGrad as it runs is AdaGrad as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("adagrad")
