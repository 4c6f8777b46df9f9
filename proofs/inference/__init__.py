"""Rules of inference: how facts follow from facts, and which checks they rest on."""
