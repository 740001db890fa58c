"""What `python -m benchmarks` runs: each module measures one thing, or makes the page of it."""
