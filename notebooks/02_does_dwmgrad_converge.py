# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does DWMGrad converge?
#
# The paper says that it does: on convex losses, by a potential that never grows. The answer is yes for an
# algorithm that nobody runs, the one whose window expands for ever, and no for the one in the paper, whose window
# stops at a cap δ. Every sentence below that says "holds" or "fails" is a claim of the ledger with an identifier;
# `dwmgrad claims R6` shows its derivation, `dwmgrad verify R6` runs it again.

# %%
# %matplotlib inline
import pandas as pd
from IPython.display import Markdown

from analysis.worst_case.failure_region import boundary
from dwmgrad_ref import problems, run_many
from paper_figures.lib import build
from proofs.claims import get
from proofs.ledger import page, records, verification

pd.options.display.max_colwidth = None
claims = records.ledger()
verdicts = {name: entry["verdict"] for name, entry in claims.items()}

# %% [markdown]
# ## What is claimed
#
# A step is θ' = θ − V, V = μV + α g/(√G + ε). G is a running mean of squared gradients over a window ω. The window
# grows by one at a positive loss, up to the cap δ, and shrinks by one at any other; μ = γω/δ is tied to it. The
# convergence proof follows the potential ½ Σ h (z − u)², h = (√G + ε)/α, and needs h never to decrease.

# %% [markdown]
# ## What holds: an expanding window
#
# On positive losses the window is ω₀ + t until the cap, and until then G is an exact mean. With α/√t and without
# momentum the step is then AdaGrad's but for a factor √(1 + ω₀/t) (W2, W4, W4-adagrad), and the regret is O(√T) with
# explicit constants.

# %%
Markdown(page.statement("R3"))

# %% [markdown]
# A constant momentum costs a factor, on one convex function and if the iterates stay bounded by themselves; so does
# a momentum tied to the window, while the window grows.

# %%
Markdown(page.statement("R4"))

# %%
chosen = ["W2", "W4", "W4-adagrad", "R2", "R3", "R3-leading", "R4", "R4-tied", "R5"]
pd.DataFrame([(c, claims[c]["title"], verdicts[c]) for c in chosen], columns=["claim", "says", "verdict"]).style.hide()

# %% [markdown]
# How much of that is slack? A search over all linear losses with |g| ≤ 1 on [−1, 1] gets to 0.92 of R3's bound at
# T = 1000, at ω₀ = 0 and the best α, and a ball-arithmetic replay proves 0.84 (X-tight): the constant is nearly the
# best there is. Most of what ω₀ = 5 adds to the bound, a factor of 1.57, the search does not find.

# %%
build.redrawn("worst_case")

# %%
build.table("worst_case")["found"].pivot(index="setting", columns="T", values="ratio").round(3)

# %% [markdown]
# R5 is where it ends: the hypotheses last for δ − ω₀ steps. With the paper's defaults, that is five.
#
# ## What fails: the potential's condition
#
# With α/√t, h never decreases for *every* gradient sequence if and only if ω ≥ t (W8). A cap breaks the proof right
# after step δ. With a constant α, the way everyone runs it, no finite window has the condition at all (W8-constant).

# %%
Markdown(page.statement("W8"))

# %%
build.redrawn("potential")

# %% [markdown]
# ## A broken proof, or a broken method?
#
# Both. Take a loss of slope C every k-th step and of slope −1 at all others, on [−1, 1], with C > k − 1: the best
# fixed point is −1. The large gradient is rare, and it widens √G, by which it is then itself divided. A capped window
# forgets it before the next one comes, so the small gradients win, and the iterate goes to +1, the worst point.

# %%
Markdown(page.statement("R6"))

# %% [markdown]
# No finite cap is safe. For every finite window, however long, there are such losses of period 3, and the exact set
# of (C, k, δ) is known: it lies between k − 1 and C̄(k, δ), the root of one equation.

# %%
pd.DataFrame({f"δ = {delta}": {k: boundary(k, delta) for k in (3, 5, 7, 10, 20, 50)} for delta in (2, 10, 100)})

# %%
build.redrawn("failure_region")

# %% [markdown]
# Momentum does not move the boundary (R6-momentum); on the other side of it the method finds the best point
# (R6-converse). All runs in the figure, the nearest of them 3 % of the region's width away from the
# boundary on either side, end on the side of the interval that the proof says.

# %%
runs = build.table("failure_region")["runs"]
runs.assign(predicted=(runs.fraction < 1).astype(int)).groupby(["delta", "predicted", "fails"]).size().rename("runs")

# %% [markdown]
# ## At the paper's defaults, with every rounding enclosed
#
# δ = 10, γ = 0.9, ω₀ = 5, ε = 10⁻⁸, a constant α = 0.001; C = 100, k = 50. The formula that the optimizer runs is
# run on balls, intervals that enclose every rounding, from the best point −1. The first line is that run, the next two
# have α = 0.5/√t, the last checks the constant t₀ of R6's proof. This is computed now:

