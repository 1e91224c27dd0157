"""Service limits and faults on demand, in front of either dialect."""
