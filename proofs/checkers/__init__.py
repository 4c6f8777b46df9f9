"""The engines, one module each. Each offers functions that make a `Check`; nothing else knows how they work."""
