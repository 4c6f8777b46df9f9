"""What the figures share: building, tables, manifests, and the look."""
