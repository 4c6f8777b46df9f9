"""Controls: known theorems about other methods, proved by the same means."""
