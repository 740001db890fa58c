"""The volume of a face as a painter shades it: the far side, the sockets, under nose and lip in the shade; light on top."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import HeadPose, face_depth
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.ink import ATOP, glow, paint, shape

_LIGHT = Tone(0.99, 0.02, 85)


def face_form(
    canvas: skia.Canvas, outline: np.ndarray, pose: HeadPose, face: FaceShape, shadow: Tone, amount: float
) -> None:
    """Shade a face inside its outline (n, 2); amount 0..1."""
    nose, lips, eye = face.nose_y, face.mouth_y, face.eye_y
    pools = [
        (118.0, 120.0, 70.0, 150.0, shadow, 0.55),
        (-150.0, 150.0, 40.0, 110.0, shadow, 0.35),
        (13.0, nose - 22.0, 11.0, 34.0, shadow, 0.50),
        (4.0, nose + 9.0, 24.0, 9.0, shadow.to(-0.03), 0.62),
        (0.0, lips + 21.0, 24.0, 8.0, shadow, 0.50),
        (0.0, lips - 24.0, 9.0, 14.0, shadow, 0.25),
        (-4.0, nose - 26.0, 7.0, 34.0, _LIGHT, 0.45),
        (-62.0, (eye + lips) / 2 + 6.0, 36.0, 22.0, _LIGHT, 0.30),
        (-2.0, lips + 42.0, 20.0, 13.0, _LIGHT, 0.25),
    ]
    for side in (-1, 1):
        pools.append(
            (side * (face.eye_x - 8.0), eye - 46.0 * face.eye.height - 4.0, 62.0, 20.0, shadow, 0.42)
        )
        pools.append((side * (face.eye_x - 48.0), eye - 4.0, 16.0, 30.0, shadow, 0.32))
    canvas.save()
    canvas.clipPath(shape(outline), skia.ClipOp.kIntersect, True)
    for x, y, wide, tall, tone, dense in pools:
        xx, xy, tx, yx, yy, ty = pose.frame(x, y, float(face_depth(np.array([[x, y]]))[0]))
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
        canvas.scale(wide / 50, tall / 50)
        pool = glow(
            np.zeros(2),
            100,
            [tone.faded(dense * amount), tone.faded(0.35 * dense * amount), tone.faded(0)],
            [0, 0.5, 1],
        )
        canvas.drawCircle(0, 0, 100, paint(pool, blend=ATOP))
        canvas.restore()
    canvas.restore()
