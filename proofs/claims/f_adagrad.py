"""F: AdaGrad as it runs is AdaGrad as it is published."""

from proofs.published import claims_of

CLAIMS = claims_of("adagrad")
