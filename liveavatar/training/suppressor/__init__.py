"""How the network that takes noise from a voice is taught."""
