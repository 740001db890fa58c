"""Training of a voice: the network that hears pitch, and the generator that makes speech of what was heard, against critics."""
