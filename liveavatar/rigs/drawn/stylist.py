"""A character's record as its style has it: tones of lines, eyes and lashes that painters take from the record."""

from dataclasses import replace

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.style import PLAIN


def styled(identity: Identity) -> Identity:
    """The record to draw from."""
    style = identity.style
    if style is PLAIN or style == PLAIN:
        return identity
    palette, face = identity.palette, identity.face

    def iris(tone: Tone) -> Tone:
        return mix(palette.iris_middle, tone, style.iris)

    eye = replace(face.eye, lash=tuple((u, thick * style.lash) for u, thick in face.eye.lash))
    return replace(
        identity,
        palette=replace(palette, iris_top=iris(palette.iris_top), iris_bottom=iris(palette.iris_bottom)),
        face=replace(
            face,
            eye=eye,
            lash_tone=mix(face.lash_tone, style.ink_tone, 0.6 * style.ink),
            lash_end=mix(face.lash_end, style.ink_tone, 0.6 * style.ink),
        ),
    )
