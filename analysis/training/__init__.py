"""Networks trained on data sets: tasks, experiments, runs, and their committed results."""
