"""Claims about the failure of capped windows: R6, and the limit cycles of R7."""
