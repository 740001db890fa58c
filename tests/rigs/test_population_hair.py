"""The population's hair: every cut grows, stays on the canvas, covers what it should, moves as one."""

import time
from dataclasses import replace

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, neutral, vector
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.identity import GroupedHair, Identity
from liveavatar.rigs.drawn.roster import IDENTITIES
from liveavatar.rigs.population import character
from liveavatar.rigs.population.cast import cast
from liveavatar.rigs.population.hair import dressed
from liveavatar.rigs.population.haircuts import HAIRCUTS

_REACH = (480.0, 445.0, 760.0)
"""Farthest that hair goes to the sides, up and down, in head units: not beyond the picture but at its lower edge."""


def _wearing(name: str, seed: int = 0) -> Identity:
    base = replace(IDENTITIES["hoshi"], worn=())
    return dressed(base, cast(np.random.default_rng(seed)), np.random.default_rng(seed), name)


@pytest.mark.parametrize("name", HAIRCUTS)
def test_every_cut_stays_on_the_canvas(name: str) -> None:
    for seed in range(5):
        hair = _wearing(name, seed).hair
        assert isinstance(hair, GroupedHair)
        spines = [strand.spine for mass in (*hair.back, *hair.front) for strand in mass.strands]
        points = np.array([point for spine in (*spines, hair.cap) for point in spine])
        across, up, down = _REACH
        assert np.isfinite(points).all()
        assert np.abs(points[:, 0]).max() < across
        assert -up < points[:, 1].min() and points[:, 1].max() < down


def test_a_seed_gives_the_same_hair_and_seeds_differ() -> None:
    hairs = [character(seed).hair for seed in range(12)]
    assert hairs == [character(seed).hair for seed in range(12)]
    assert len(set(hairs)) == 12


@pytest.mark.parametrize("name", ["two_braids", "bald"])
def test_hair_moves_as_the_same_points(name: str) -> None:
    rig = DrawnRig(_wearing(name, 3))
    rest = rig.motion(neutral())
    random = np.random.default_rng(0)
    for controls in (random.uniform(-1, 1, len(CONTROLS)).astype(np.float32), vector(headYaw=0.5, hairX=1.0)):
        moved = rig.motion(controls)
        assert [part.shape for part in moved] == [part.shape for part in rest]
        assert all(np.isfinite(part).all() for part in moved)


@pytest.mark.parametrize("name", ["princess", "bob"])
def test_a_full_fringe_leaves_no_hole_over_the_forehead(name: str) -> None:
    for seed in range(40):
        record = _wearing(name, seed)
        if not record.face.forehead:
            break
    rig = DrawnRig(record)
    front = rig.render_layers(neutral(), 256, only=["front"])[rig.LAYERS.index("front")]
    forehead = front[60:78, 100:156, 3]
    assert forehead.min() > 250


def test_hair_is_drawn_in_time() -> None:
    for name in ("long_curly",):
        rig = DrawnRig(_wearing(name, 1))
        rig.render_layers(neutral(), 512, only=["back", "front"])
        spent = []
        for _ in range(3):
            start = time.process_time()
            rig.render_layers(neutral(), 512, only=["back", "front"])
            spent.append(time.process_time() - start)
        assert min(spent) < 0.12
