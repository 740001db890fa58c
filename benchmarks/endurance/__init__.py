"""What a show must outlast: faults, hours, swaps. Not part of the suite."""
