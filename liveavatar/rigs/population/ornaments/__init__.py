"""Ornaments drafted with numbers: what grows on heads and what is worn on them."""
