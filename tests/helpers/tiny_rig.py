"""A rig of a few ellipses with the real interface: the tiny avatar of the tests is trained from it in seconds."""

from collections.abc import Collection

import cv2
import numpy as np

from liveavatar.controls import CONTROLS, INDEX


class TinyRig:
    """Implements the interface of liveavatar.rigs for a 128-pixel face of ellipses."""

    LAYERS = ("body", "face")
    name = "tiny"
    controls = (
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "jawOpen",
        "mouthSmileLeft",
        "headYaw",
        "headPitch",
        "breath",
    )

    def render_layers(
        self, controls: np.ndarray, size: int = 128, only: Collection[str] | None = None
    ) -> np.ndarray:
        """(2, size, size, 4) uint8 premultiplied RGBA."""
        scale = size * 4 / 128
        body, face = (np.zeros((size * 4, size * 4, 4), np.uint8) for _ in range(2))

        def ellipse(
            image: np.ndarray, x: float, y: float, rx: float, ry: float, colour: tuple[int, ...]
        ) -> None:
            centre = (round(x * scale), round(y * scale))
            cv2.ellipse(
                image, centre, (max(1, round(rx * scale)), max(1, round(ry * scale))), 0, 0, 360, colour, -1
            )

        c = {name: float(controls[INDEX[name]]) for name in self.controls}
        ellipse(body, 64, 128 - 2 * c["breath"], 44, 30, (60, 70, 140, 255))
        x, y = 64 + 30 * c["headYaw"], 62 - 30 * c["headPitch"]
        ellipse(face, x, y, 32, 38, (250, 214, 190, 255))
        dx, dy = 40 * c["headYaw"], -40 * c["headPitch"]
        for side, name in ((1, "eyeBlinkLeft"), (-1, "eyeBlinkRight")):
            ellipse(
                face,
                x + side * 13 + dx * 0.3,
                y - 4 + dy * 0.3,
                6,
                7 * (1 - 0.9 * c[name]),
                (60, 40, 60, 255),
            )
        ellipse(
            face,
            x + dx * 0.3,
            y + 20 + dy * 0.3,
            8 + 3 * c["mouthSmileLeft"],
            1.5 + 7 * c["jawOpen"],
            (190, 70, 80, 255),
        )
        return np.stack([cv2.resize(i, (size, size), interpolation=cv2.INTER_AREA) for i in (body, face)])

    def render(self, controls: np.ndarray, size: int = 128) -> np.ndarray:
        """(size, size, 4) uint8 premultiplied RGBA."""
        body, face = self.render_layers(controls, size).astype(np.float32)
        return np.round(face + body * (1 - face[..., 3:] / 255)).astype(np.uint8)

    def motion(self, controls: np.ndarray, size: int = 128) -> list[np.ndarray]:
        """Points of the body and of the face."""
        s, c = size / 128, {name: float(controls[INDEX[name]]) for name in self.controls}
        grid = np.stack(np.meshgrid(np.linspace(-30, 30, 7), np.linspace(-30, 30, 7)), -1).reshape(-1, 2)
        body = grid + np.array([64, 128 - 2 * c["breath"]])
        face = grid + np.array([64 + 30 * c["headYaw"], 62 - 30 * c["headPitch"]])
        return [(part * s).astype(np.float32) for part in (body, face)]

    def sheet_points(self, size: int = 128) -> list[np.ndarray]:
        """The neutral picture's."""
        return self.motion(np.zeros(len(CONTROLS), np.float32), size)

    def boxes(self, controls: np.ndarray, size: int = 128) -> dict[str, tuple[float, float, float, float]]:
        """Head, eye and mouth boxes in pixels."""
        s = size / 128
        x = 64 + 42 * float(controls[INDEX["headYaw"]])
        y = 62 - 42 * float(controls[INDEX["headPitch"]])

        def box(cx: float, cy: float, rx: float, ry: float) -> tuple[float, float, float, float]:
            return (cx - rx) * s, (cy - ry) * s, (cx + rx) * s, (cy + ry) * s

        return {
            "head": box(x, y, 36, 42), "face": box(x, y, 32, 38), "eyes": box(x, y - 4, 22, 9),
            "eye_left": box(x + 13, y - 4, 8, 9), "eye_right": box(x - 13, y - 4, 8, 9), "mouth": box(x, y + 20, 14, 10),
        }  # fmt: skip
