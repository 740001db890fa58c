"""The live loop and what keeps it running: threads under watch, the neutral card, the report."""
