"""The last hand on a character from noise: how far its drawing is worked out, by the style it is drawn in."""

from dataclasses import replace

from liveavatar.rigs.drawn.finish import Finish
from liveavatar.rigs.drawn.identity import FaceShape, Identity

_IRIS = 0.31
"""Half-width of an iris at least, as a share of the eye's width: less would leave white on both sides."""
_EYE = 0.345
"""Width of an eye at most, as a share of the face's."""


def finished(record: Identity) -> Identity:
    """The record with the light and depth that suit its style: none of it where a drawing is flat paper."""
    style = record.style
    soft = 1.0 - 0.85 * style.flat * style.crisp if style.line == 0.0 else 1.0
    loose = 1.0 - 0.6 * style.hatch
    amount = soft * loose
    light = amount * (1.0 - 0.35 * style.crisp - 0.9 * style.pale)
    return replace(
        record,
        style=replace(style, form=max(style.form, 0.4 * amount)),
        face=record.face if record.head == "robot" else _opened(record.face),
        finish=Finish(
            clear=0.62,
            iris=0.35 + 0.55 * amount,
            lid=0.9,
            flush=0.8 * amount,
            rim=0.8 * amount,
            mass=light,
            throat=0.85,
            cloth=light,
        ),
    )


def _opened(face: FaceShape) -> FaceShape:
    """Eyes as an illustrator leaves them: open at the inner corner, full of iris, clear of the face's edge."""
    eye = face.eye
    width = eye.upper[-1][0] - eye.upper[0][0]
    iris = (min(max(eye.iris[0], _IRIS * width), eye.iris[1]), eye.iris[1])
    largest = _EYE * 2.0 * max(x for x, y, _ in face.jaw if y <= 110.0)
    return replace(
        face,
        eye=replace(eye, airy=1.0, low=min(eye.low, 0.9), iris=iris),
        eye_scale=face.eye_scale * min(max(largest / (width * face.eye_scale), 0.87), 1.0),
    )
