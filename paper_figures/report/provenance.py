"""Where the numbers come from: commits, commands, seeds and machines, read from what lies beside each number."""

from typing import Any, NamedTuple

from analysis.training.runs import committed_results
from dwmgrad_ref.execution.trace import environment
from proofs.cost import measurements
from proofs.ledger import records


class Training(NamedTuple):
    """A committed file of training results."""

    experiment: str
    budget: str
    runs: int
    seeds: str
    commits: str
    machine: str


def trainings() -> list[Training]:
    """Every committed file of training results, with the seeds and commits of its runs."""
    found = []
    for file in sorted(committed_results.HERE.glob("*.parquet")):
        experiment, budget = file.name.split(".")[:2]
        result = committed_results.read(experiment, budget)
        assert result is not None
        common = result.meta["common"]["provenance"]
        told = [{**common, **run["provenance"]} for run in result.meta["runs"]]
        commits = sorted({str(one.get("commit"))[:10] for one in told})
        machine = f"{common.get('machine')}, {common.get('cores')} cores, torch {common.get('torch')}"
        found.append(Training(experiment, budget, len(told), _ranges(result.runs.seed), ", ".join(commits), machine))
    return found


def _ranges(seeds: Any) -> str:
    """Whole numbers as ranges: 0-4, 1000-1002."""
    parts: list[list[int]] = []
    for seed in sorted({int(s) for s in seeds}):
        if parts and parts[-1][1] == seed - 1:
            parts[-1][1] = seed
        else:
            parts.append([seed, seed])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in parts)


def facts() -> list[tuple[str, str]]:
    """What the rest of the report rests on, as pairs of a name and a sentence."""
    here, profile = environment(), measurements.load()["provenance"]
    ledger = records.ledger()
    checks = sum(len(entry["checks"]) for entry in ledger.values())
    machine = profile["machine"]
    commit = here["commit"] or "no git checkout"
    dirty = " The working tree differed from that commit." if commit.endswith("-dirty") else ""
    versions = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    renewals = "".join(
        f" The parts {', '.join(r['sections'])} were measured again at commit {r['commit'][:10]} by `{r['command']}`."
        for r in profile.get("renewed", ())
    )
    return [
        ("This report", f"It was written by `dwmgrad report` at commit {commit.removesuffix('-dirty')[:10]} with Python"
         f" {here['python']} on {here['machine']} and {versions}.{dirty}"),
        ("Claims", f"The committed ledger has {len(ledger)} claims with {checks} checks. `dwmgrad verify` runs all of"
         " them again and fails on any change. Each claim on this page has the checksum of its statement and checks."),
        ("Costs", f"The committed profile was measured by `{profile['command']}` at commit"
         f" {profile['environment']['commit'][:10]} from {profile['started']} to {profile['finished']} on"
         f" {machine['processor']} with {machine['cores']} cores, {machine['memory_gib']} GiB and torch"
         f" {machine['torch']}.{renewals}"),
        ("Figures", "Each figure on this page has the commit, the command, the versions and the checksums of its"
         " inputs. The figures were redrawn for this report from their committed tables, which"
         " `dwmgrad figures --check` compares with a fresh computation."),
    ]  # fmt: skip
