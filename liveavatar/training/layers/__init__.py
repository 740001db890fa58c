"""Trains the network that takes one picture apart: what is hair before the face, face, body, hair behind, and what they hide."""
