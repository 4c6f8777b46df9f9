"""What a proof may use of the logarithm."""

from typing import Any

import sympy

from proofs.inference.derivation import Fact, _fact


def growth(a: Any, b: Any) -> Fact:
    """(b - a)/b <= log b - log a where 0 < a <= b: the integral of 1/x over [a, b], whose least value is 1/b."""
    return _fact([a > 0, a <= b], (b - a) / b <= sympy.log(b) - sympy.log(a), "logarithm", any_values=True)
