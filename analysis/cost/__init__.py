"""What a step costs: measured on this machine, fitted, bounded by a roofline, compared between two measurements."""
