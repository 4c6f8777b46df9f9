"""Results that other code made, taken over where the code now gives the same numbers.

A change of code that changes no number, such as a faster kernel or a moved function, gives every run a new key. A
stale result is adopted if its first epoch, run anew, has the same bits; what was compared is in its provenance.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import torch

from analysis.training.runs.local_executor import Open
from analysis.training.runs.plan import stale
from analysis.training.runs.run import Place
from analysis.training.runs.store import Result, Store
from analysis.training.runs.sweep import Planned, missing

EPOCHS = 1  # compared; floating-point differences show in the first already


def adopt(planned: Sequence[Planned], store: Store, place: Place, open_session: Open) -> list[str]:
    """Adopt what can be; the keys under which results are stored now.

    Only results that differ in their code's checksum alone are looked at: other data or another torch is another run.
    """
    todo = {one.key: one for one in missing(planned, store)}
    found = []
    for key, old_keys in stale(list(todo.values()), store).items():
        one = todo[key]
        for old in old_keys:
            result = store.get(old)
            if {**result.identity, "code": ""} == {**one.identity, "code": ""} and _same(
                one, result, place, open_session
            ):
                note = {"key": old, "code": result.identity["code"], "epochs": EPOCHS}
                provenance = {**result.provenance, "adopted": note}
                store.put(key, replace(result, identity=one.identity, provenance=provenance))
                found.append(key)
                break
    return found


def _same(one: Planned, result: Result, place: Place, open_session: Open) -> bool:
    """Whether the first epochs, run anew, are those of the result, bit for bit."""
    torch.set_num_threads(one.run.threads)
    session = open_session(one.run, place)
    rows = pd.DataFrame([session.epoch() for _ in range(min(EPOCHS, len(result.frame)))])
    then = result.frame.head(len(rows)).drop(columns=["epoch", "seconds"])
    now = rows.drop(columns="seconds").reindex(columns=then.columns)
    return bool(((now == then) | (now.isna() & then.isna())).all(axis=None))
