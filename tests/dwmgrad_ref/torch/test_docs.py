"""The pages on the PyTorch optimizers: examples run, generated parts are fresh, signatures are the rules' own."""

import inspect
import re

import pytest
import torch

from analysis import docs_pages
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, torch_optimizer
from dwmgrad_ref.torch.options import TORCH, key, names
from tests.source_tree import ROOT

OPTIMIZERS = {"dwmgrad.md": DWMGrad, "adamomentum.md": AdaMomentum, "lcam.md": LCAM}
PAGES = {name: (ROOT / "docs" / name).read_text("utf-8") for name in (*OPTIMIZERS, "training.md")}
EXAMPLES = [
    (name, body) for name, text in PAGES.items() for body in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
]


@pytest.mark.parametrize("name", PAGES)
def test_generated_parts_are_fresh(name):
    assert docs_pages.current(PAGES[name]) == PAGES[name], "run `python -m analysis.docs_pages`"


def test_every_kind_of_generated_part_is_in_every_optimizers_page():
    for name in OPTIMIZERS:
        assert {found[1] for found in docs_pages.PART.findall(PAGES[name])} == docs_pages.KINDS.keys()


def test_rows_of_a_generated_table_have_as_many_cells_as_its_head():
    for name in OPTIMIZERS:
        for part in docs_pages.PART.findall(PAGES[name]):
            rows = [line for line in part[3].splitlines() if line.startswith("|")]
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1, rows


def test_a_stale_part_is_noticed():
    page = PAGES["lcam.md"]
    assert docs_pages.current(page.replace("| proved |", "| refuted |", 1)) == page
    assert docs_pages.current(page.replace("μₜ₊₁", "μₜ", 1)) == page


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(EXAMPLES)])
def test_example_trains(name, example):
    """Every optimizer that an example makes has stepped, and left numbers."""
    left = {}
    exec(example, left)
    made = [x for value in left.values() for x in (value if isinstance(value, list) else [value])]
    optimizers = [x for x in made if isinstance(x, torch.optim.Optimizer)]
    assert optimizers
    for optimizer in optimizers:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        assert parameters and all(p in optimizer.state and p.isfinite().all() for p in parameters)


def test_every_page_has_an_example():
    assert {name for name, _ in EXAMPLES} == PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    index = (ROOT / "CLAIMS.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
        path, _, anchor = target.partition("#")
        assert (ROOT / "docs" / path).is_file(), target
        assert not anchor or f"(docs/{target})" in index, target


@pytest.mark.parametrize("cls", OPTIMIZERS.values())
def test_signature_is_the_rules_options(cls):
    """Every option of the formula and of torch, in a signature with the rule's defaults, and described."""
    given = inspect.signature(cls.__init__).parameters
    own = {"average_loss": True, "process_group": None}
    assert {key(cls.rule, name) for name in given.keys() - {"self", "params"}} == {*names(cls.rule), *own}
    for name, default in {**TORCH, **cls.rule.options()._asdict(), **own}.items():
        assert given["lr" if name == "alpha" else name].default == default, name
        assert re.search(rf"\b{'lr' if name == 'alpha' else name}\b", cls.__doc__ or ""), name


def test_released_variants_are_to_be_had_by_name():
    p = torch.nn.Parameter(torch.ones(2))
    group = torch_optimizer("dwmgrad-released-cifar10")([p]).param_groups[0]
    assert (group["lr"], group["delta"], group["signal"], group["epoch"]) == (1e-4, 100.0, "increase", 391.0)
    assert torch_optimizer("dwmgrad") is DWMGrad and torch_optimizer("lcam") is LCAM


def test_lcam_with_one_coefficient_is_sgd_with_momentum():
    """What docs/lcam.md says."""
    ours, theirs = (torch.nn.Parameter(torch.linspace(-1, 2, 5, dtype=torch.float64)) for _ in range(2))
    optimizer = LCAM([ours], lr=0.1, below=0.8, above=0.8, weight_decay=0.1)
    peer = torch.optim.SGD([theirs], lr=0.1, momentum=0.8, weight_decay=0.1)
    for step in range(30):
        ours.grad, theirs.grad = (torch.sin(step + p.detach()) for p in (ours, theirs))
        optimizer.step(loss=float(step % 3))
        peer.step()
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)
