"""Sound, measured."""
