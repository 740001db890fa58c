"""Identity records of the characters that ship."""
