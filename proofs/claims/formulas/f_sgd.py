"""F: Gradient descent as it runs is Gradient descent as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("sgd")
