"""Every provider this ONNX Runtime offers, on the same expressions: python -m benchmarks.providers

A provider counts as measured only when it runs and draws the avatar's golden picture.
"""

import json
from contextlib import closing
from typing import Any

from benchmarks import asking
from benchmarks.rendering import Drawing, clip_expressions
from liveavatar import bench
from liveavatar.errors import ProviderError
from liveavatar.providers import PROVIDERS, available
from liveavatar.renderers import open_renderer
from liveavatar.timing import now

WARM = 10
"""Pictures before the clock counts: GPUs choose their kernels in the first ones."""


def measure(parts: bench.Parts, pictures: int) -> dict[str, Any]:
    """{provider: {"network_ms", "compositor_ms", "open_s"}}, or {"not_measured": why} ("" where it is not offered)."""
    expressions = clip_expressions(parts, pictures)
    return {name: _measure(parts, name, expressions) for name in PROVIDERS}


def _measure(parts: bench.Parts, name: str, expressions: list[Any]) -> dict[str, Any]:
    if name not in available():
        return {"not_measured": ""}
    start = now()
    try:
        renderer = open_renderer(parts.avatar, name)
    except ProviderError as error:
        return {"not_measured": str(error)}
    with closing(renderer), closing(parts.output()) as output:
        opened = now() - start
        drawing = Drawing(renderer, output)
        drawing.draw(expressions[:WARM], count=False)
        drawing.draw(expressions)
        return {**drawing.result(), "open_s": round(opened, 3)}


def main() -> None:
    """A table; the last line is JSON."""
    parser = asking.parser(__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    asked = parser.parse_args()
    result = measure(asking.parts(asked), asked.pictures)
    for name, row in result.items():
        if "not_measured" in row:
            print(f"{name:<9} not measured {row['not_measured']}")
        else:
            network, compositor = (row[key]["median"] for key in ("network_ms", "compositor_ms"))
            print(
                f"{name:<9} network {network:.2f} ms, compositor {compositor:.2f} ms, open {row['open_s']} s"
            )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
