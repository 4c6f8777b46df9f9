"""Claims about AdaMomentum's convex theorem and its scaling: R8 and S-scaling."""
