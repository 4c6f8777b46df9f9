"""Claims that bound the regret: R1 to R5, and how tight the bound R3 is."""
