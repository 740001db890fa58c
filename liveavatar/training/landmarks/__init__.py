"""Teaches a network where the parts of a drawn face lie, by characters whose every point is known."""
