"""Tiger: Signum with decoupled weight decay and its own defaults.

Its released code multiplies the step size by a scale of each weight matrix (0.5 for biases, the root mean square of the
other weights); that belongs to the parameter groups and not to the rule.
"""

from dwmgrad_ref.rules.base import Source
from dwmgrad_ref.rules.signum import SIGNUM

TIGER = SIGNUM.variant(
    "tiger",
    "Tiger: Signum with weight decay",
    Source("su2023", "the update in README.md"),
    "the scales of single weight matrices are left to parameter groups",
    alpha=1e-3,  # the value that the README uses
    beta1=0.965,
    weight_decay=0.01,
)
