"""Training runs: what determines one, where its result lies, and how many are carried out at once."""
