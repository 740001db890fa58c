"""A character of one's own for the GAN to learn: draw any expression, layer by layer, and say which points move.

    python examples/own_rig.py FOLDER      # contact sheets: look at it
    PYTHONPATH=examples liveavatar train --rig own_rig:Coin --name coin --frames 400 --steps 200

It is then played like any other: `liveavatar run --avatar coin`.
"""

import sys
from collections.abc import Collection
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from liveavatar.controls import INDEX
from liveavatar.rigs import Rig
from liveavatar.rigs.contact_sheet import write_sheets

BOXES = {"head": (30, 30, 98, 98), "face": (30, 30, 98, 98), "eyes": (44, 48, 84, 68), "mouth": (48, 68, 80, 92),
         "eye_left": (70, 50, 86, 66), "eye_right": (42, 50, 58, 66)}  # fmt: skip
"""At rest: x0, y0, x1, y1 in pixels of a picture of 128. Left is the subject's, on the right of the picture."""
GRID = np.stack(np.meshgrid(*[np.linspace(16, 112, 9)] * 2), -1).reshape(-1, 2)


class Coin(Rig):
    """A yellow face before a blue disc."""

    LAYERS: tuple[str, ...] = ("disc", "face")
    name = "coin"
    controls: tuple[str, ...] = ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "headYaw", "headPitch")

    def render_layers(
        self, controls: np.ndarray, size: int = 512, only: Collection[str] | None = None
    ) -> np.ndarray:
        left, right, jaw = (float(controls[INDEX[name]]) for name in self.controls[:3])
        face = [(64, 64, 34, 34, "#ffd75e"), (50, 58, 4, 6 - 5 * right, "#33261d"),
                (78, 58, 4, 6 - 5 * left, "#33261d"), (64, 80, 10, 1 + 7 * jaw, "#a63a3a")]  # fmt: skip
        layers = []
        for ellipses, (dx, dy) in (([(64, 64, 50, 50, "#4a5fc1")], (0, 0)), (face, shift(controls))):
            image = Image.new("RGBA", (size * 4, size * 4))
            for x, y, rx, ry, colour in ellipses:
                box = (x + dx - rx, y + dy - ry, x + dx + rx, y + dy + ry)
                ImageDraw.Draw(image).ellipse([v * size / 32 for v in box], colour)
            layers.append(np.array(image.convert("RGBa").resize((size, size), Image.Resampling.BOX)))
        return np.stack(layers)  # (2, size, size, 4) uint8, premultiplied

    def motion(self, controls: np.ndarray, size: int = 512) -> list[np.ndarray]:
        return [(points * size / 128).astype(np.float32) for points in (GRID, GRID + shift(controls))]

    def boxes(self, controls: np.ndarray, size: int = 512) -> dict[str, tuple[float, float, float, float]]:
        moved = {
            name: (np.array(box) + np.tile(shift(controls), 2)) * size / 128 for name, box in BOXES.items()
        }
        return {name: tuple(box.tolist()) for name, box in moved.items()}


def shift(controls: np.ndarray) -> np.ndarray:
    """Right and down, pixels of a picture of 128."""
    return np.array([24.0 * controls[INDEX["headYaw"]], -24.0 * controls[INDEX["headPitch"]]])


if __name__ == "__main__":
    write_sheets(Coin(), Path(sys.argv[1]))
