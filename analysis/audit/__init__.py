"""Audits of optimizers that nobody has proved anything about: rules like ours, and classes of PyTorch."""
