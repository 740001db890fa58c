"""The morpher of drawn eyes: what it learns from, and how."""
