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
# # What does a step cost?
#
# The paper says that DWMGrad takes O(n d) time, "comparable to standard optimizers". One summary of it warns of a
# memory that grows with the window. Both can be counted from the formula, and measured. Everything below is read from
# the committed profile of one machine; `dwmgrad profile` measures another.

# %%
# %matplotlib inline
import pandas as pd

from analysis.cost import findings, roofline
from dwmgrad_ref import rules
from paper_figures.lib import build, cost
from proofs.cost import counting, measurements
from proofs.ledger import verification

found = cost.profile()
told, verdicts = found["provenance"], {name: entry["verdict"] for name, entry in verification.expected().items()}
pd.Series(
    {
        "processor": told["machine"]["processor"],
        "caches, MiB": {level: size / 2**20 for level, size in told["machine"]["caches"].items()},
        "load at the start and at the end": (told["load_at_start"], told["load_at_end"]),
        "processes a point": told["scale"]["rounds"],
        "points, of them unstable": (len(found["timed"]), sum(r["unstable"] for r in found["timed"])),
        "command": told["command"],
    }
).to_frame("the profile")

# %% [markdown]
# ## Counted
#
# Operations for every coordinate, words kept, and bytes of an ideal single pass, exact, by running the formula on
# numbers that count (claims S-cost and S-memory). DWMGrad has a root and a division, as Adam has.

# %%
counted = {
    name: counting.count(rules.get(name)) for name in ("sgd", "heavy-ball", "lcam", "rmsprop", "adam", "dwmgrad")
}
pd.DataFrame(
    {
        name: {
            **{kind: c.each[kind] for kind in ("multiply", "add", "subtract", "divide", "sqrt")},
            "words kept": c.state,
            "bytes, ideal pass": c.ideal.bytes,
            "bytes, NumPy": c.numpy.bytes,
        }
        for name, c in counted.items()
    }
).transpose()

# %% [markdown]
# ## Measured: O(n d)
#
# Fitted is t = c₀ + c₁ xᵖ, with an overhead, by a method that outliers do not move. Within the caches and past them are
# two fits: what a coordinate costs differs.

# %%
build.redrawn("cost_time")

# %%
fits = pd.DataFrame(measurements.exponents(found))
fits = fits[fits.rule == "dwmgrad"].set_index(["engine", "against", "segment"])
fits[["p", "low", "high", "points", "from", "to"]].round(3)

# %% [markdown]
# The claims of the ledger about it, read from these numbers. *Supported* means that the intervals lie within 0.03 of
# 1; *open*, that they do not, or that they are too wide to say.

# %%
pd.Series({name: verdicts[name] for name in ("S-cost", "S-memory", "S-time-n", "S-time-d", "S-time-d-large")})

# %% [markdown]
# "Comparable to standard optimizers": the time of a DWMGrad step over that of Adam on the same engine (ours in torch
# beside torch's own of the same kind), at three sizes, with the range over processes.

# %%
pd.DataFrame(findings.ratios(found)).set_index(["engine", "beside", "d"]).round(2)

# %% [markdown]
# ## The window
#
# The recursion keeps no gradients: its time and memory do not know δ. The warning is true of a stored window, which
# nobody has to keep. Stored as a ring with a running sum its time would be flat too; its memory would not.

# %%
build.redrawn("cost_window")

# %%
build.redrawn("cost_memory")

# %% [markdown]
# ## Why it takes that long
#
# A step cannot be faster than its bytes over the bandwidth, nor than its roots and divisions over their throughput.

# %%
build.redrawn("cost_roofline")

# %%
placed = pd.DataFrame(roofline.placed(found))
placed = placed[(placed.d == placed.d.max()) & (placed.rule == "dwmgrad")].set_index("engine")
placed[["seconds", "limit", "fraction", "own_fraction"]]

# %% [markdown]
# ## More tensors, more runs
#
# A fused step over many small tensors pays a call for each; what is compiled, or recorded once, pays least.

# %%
build.redrawn("cost_split")

# %% [markdown]
# ## The price of watching
#
# Regret, certificate, audit and the rest, on against off.

# %%
build.redrawn("cost_watching")

# %%
pd.DataFrame(findings.watching(found)).set_index("observer").round(3)
