"""Avatar packages: the card and its rules, the folders they lie in, installing, and the trial of a stranger's."""
