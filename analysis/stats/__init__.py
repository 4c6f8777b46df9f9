"""Statistics of runs: intervals and tests over seeds, tuning on a grid, the window as a random walk."""
