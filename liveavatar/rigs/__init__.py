"""Teachers: characters whose every expression can be drawn exactly."""

import re
from collections.abc import Collection
from importlib import import_module
from typing import Protocol

import numpy as np

from liveavatar.controls import neutral
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.media.blend import stack

RIGS: dict[str, str] = {
    "hoshi": "liveavatar.rigs.drawn:DrawnRig",
    "yuki": "liveavatar.rigs.drawn:DrawnRig",
    "ren": "liveavatar.rigs.drawn:DrawnRig",
    "liora": "liveavatar.rigs.drawn:DrawnRig",
    "pico": "liveavatar.rigs.drawn:DrawnRig",
}
"""Name of a character -> "module:Class" of the rig that draws it; the class is called with the name."""
_BY_PATTERN = {
    "seed-(0|[1-9][0-9]{0,17})": "liveavatar.rigs.population.rig:SeedRig",
    "generated-.{1,240}": "liveavatar.rigs.generated.rig:GeneratedRig",
    "picture-.+": "liveavatar.rigs.picture.rig:PictureRig",
}
"""Characters that have no names but numbers: what these look like -> the same."""


class Rig(Protocol):
    """Draws one character for any expression. The same controls give the same picture.

    Structural; one's own that inherits from it gets render() and sheet_points()."""

    LAYERS: tuple[str, ...]
    name: str
    controls: tuple[str, ...]

    def render(self, controls: np.ndarray, size: int = 512) -> np.ndarray:
        """controls (len(CONTROLS),) float32 -> (size, size, 4) uint8 RGBA, premultiplied: the layers, one over the other."""
        layers = self.render_layers(controls, size)
        return stack([(0, 0, layer) for layer in layers], (size, size))

    def render_layers(
        self, controls: np.ndarray, size: int = 512, only: Collection[str] | None = None
    ) -> np.ndarray:
        """(len(LAYERS), size, size, 4) uint8 premultiplied; source-over back to front gives render(). Layers that are not
        among `only` may be left empty."""
        ...

    def motion(self, controls: np.ndarray, size: int = 512) -> list[np.ndarray]:
        """For each layer points (n, 2) in pixels that move with it: the same points, in the same order, for every
        expression. They teach the flow; colours that only appear and vanish need none."""
        ...

    def sheet_points(self, size: int = 512) -> list[np.ndarray]:
        """Where those points lie on the layers' sheets. Sheets show the neutral picture, so: motion(neutral). A mouth that is a
        layer may be laid out otherwise: lips that stay in one place of their sheet are painted sharper."""
        return self.motion(neutral(), size)

    def boxes(self, controls: np.ndarray, size: int = 512) -> dict[str, tuple[float, float, float, float]]:
        """x0, y0, x1, y1 in pixels: head, face, eye_left, eye_right (the subject's), eyes, mouth."""
        ...


def open_rig(name: str) -> Rig:
    """The rig called `name`; "seed-17" for a character of the population; "generated-17", or a seed code in place of the number,
    for one from noise; or one of the user's own given as "module:Class" (called without arguments).

    Raises TrainingError for an unknown name, or when it or skia cannot be imported."""
    named = RIGS.get(name) or next(
        (kind for form, kind in _BY_PATTERN.items() if re.fullmatch(form, name)), ""
    )
    if not named and ":" not in name:
        known = ", ".join(RIGS)
        raise TrainingError(
            tr(
                f"no rig {name!r}; known rigs: {known}; generated-1, seed-1 and so on. Or give your own as module:Class.",
                f"没有名为 {name!r} 的绘制角色；现有：{known}，以及 generated-1、seed-1 等。也可用 module:Class 指定。",
            )
        )
    module, _, kind = (named or name).partition(":")
    try:
        rig_class = getattr(import_module(module), kind)
    except (ImportError, AttributeError) as error:
        raise TrainingError(
            tr(
                f"the rig {name!r} cannot be loaded: {error}. Give an importable module:Class.",
                f"无法加载绘制角色 {name!r}：{error}。请给出可导入的 module:Class。",
            )
        ) from error
    rig: Rig = rig_class(name) if named else rig_class()
    return rig
