"""The volume of a face as a painter shades it: the far side, the sockets, under nose and lip in the shade; light on top."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import HeadPose, face_depth
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.ink import ATOP, glow, paint, shape


class FaceForm:
    """Pools of soft shade and light on a face."""

    def __init__(self, face: FaceShape, skin: Tone, shadow: Tone, amount: float) -> None:
        nose, lips, eye = face.nose_y, face.mouth_y, face.eye_y
        light = skin.to(0.10, 0.8)
        lid = eye - 46.0 * face.eye.height - 4.0
        # middle, half-width and half-height in head units, tone, density
        pools = [
            (118.0, 120.0, 70.0, 150.0, shadow, 0.55),
            (-150.0, 150.0, 40.0, 110.0, shadow, 0.35),
            (13.0, nose - 22.0, 11.0, 34.0, shadow, 0.50),
            (4.0, nose + 9.0, 24.0, 9.0, shadow.to(-0.03), 0.62),
            (0.0, lips + 21.0, 24.0, 8.0, shadow, 0.50),
            (0.0, lips - 24.0, 9.0, 14.0, shadow, 0.25),
            (-4.0, nose - 26.0, 7.0, 34.0, light, 0.60),
            (-62.0, (eye + lips) / 2 + 6.0, 36.0, 22.0, light, 0.45),
            (-2.0, lips + 42.0, 20.0, 13.0, light, 0.35),
        ]
        for side in (-1, 1):
            pools.append((side * (face.eye_x - 8.0), lid, 62.0, 20.0, shadow, 0.42))
            pools.append((side * (face.eye_x - 48.0), eye - 4.0, 16.0, 30.0, shadow, 0.32))
        if amount < 0.5:
            pools = [pools[0], pools[2], pools[6], pools[7]]
        middle = np.array([pool[:2] for pool in pools])
        reach = np.array([pool[2:4] for pool in pools]) / 50.0
        corners = np.concatenate([np.add(middle, step) for step in ((0, 0), (1, 0), (0, 1))])
        self._points = np.column_stack([corners, np.tile(face_depth(middle), 3)])
        self._reach = reach
        self._paints = [_pool(tone, dense * amount) for *_, tone, dense in pools]

    def draw(self, canvas: skia.Canvas, outline: np.ndarray, pose: HeadPose) -> None:
        """Shade the face inside its outline (n, 2)."""
        at, right, below = pose.place(self._points).reshape(3, -1, 2)
        across, down = (right - at) * self._reach[:, :1], (below - at) * self._reach[:, 1:]
        canvas.save()
        canvas.clipPath(shape(outline), skia.ClipOp.kIntersect, True)
        for (x, y), (xx, yx), (xy, yy), pool in zip(at, across, down, self._paints, strict=True):
            canvas.save()
            canvas.concat(skia.Matrix.MakeAll(xx, xy, x, yx, yy, y, 0, 0, 1))
            canvas.drawCircle(0, 0, 100, pool)
            canvas.restore()
        canvas.restore()


def _pool(tone: Tone, dense: float) -> skia.Paint:
    tones = [tone.faded(dense), tone.faded(0.35 * dense), tone.faded(0.0)]
    return paint(glow(np.zeros(2), 100, tones, [0, 0.5, 1]), blend=ATOP)
