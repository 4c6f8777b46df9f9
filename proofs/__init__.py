"""Claims about the optimizers, each proved, refuted, supported or open."""
