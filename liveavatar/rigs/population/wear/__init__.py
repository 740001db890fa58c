"""What the population wears: each outfit a function that cuts a Garment for one wearer, no two alike."""
