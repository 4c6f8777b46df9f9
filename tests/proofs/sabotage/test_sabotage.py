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


@pytest.mark.parametrize(
    "module",
    ["dwmgrad_ref.rules.amsgrad", "dwmgrad_ref.rules.sgd", "dwmgrad_ref.rules.bounds", "dwmgrad_ref.arithmetic"],
)
def test_every_mutant_is_another_program_that_compiles(module):
    """One that does not would count as noticed."""
    whole = ast.unparse(ast.parse(mutants._file(module).read_text()))
    for mutant in mutants.every(module):
        changed = mutants.tree(mutant)
        assert ast.unparse(changed) != whole, str(mutant)
        assert compile(changed, module, "exec"), str(mutant)


def test_live_functions_take_the_code_of_a_mutant_and_no_other():
    """Wherever a function is held: the rule's own field, the module's name, a lambda inside a requirement."""
    from dwmgrad_ref.rules import bounds, get

    functions = mutants.live("dwmgrad_ref.rules.bounds")
    before = {f: f.__code__ for f in functions}
    mutant = next(m for m in mutants.every("dwmgrad_ref.rules.bounds") if m.change.startswith("o.eps > 0 -> o.eps >="))
    try:
        mutants.put(mutant.module, mutants.tree(mutant), functions)
        changed = [f for f, code in before.items() if f.__code__ != code]
        assert len(changed) == 1
        o = get("dwmgrad").encode(get("dwmgrad").options(eps=0.0))
        held = bounds.DIVIDES if mutant.function == "_moves" else bounds.EPS_POSITIVE
        assert held.holds(o, None, before and _no_facts())
    finally:
        for f, code in before.items():
            f.__code__ = code
    assert not held.holds(o, None, _no_facts())


def _no_facts():
    from dwmgrad_ref.rules.bounds import Facts

    return Facts(D=1, S=1, T=1, first=0, last=0, fixed=False, projected=False)


def test_order_matters_only_where_a_statement_names_what_the_other_sets():
    first, second, third = ast.parse("a = f(x)\nb = g(x)\nc = h(a)").body
    assert not mutants._ordered(first, second) and mutants._ordered(first, third)
    assert mutants._ordered(*ast.parse("a = x\nx = 1").body) and mutants._ordered(*ast.parse("a = 1\na = 2").body)


def test_a_mutant_of_another_version_of_the_file_is_refused():
    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    with pytest.raises(ValueError, match="out of date"):
        mutants.tree(Mutant(mutant.module, mutant.function, mutant.line, "something else", mutant.place))


def test_the_sample_is_seeded():
    assert gate.chosen(SAMPLE, SEED) == gate.chosen(SAMPLE, SEED) != gate.chosen(SAMPLE, SEED + 1)


def plan(mutant, *places):
    return gate.Plan({f"{mutant.module}.{mutant.function}": list(places)}, {})


def test_a_break_is_noticed_where_claims_look_and_survives_where_none_does():
    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    (noticed,) = gate.run([mutant], plan(mutant, "formulas.f_adagrad"), 1)
    assert noticed.fate == "killed" and "formulas.f_adagrad" in noticed.by
    (unseen,) = gate.run([mutant], plan(mutant), 1)
    assert unseen.fate == "survived"


def test_one_check_of_a_file_may_be_all_that_is_asked():
    mutant = next(m for m in mutants.every("dwmgrad_ref.rules.sgd") if m.change == "k.t + 1 -> k.t - 1")
    (noticed,) = gate.run([mutant], plan(mutant, "driver.d_step: D-count.rules"), 1)
    assert noticed.fate == "killed" and noticed.by.startswith("D-count.rules: was holds, is fails")
    (unseen,) = gate.run([mutant], plan(mutant, "driver.d_step: D-begin.at-zero"), 1)
    assert unseen.fate == "survived"


def test_what_a_helper_of_the_claims_runs_when_it_is_imported_is_run_again():
    """`vocabulary` projects symbols when it is imported, which the worker has done before the break is made."""
    mutant = next(m for m in mutants.every("dwmgrad_ref.arithmetic") if m.change.startswith("ops.minimum(high"))
    (noticed,) = gate.run([mutant], plan(mutant, "regret.r1_one_step"), 1)
    assert noticed.fate == "killed" and noticed.by == "R1: the statement is another one"


def test_what_changes_nothing_is_proved_equivalent():
    module = "dwmgrad_ref.rules.dwmgrad"
    same = next(m for m in mutants.every(module) if m.function == "shared" and m.change == "0 * beta -> 0")
    (fate,) = gate.run([same], plan(same), 1)
    assert fate.fate == "equivalent"


def test_roots_of_one_number_are_one_for_the_solvers():
    """DWMGrad's coord with its memory of the squares written otherwise: the roots of two equal terms are equal."""
    import z3

    from dwmgrad_ref import ops
    from proofs.sabotage.equivalence import _merged, _same

    x, y = z3.Reals("x y")
    with ops.side_conditions() as sides:
        outputs = [1 / (ops.sqrt(x / y) + ops.sqrt(x)) for _ in range(2)]
    assert len(_merged(sides)) == 2
    assert _same((outputs[0], sides), (outputs[1], []))
    with ops.side_conditions() as sides:
        outputs = [1 / (ops.sqrt(x) + 1), 1 / (ops.sqrt(y) + 1)]
    assert not _merged(sides) and not _same((outputs[0], sides), (outputs[1], []))


def test_a_cut_run_goes_on_where_it_was(tmp_path):
    from dataclasses import asdict

    from proofs.sabotage.command import Journal

    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    fate = gate.Fate(mutant, "killed", "F", 1.5)
    file = tmp_path / "deep" / "journal.jsonl"
    journal = Journal(file)
    journal.add({"plan": asdict(plan(mutant, "formulas.f_adagrad"))})
    journal.add(asdict(fate))
    with file.open("a") as cut:
        cut.write('{"mutant": {"mod')
    again = Journal(file)
    assert again.plan == plan(mutant, "formulas.f_adagrad") and again.fates == {mutant: fate}
    again.add(asdict(fate))
    assert len(file.read_text().splitlines()) == 3


def test_a_plan_of_files_that_are_no_more_is_not_taken(monkeypatch):
    mutant = of("coord", "c.G + g * g -> c.G - g * g")
    for places, taken in ((["formulas.f_adagrad", "driver.d_step: D-count.rules"], True), (["f_gone"], False)):
        found = {"order": {mutant.function: places}, "seconds": {}}
        monkeypatch.setattr(gate, "committed", lambda found=found: {"plan": found})
        assert (gate.planned() is not None) is taken
    monkeypatch.setattr(gate, "committed", lambda: {"plan": {"dwmgrad_ref.rules.sgd.coord": ["formulas.f_sgd"]}})
    assert gate.planned() is None


def test_no_break_of_the_seeded_sample_survives_unknown():
    """The committed result names its survivors; a sample must bring no other."""
    fates = gate.run(gate.chosen(SAMPLE, SEED), gate.planned() or gate.survey(2), 2)
    survived = [str(fate.mutant) for fate in fates if fate.fate == "survived"]
    assert [name for name in survived if name not in gate.committed().get("survivors", [])] == []
