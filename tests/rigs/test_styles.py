"""Ways to draw, and the colours of the population."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.controls import CONTROLS, neutral, vector

pytest.importorskip("skia")
pytestmark = pytest.mark.train

from liveavatar.cli import main  # noqa: E402
from liveavatar.rigs.drawn import DrawnRig  # noqa: E402
from liveavatar.rigs.drawn.colour import Tone  # noqa: E402
from liveavatar.rigs.drawn.roster import IDENTITIES  # noqa: E402
from liveavatar.rigs.drawn.style import Style  # noqa: E402
from liveavatar.rigs.drawn.surface import lay  # noqa: E402
from liveavatar.rigs.population.character import character  # noqa: E402
from liveavatar.rigs.population.styles import STYLES, between  # noqa: E402

TURNED = vector(headYaw=0.4, headRoll=-0.2, jawOpen=0.6, eyeBlinkLeft=0.5)


@lru_cache
def drawn(name: str, style: Style) -> np.ndarray:
    return DrawnRig(replace(IDENTITIES[name], style=style)).render_layers(TURNED, 128)


@pytest.mark.parametrize("name", sorted(set(STYLES) - {"clean"}))
def test_a_style_changes_the_picture_but_not_its_shape(name: str) -> None:
    """Seen at a glance, even small; layers stay premultiplied; what moves the layers does not know of it."""
    clean, styled = drawn("ren", Style()), drawn("ren", STYLES[name])
    assert np.abs(clean[..., :3].astype(int) - styled[..., :3]).sum() > 4 * (clean[..., 3] > 0).sum()
    assert (styled[..., :3] <= styled[..., 3:].astype(int) + 1).all()
    solid = clean[..., 3] == 255
    assert (styled[solid][:, 3] > 250).mean() > 0.97


def test_defaults_are_no_style() -> None:
    assert np.array_equal(drawn("liora", Style()), DrawnRig("liora").render_layers(TURNED, 128))


def test_paper_leaves_white_and_empty_places_alone_and_moves_with_what_lies_on_it() -> None:
    paper = Style(grain=1.0)
    picture = np.full((64, 64, 4), (120, 90, 60, 255), np.uint8)
    picture[:16] = 255
    picture[48:] = 0
    here, there = picture.copy(), picture.copy()
    lay(here, paper, (1, 0, 512, 0, 1, 446), 0.5, (0, 0))
    assert (here[:16] == 255).all() and (here[48:] == 0).all()
    assert here[20:44, :, 0].std() > 4
    lay(there, paper, (1, 0, 524, 0, 1, 446), 0.5, (0, 0))
    assert np.abs(here[20:44, :-6].astype(int) - there[20:44, 6:]).max() <= 1


def test_pigment_does_not_flicker_as_a_head_turns() -> None:
    rig = DrawnRig(replace(IDENTITIES["ren"], style=STYLES["watercolour"]))
    pictures = [rig.render(vector(headYaw=yaw), 128).astype(np.float32) for yaw in np.linspace(0, 0.1, 11)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(pictures)]
    assert max(steps) < 1.6 * np.median(steps)


def test_half_way_between_two_styles_lies_between() -> None:
    half = between(STYLES["clean"], STYLES["pencil"], 0.5)
    assert 0 < half.hatch < STYLES["pencil"].hatch and half.weight != STYLES["pencil"].weight


def lab(tone: Tone) -> np.ndarray:
    """In OKLab."""
    turn = np.radians(tone.hue)
    return np.array([tone.light, tone.chroma * np.cos(turn), tone.chroma * np.sin(turn)])


def test_colours_read_at_a_glance() -> None:
    """Clothes stand off from skin and hair, hair from skin; the same seed gives the same colours."""
    for seed in range(120):
        record = character(seed)
        p = record.palette
        assert p == character(seed).palette
        if record.head == "robot":  # shells take their colours from the clothes
            continue
        hair, skin, dress, ribbon = (lab(tone) for tone in (p.hair, p.skin, p.dress, p.ribbon))
        for first, second in ((hair, skin), (dress, skin), (dress, hair), (ribbon, dress)):
            assert np.linalg.norm(first - second) > 0.09, seed


def test_the_command_writes_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "图" / "some.png"
    assert main(["rig", "population", "--seeds", "3-4", "--size", "64", "--output", str(path)]) == 0
    sheet = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None and sheet.shape == (64, 128, 3)
    assert main(["rig", "population", "--seeds", "9-3"]) == 2


def test_points_are_as_many_for_every_expression() -> None:
    for seed in range(0, 12, 4):
        rig = DrawnRig(character(seed))
        rest, moved = rig.motion(neutral()), rig.motion(np.full(len(CONTROLS), 0.4, np.float32))
        assert [len(a) for a in rest] == [len(b) for b in moved]
        assert all(np.isfinite(points).all() for points in moved)
