"""Who reaches the global minimum of losses that are not convex, within a budget of gradients, from random starts.

suite.py      the problems, and starts drawn from a seed
measure.py    tuning on starts of their own, then the gradients each rule needs from the other starts
judge.py      data profiles, and whether DWMGrad reaches global minima more often than others, with intervals
"""
