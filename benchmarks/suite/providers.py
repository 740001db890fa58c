"""Every provider this ONNX Runtime offers, on the same expressions: python -m benchmarks.suite.providers

A provider counts as measured only when it runs and draws the avatar's golden picture. What is timed is what `bench` calls
render_ms: from an expression to the composited picture. The provider computes the network; layers are put together by the CPU.
"""

import json
from contextlib import closing
from typing import Any

from benchmarks.suite import asking
from benchmarks.suite.rendering import clip_expressions, spread
from liveavatar.base.timing import now
from liveavatar.bench import legs
from liveavatar.errors import ProviderError
from liveavatar.renderers import open_renderer
from liveavatar.renderers.sessions import PROVIDERS, available

WARM = 10
"""Pictures before the clock counts: GPUs choose their kernels in the first ones."""


def measure(parts: legs.Parts, pictures: int) -> dict[str, Any]:
    """{provider: {"render_ms", "open_s"}}, or {"not_measured": why} ("" where it is not offered)."""
    expressions = clip_expressions(parts, pictures)
    return {name: _measure(parts, name, expressions) for name in PROVIDERS}


def _measure(parts: legs.Parts, name: str, expressions: list[Any]) -> dict[str, Any]:
    if name not in available():
        return {"not_measured": ""}
    start = now()
    try:
        renderer = open_renderer(parts.avatar, name)
    except ProviderError as error:
        return {"not_measured": str(error)}
    with closing(renderer), closing(parts.output()) as output:
        opened, spent = now() - start, []
        for expression in [*expressions[:WARM], *expressions]:
            begin = now()
            output.send(renderer.render(expression))
            spent.append(now() - begin)
    return {"render_ms": spread(spent[-len(expressions) :]), "open_s": round(opened, 3)}


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
            median, p95 = row["render_ms"].values()
            print(f"{name:<9} {median:.2f} ms median, {p95:.2f} p95; {row['open_s']} s to load and check")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
