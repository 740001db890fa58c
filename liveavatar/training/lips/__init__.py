"""Teaches the network that hears vowels, from voices that are made here: `python -m liveavatar.training.lips.teach`."""
