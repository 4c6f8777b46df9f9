"""F: DWMGrad as it runs is DWMGrad as it is published."""

from proofs.models.published import claims_of

CLAIMS = claims_of("dwmgrad")
