"""F: AMSGrad as it runs is AMSGrad as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("amsgrad")
