"""Deliberate breaks of the code that runs, and whether the claims notice them."""
