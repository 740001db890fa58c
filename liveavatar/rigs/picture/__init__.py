"""Rigs made of one picture: its layers with what they hide, and how they move."""
