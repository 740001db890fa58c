"""Measured on films and pictures of people. Not part of the suite: the films do not ship."""
