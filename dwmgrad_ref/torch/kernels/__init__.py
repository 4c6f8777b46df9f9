"""The arithmetic of a step on tensors: a plain loop, torch's batched calls, or one compiled pass over memory."""
