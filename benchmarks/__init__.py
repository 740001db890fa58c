"""The benchmark suite: `python -m benchmarks` measures everything and writes a page; each module measures one thing."""
