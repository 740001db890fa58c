"""Measures the program on this machine, and compares reports."""
