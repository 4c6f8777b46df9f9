"""`python -m analysis.nonconvex`: measure the suite and tell who reaches global minima."""

from analysis.nonconvex import judge, measure

tuning, runs = measure.measured()
print(tuning[tuning.chosen == 1].pivot(index="problem", columns="label", values="alpha").to_string(), "\n")
print(judge.shares(runs).pivot(index="problem", columns="label", values="share").round(2).to_string(), "\n")
found = judge.against(runs, measure.OURS)
print(found.round(4).to_string(index=False), "\n")
for name, rows in found.groupby("ours", sort=False):
    print(f"{name}: {judge.verdict(rows)}")
