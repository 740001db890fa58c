"""Experiments on training and on the teachers. Not part of the suite."""
