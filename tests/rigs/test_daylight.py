"""Light on whole layers, and eyes seen through the fringe."""

from dataclasses import replace

import numpy as np

from liveavatar.controls import neutral
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.daylight import shine
from liveavatar.rigs.drawn.finish import ROUGH, Finish
from liveavatar.rigs.drawn.roster import IDENTITIES
from liveavatar.rigs.population.character import character

_HERE = (1.0, 0.0, 512.0, 0.0, 1.0, 430.0)


def test_shade_darkens_and_keeps_the_shape() -> None:
    pixels = np.full((256, 256, 4), 200, np.uint8)
    pixels[:30] = 0
    lit = pixels.copy()
    shine(lit, "body", Finish(cloth=1.0), _HERE, 0.25)
    assert np.array_equal(lit[..., 3], pixels[..., 3])
    assert (lit <= pixels).all()
    assert (lit[240, 240, :3] < 170).all()
    assert lit[190, 100, 1] > lit[190, 130, 1] > lit[250, 250, 1]


def test_a_bright_edge_faces_the_light_and_stays_within_alpha() -> None:
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[60:160, 60:160] = (40, 40, 40, 200)
    lit = pixels.copy()
    shine(lit, "front", Finish(mass=0.01, rim=1.0), _HERE, 0.25)
    assert (lit[..., :3] <= lit[..., 3:]).all()
    assert lit[61, 100, 0] > 60 and lit[100, 61, 0] > 60
    assert lit[158, 100, 0] <= 40 and lit[100, 158, 0] <= 40


def test_drawings_by_hand_have_no_finish_and_those_from_noise_do() -> None:
    assert all(record.finish is ROUGH for record in IDENTITIES.values())
    assert character(3).finish != ROUGH


def test_eyes_are_clearer_through_the_fringe_than_brows() -> None:
    record = character(143)
    thin = DrawnRig(record).render_layers(neutral(), 256, only=("front",))
    full = DrawnRig(replace(record, finish=replace(record.finish, clear=0.0))).render_layers(
        neutral(), 256, only=("front",)
    )
    rig = DrawnRig(record)
    lost = (full[..., 3].astype(int) - thin[..., 3]).max(axis=0)
    x0, y0, x1, y1 = (round(v) for v in rig.boxes(neutral(), 256)["eyes"])
    assert lost.max() > 60
    outside = lost.copy()
    outside[y0 : y1 + 12, x0:x1] = 0
    assert outside.max() < 12
