"""Claims that the formulas that run are the published ones, and what their parts do."""
