"""Runs and losses as a proof needs them: symbols, closed forms, matrices and simulations."""
