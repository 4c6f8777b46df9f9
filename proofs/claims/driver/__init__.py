"""Claims about the driver and its observers: what one step is, and what is observed of it."""
