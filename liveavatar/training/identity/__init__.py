"""Trains the generator of identities against the population: vector geometry, style and palette."""
