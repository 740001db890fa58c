"""The benchmark suite: `python -m benchmarks` measures everything and writes a page; each module measures one thing."""

import liveavatar  # noqa: F401  before any module of the suite imports onnxruntime: silences it
