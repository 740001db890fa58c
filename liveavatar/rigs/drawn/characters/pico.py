"""Pico: a garden robot that looks after seedlings. Marigold and cream, a screen for a face, a sprout on the head."""

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import FaceShape, Identity, Mouth, Palette
from liveavatar.rigs.drawn.templates import BROW_BAR, EYE_SCREEN

PICO = Identity(
    name="pico",
    head="robot",
    palette=Palette(
        hair=Tone(0.955, 0.018, 88),  # the shell
        tips=Tone(0.72, 0.165, 132),  # the sprout
        inner=Tone(0.73, 0.165, 58),  # pods and stripes
        skin=Tone(0.27, 0.045, 250),  # the screen
        iris_top=Tone(0.93, 0.085, 178),
        iris_middle=Tone(0.86, 0.125, 182),
        iris_bottom=Tone(0.76, 0.130, 195),
        dress=Tone(0.845, 0.155, 84),
        knit=Tone(0.60, 0.06, 235),
        ribbon=Tone(0.73, 0.165, 58),
        gold=Tone(0.78, 0.012, 240),
    ),
    face=FaceShape(
        eye_x=92.0,
        eye_y=24.0,
        eye_scale=0.92,
        brow_y=-58.0,
        nose_y=84.0,
        mouth_y=114.0,
        mouth_width=43.0,
        eye=EYE_SCREEN,
        brow=BROW_BAR,
        mouth=Mouth(fang=False, scale=0.72, corner=1.15, purse=0.70),
    ),
    outfit="raincoat",
    worn=(),
)
