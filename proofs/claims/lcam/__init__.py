"""Claims about LCAM's switched momentum on quadratics: R9."""
