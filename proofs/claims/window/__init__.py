"""Claims about DWMGrad's window: W0 to W9."""
