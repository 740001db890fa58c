"""Outfits, one a file."""
