"""Prints how far each implementation is from the reference rule.

Largest difference of parameters, state and shared state over 100 steps and all option sets of test_agreement.py, in
units of the largest value of that quantity so far. Run `python -m tests.dwmgrad_ref.torch.agreement_table`.
"""

import torch

from tests.dwmgrad_ref.torch.reference import WAYS, deviations
from tests.dwmgrad_ref.torch.test_agreement import OPTIONS


def main() -> None:
    print("| optimizer | implementation | float64 | float32 |\n|---|---|---|---|")
    for name, sets in OPTIONS.items():
        for way, flags in WAYS.items():
            found = [
                max(deviations(name, dtype, flags, options, steps=100).worst for options in sets)
                for dtype in (torch.float64, torch.float32)
            ]
            print(f"| {name} | {way} | {found[0]:.1e} | {found[1]:.1e} |")


if __name__ == "__main__":
    main()
