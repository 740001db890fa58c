"""Teaches a small generative network how one person moves while speaking, from numbers tracked in their own recordings."""
