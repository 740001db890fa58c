"""Teachers drawn in code: a rig maps controls to layered pictures with true alpha.

A rig has `name`, `controls` (names it responds to), `LAYERS` (names, back to front) and
  render(controls, size) -> (size, size, 4) uint8 premultiplied RGBA
  render_layers(controls, size) -> (L, size, size, 4), whose source-over is render()
  boxes(controls, size) -> {"head" | "face" | "eyes" | "eye_left" | "eye_right" | "mouth": (x0, y0, x1, y1)} in pixels
where controls is a (len(CONTROLS),) float32 vector.
"""

from importlib import import_module
from typing import Any

from liveavatar.errors import TrainingError
from liveavatar.language import tr

RIGS = {"hoshi": "liveavatar.rigs.drawn:DrawnRig"}
"""Name -> "module:Class"; the class is called with the name. A rig of one's own is given as "module:Class"."""


def open_rig(name: str) -> Any:
    """The rig with this name, or of this "module:Class". Raises TrainingError listing the names there are."""
    if name not in RIGS and ":" not in name:
        raise TrainingError(
            tr(
                f"no rig named {name!r}; there are: {', '.join(RIGS)}. Or give your own as module:Class.",
                f"没有名为 {name!r} 的角色；现有：{', '.join(RIGS)}。也可以用 module:Class 指定自己的角色。",
            )
        )
    module, attribute = RIGS.get(name, name).split(":")
    try:
        rig_class = getattr(import_module(module), attribute)
        return rig_class(name) if name in RIGS else rig_class()
    except (ImportError, AttributeError) as error:
        raise TrainingError(
            tr(
                f'the rig {name!r} cannot be loaded ({error}). Run: pip install "liveavatar[train]"',
                f'无法加载角色 {name!r}（{error}）。请运行：pip install "liveavatar[train]"',
            )
        ) from error
