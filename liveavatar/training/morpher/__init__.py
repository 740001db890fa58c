"""The morpher: a small conditional GAN that mends drafts of a picture's features, taught by pairs of the population."""
