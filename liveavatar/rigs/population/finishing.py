"""The last hand on a character from noise: how far its drawing is worked out, by the style it is drawn in."""

from dataclasses import replace

from liveavatar.rigs.drawn.finish import Finish
from liveavatar.rigs.drawn.identity import Identity


def finished(record: Identity) -> Identity:
    """The record with the light and depth that suit its style: none of it where a drawing is flat paper."""
    style = record.style
    soft = 1.0 - 0.85 * style.flat * style.crisp if style.line == 0.0 else 1.0
    loose = 1.0 - 0.6 * style.hatch
    amount = soft * loose
    return replace(
        record,
        style=replace(style, form=max(style.form, 0.4 * amount)),
        finish=Finish(
            clear=0.62,
            iris=0.35 + 0.55 * amount,
            lid=0.9,
            flush=0.8 * amount,
            rim=0.8 * amount,
            mass=amount,
            cloth=amount,
        ),
    )
