"""The cost of a step: counted from the formula, and read from measured times."""
