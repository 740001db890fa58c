"""What a clip makes the avatar do, and how long network and compositor take to draw it."""

from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from liveavatar import pipeline
from liveavatar.base.timing import now, percentile
from liveavatar.bench import legs
from liveavatar.stages import Output, Renderer
from liveavatar.types import AvatarFrame, Expression


def clip_expressions(parts: legs.Parts, count: int) -> list[Expression]:
    """What the tracker and retargeter make of the clip's first frames, over again from its start where it is short."""
    with closing(parts.camera()) as camera, closing(parts.tracker()) as tracker:
        return list(islice(pipeline.expressions(camera, tracker, parts.retargeter()), count))


class Drawing:
    """Seconds that network and compositor took, collected over several calls."""

    def __init__(self, renderer: Renderer, output: Output) -> None:
        self._renderer: Any = renderer
        self._output = output
        self.network: list[float] = []
        self.compositor: list[float] = []

    def draw(self, expressions: Sequence[Expression], count: bool = True) -> None:
        """Draw and composite each once. count: False to warm up."""
        for expression in expressions:
            start = now()
            maps = self._renderer.maps(expression.controls)
            between = now()
            picture = self._renderer.compose(*maps, expression)
            self._output.send(AvatarFrame(picture, expression.time))
            if count:
                self.network.append(between - start)
                self.compositor.append(now() - between)

    def result(self) -> dict[str, dict[str, float]]:
        """Median and p95, milliseconds."""
        return {"network_ms": spread(self.network), "compositor_ms": spread(self.compositor)}


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median and p95 in milliseconds."""
    return {
        "median": round(1000 * percentile(seconds, 50), 3),
        "p95": round(1000 * percentile(seconds, 95), 3),
    }
