"""Where the parts of a drawn face lie: 46 points, by a small network that learned from the drawn population."""
