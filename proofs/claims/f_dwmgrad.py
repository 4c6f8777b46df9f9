"""F: DWMGrad as it runs is DWMGrad as it is published."""

from proofs.published import claims_of

CLAIMS = claims_of("dwmgrad")
