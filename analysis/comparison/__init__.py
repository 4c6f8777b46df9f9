"""What was published beside what is computed here: curves, test statistics, verdicts."""