# %%
findings = verification.run([get("R6-run")], jobs=1)
pd.DataFrame(
    [(f.check, f.status, f.detail) for f in findings], columns=["check", "status", "what was found"]
).style.hide()

# %% [markdown]
# In floating point, beside the expanding window and the other two signals, with α = 0.5/√t (the regret of the failing
# ones per step tends to 2(C − k + 1)/k = 2.04):

# %%
family = problems.get("periodic", C=100, k=50)
jobs = {
    "expanding": {"delta": float("inf")},
    "capped at 10": {"delta": 10.0},
    "capped at 10, increase": {"delta": 10.0, "signal": "increase"},
    "capped at 10, decrease": {"delta": 10.0, "signal": "decrease"},
}
common = {"rule": "dwmgrad", "problem": family, "steps": 100_000, "grid": [1000, 10_000, 100_000], "gamma": 0.0}
common |= {"schedule": "sqrt", "alpha": 0.5, "observe": ["iterate", "regret"]}
traces = run_many([common | job for job in jobs.values()])
frames = {name: trace.frame.set_index("t") for name, trace in zip(jobs, traces, strict=True)}
pd.DataFrame(
    {(name, "θ"): f.theta_0 for name, f in frames.items()} | {(n, "R/t"): f.regret / f.index for n, f in frames.items()}
)

# %% [markdown]
# Random order does not help: with independent losses the expected regret is linear as well (R6-stochastic). And with a
# constant α the method does not even settle on x²/2: with momentum μ it can jump between ±α/(2(1 + μ)) for ever (R7),
# and at the paper's defaults its mean loss over steps 2001 to 4000 is 0.042 α² (R7-floor).

# %%
chosen = ["R6-increase", "R6-decrease", "R6-stochastic", "R7", "R7-stable", "R7-floor"]
pd.DataFrame([(c, claims[c]["title"], verdicts[c]) for c in chosen], columns=["claim", "says", "verdict"]).style.hide()

# %% [markdown]
# ## What AdaMomentum's theorem rests on
#
# AdaMomentum's convex theorem is proved in its paper with two steps that are false (R8a, R8b). The statement survives
# by another proof (R8), under its assumption that the second moment never falls. Without it there are losses on
# which this method goes to the worst point, too (R8e). On ordinary runs of 5000 steps the assumption fails on 30 to
# 99 % of all steps and coordinates (R8c, the first four problems), and on 27 to 81 % with a row or a batch a step. What
# a proof really needs, that √v/α never falls, fails less often, and in some settings hardly ever.

# %%
build.redrawn("adamomentum_assumption")

# %%
shares = build.table("adamomentum_assumption")
shares[shares.steps == 5000].pivot(index="problem", columns="alpha", values=["v", "h"]).round(3)

# %% [markdown]
# ## LCAM: two stable halves
#
# LCAM is heavy ball that switches between two coefficients, 0.95 after a loss below the epoch's mean and 0.9 after
# any other. On ½λθ² each alone is stable up to 2(1 + μ) (R9a). Switching is another matter: there is one quadratic
# Lyapunov function for both up to αλ = 3.4209, in closed form (R9b), an invariant polygon up to 3.661066, so that no
# order and no losses diverge there (R9g, R9h), a chosen order that does at 3.66107 (R9c), and LCAM's own order
# diverges at 3.73, from the ordinary start, with epochs of five steps (R9e).

# %%
build.redrawn("lcam_stability")

# %% [markdown]
# Of the 200 values of αλ in [3.6, 3.8) tried with every epoch length, those at which LCAM's own order grows: the first,
# and how many. None lies below the first unstable word.

# %%
own = build.table("lcam_stability")["own"]
growing = own[own.rate > 0].groupby("epoch").a.agg(first="min", values="size")
growing.loc[[2, 3, 4, 5, 6, 7, 10, 15, 20, 25, 30]]

# %% [markdown]
# ## The verdicts
#
# *Refuted* claims have a witness that a second engine has re-checked; *supported* ones have only been searched or
# measured. All are in `CLAIMS.md`, with every step.

# %%
table = pd.DataFrame([(name, c["title"], c["source"], c["verdict"]) for name, c in claims.items()])
table.columns = ["claim", "says", "source", "verdict"]
table.verdict.value_counts().to_frame().transpose()

# %%
table.sort_values("claim").style.hide()

# %% [markdown]
# So: DWMGrad with an expanding window and a decaying step has AdaGrad's guarantee, because it is all but AdaGrad.
# With a cap it has none, and none can be proved: for every finite δ there are convex losses with linear regret, and at
# the paper's own defaults there are some that take it to the worst point and keep it there. None of this says that it
# is bad on a given network: the failing losses are made for it.
