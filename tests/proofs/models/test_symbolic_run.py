"""A run's facts are about step t only if the rule's own counter counts steps."""

from dataclasses import replace

import pytest

from proofs.inference.derivation import WrongShape
from proofs.models.symbolic_run import Run
from proofs.statements.formulas import DWMGRAD


@pytest.mark.parametrize("counts", ["twice", "from one"])
def test_a_counter_that_does_not_count_steps_is_refused(counts):
    def shared(o, k, loss):
        after = DWMGRAD.shared(o, k, loss)
        return after._replace(t=after.t + 1) if counts == "twice" else after

    def start(o):
        return DWMGRAD.start(o)._replace(t=1 if counts == "from one" else 0)

    with pytest.raises(WrongShape, match="counter"):
        Run(replace(DWMGRAD, shared=shared, start=start), box=False)
    Run(DWMGRAD, box=False)
