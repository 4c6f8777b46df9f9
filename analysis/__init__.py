"""Sweeps, benchmarks and comparisons built on the reference runs."""
