"""Claims about the cost of a step, counted and measured."""
