"""The refiner of portraits: what it learns from, how, and from whose video."""
