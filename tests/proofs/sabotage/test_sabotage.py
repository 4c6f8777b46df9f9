"""The sabotage gate: deliberate breaks are made, noticed or proved to change nothing, and a blind spot shows."""

import ast

import pytest

from proofs.sabotage import gate, mutants
from proofs.sabotage.mutants import Mutant

SAMPLE, SEED = 20, 12


def of(function, change):
    found = [m for m in mutants.every("dwmgrad_ref.rules.adagrad") if m.function == function and m.change == change]
    assert len(found) == 1, [m.change for m in mutants.every("dwmgrad_ref.rules.adagrad")]
    return found[0]


def test_a_mutant_changes_one_expression():
    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    changed = ast.unparse(mutants.tree(mutant)).splitlines()
    whole = ast.unparse(ast.parse(mutants._file(mutant.module).read_text())).splitlines()
    different = [(a.strip(), b.strip()) for a, b in zip(whole, changed, strict=True) if a != b]
    assert different == [("G = c.G + g * g", "G = c.G - g * g")]


@pytest.mark.parametrize("module", ["dwmgrad_ref.rules.sgd", "dwmgrad_ref.rules.bounds", "dwmgrad_ref.arithmetic"])
def test_every_mutant_is_another_program(module):
    whole = ast.unparse(ast.parse(mutants._file(module).read_text()))
    for mutant in mutants.every(module):
        assert ast.unparse(mutants.tree(mutant)) != whole, str(mutant)


def test_a_mutant_of_another_version_of_the_file_is_refused():
    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    with pytest.raises(ValueError, match="out of date"):
        mutants.tree(Mutant(mutant.module, mutant.function, mutant.line, "something else", mutant.place))


def test_the_sample_is_seeded():
    assert gate.chosen(SAMPLE, SEED) == gate.chosen(SAMPLE, SEED) != gate.chosen(SAMPLE, SEED + 1)


def test_a_break_is_noticed_where_claims_look_and_survives_where_none_does():
    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    key = f"{mutant.module}.{mutant.function}"
    (noticed,) = gate.run([mutant], {key: ["formulas.f_adagrad"]}, 1)
    assert noticed.fate == "killed" and "f_adagrad" in noticed.by
    (unseen,) = gate.run([mutant], {key: []}, 1)
    assert unseen.fate == "survived"


def test_what_changes_nothing_is_proved_equivalent():
    module = "dwmgrad_ref.rules.dwmgrad"
    same = next(m for m in mutants.every(module) if m.function == "shared" and m.change == "0 * beta -> 0")
    (fate,) = gate.run([same], {}, 1)
    assert fate.fate == "equivalent"


def test_no_break_of_the_seeded_sample_survives_unknown():
    """The committed result names its survivors; a sample must bring no other."""
    record = gate.committed()
    fates = gate.run(gate.chosen(SAMPLE, SEED), record.get("plan") or gate.survey(), 2)
    survived = [str(fate.mutant) for fate in fates if fate.fate == "survived"]
    assert [name for name in survived if name not in record.get("survivors", [])] == []
