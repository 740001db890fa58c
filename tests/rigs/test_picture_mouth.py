"""The mouth of a picture: what is drawn shut stays as it is, what is drawn open shuts, and skin is left where it was."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from liveavatar.controls import neutral, vector
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import FaceShape, Mouth
from liveavatar.rigs.drawn.mouth import mouth_lines
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.picture.mouth import MouthMorpher
from liveavatar.rigs.picture.mouthfit import fit

SKIN, LINE, INSIDE = (246, 222, 208), (120, 70, 66), (214, 120, 116)
_at = np.zeros((46, 2), np.float32)
_at[[0, 4, 15, 11]] = (55, 110), (95, 110), (155, 110), (195, 110)
_at[28], _at[39] = (125, 150), (125, 230)
_at[[40, 41, 42, 43]] = (45, 180), (205, 180), (35, 120), (215, 120)


def drawn(opened: bool) -> tuple[np.ndarray, np.ndarray]:
    """A face (256, 256, 4) of nothing but skin and mouth, and its points."""
    fine = np.full((1024, 1024, 3), SKIN, np.uint8)
    t = np.linspace(-1, 1, 41)
    upper = np.stack([125 + 22 * t, 180 + 3 * (1 - t**2)], 1)
    lower = np.stack([125 + 22 * t, 180 + (22 if opened else 3) * (1 - t**2)], 1)
    rim = (np.concatenate([upper, lower[::-1]]) * 4).astype(np.int32)
    if opened:
        cv2.fillPoly(fine, [rim], INSIDE)
    cv2.polylines(fine, [rim], True, LINE, 8, cv2.LINE_AA)
    picture = cv2.cvtColor(cv2.resize(fine, (256, 256), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2RGBA)
    points = _at.copy()
    points[[29, 33, 31, 34, 30]] = upper[::10]
    points[[29, 35, 32, 36, 30]] = lower[::10]
    points[37], points[38] = points[31], points[32]
    return picture, points


def face(picture: np.ndarray, morpher: MouthMorpher, controls: np.ndarray) -> np.ndarray:
    result = picture.astype(np.float32)
    for x, y, crop in morpher.still["face"]:
        result[y : y + crop.shape[0], x : x + crop.shape[1]] = crop
    for x, y, crop in morpher.draw(controls)["mouth"]:
        part = result[y : y + crop.shape[0], x : x + crop.shape[1]]
        part[...] = crop + part * (1 - crop[..., 3:] / 255.0)
    return result


def tall(picture: np.ndarray) -> int:
    """Rows of the middle column that are no skin."""
    return int((np.abs(picture[150:230, 125, :3] - np.array(SKIN)).max(-1) > 24).sum())


@pytest.mark.parametrize("opened", [False, True])
def test_skin_is_left_where_the_mouth_was(opened: bool) -> None:
    _, _, crop = MouthMorpher(*drawn(opened)).still["face"][0]
    assert np.abs(crop[..., :3].astype(int) - SKIN).max() <= 2


def test_a_shut_mouth_at_rest_is_the_picture() -> None:
    picture, points = drawn(False)
    seen = face(picture, MouthMorpher(picture, points), neutral())
    assert np.abs(seen - picture).max() <= 2


@pytest.mark.parametrize("opened", [False, True])
def test_it_opens_and_shuts(opened: bool) -> None:
    picture, points = drawn(opened)
    morpher = MouthMorpher(picture, points)
    shut, pout, wide = (
        tall(face(picture, morpher, c)) for c in (neutral(), vector(mouthPucker=0.9), vector(jawOpen=0.8))
    )
    assert 0 < shut <= 5
    assert pout <= 14
    assert wide > 20


def test_an_open_mouth_keeps_its_colours() -> None:
    picture, points = drawn(True)
    seen = face(picture, MouthMorpher(picture, points), vector(jawOpen=0.6))
    assert np.abs(seen[194, 125, :3] - INSIDE).max() < 12


def test_its_frame_and_cheeks_move() -> None:
    morpher = MouthMorpher(*drawn(False))
    rest, wide = (morpher.motion(c)["mouth"] for c in (neutral(), vector(jawOpen=1.0)))
    assert rest.shape == wide.shape == morpher.sheet_points()["mouth"].shape
    assert np.abs(wide - rest).max() > 20
    assert not morpher.draw(neutral())["face"]
    assert len(morpher.draw(vector(cheekPuff=1.0))["face"]) == 2


def test_full_lips_that_points_take_for_an_opening_stay_shut() -> None:
    fine = np.full((1024, 1024, 3), SKIN, np.uint8)
    t = np.linspace(-1, 1, 41)
    lips = np.concatenate([np.stack([t, -9 * (1 - t**2)], 1), np.stack([t, 11 * (1 - t**2)], 1)[::-1]])
    cv2.fillPoly(fine, [((lips * (24, 1) + (125, 182)) * 4).astype(np.int32)], (206, 130, 128))
    cv2.line(fine, (102 * 4, 182 * 4), (148 * 4, 182 * 4), LINE, 6, cv2.LINE_AA)
    picture = cv2.cvtColor(cv2.resize(fine, (256, 256), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2RGBA)
    points = _at.copy()
    points[[29, 33, 31, 34, 30]] = np.stack([125 + 24 * t[::10], 181 - 2 * (1 - t[::10] ** 2)], 1)
    points[[29, 35, 32, 36, 30]] = np.stack([125 + 24 * t[::10], 181 + 12 * (1 - t[::10] ** 2)], 1)
    points[37], points[38] = (125, 175), (125, 196)
    morpher = MouthMorpher(picture, points)
    assert not morpher.hand.opened
    assert morpher.hand.lips is not None
    assert np.abs(face(picture, morpher, neutral()) - picture).max() <= 2


@pytest.mark.parametrize("opened", [False, True])
def test_it_opens_from_a_line_without_a_jump(opened: bool) -> None:
    picture, points = drawn(opened)
    morpher = MouthMorpher(picture, points)
    heights = [tall(face(picture, morpher, vector(jawOpen=jaw))) for jaw in np.linspace(0, 1, 21)]
    steps = np.diff(heights)
    assert heights[-1] > 25
    assert steps.min() >= -1
    assert steps.max() <= 4


def test_nothing_of_an_open_mouth_is_left_when_it_shuts() -> None:
    picture, points = drawn(True)
    seen = face(picture, MouthMorpher(picture, points), neutral())[..., :3]
    inner = np.zeros((256, 256), np.uint8)
    cv2.ellipse(inner, (125, 193), (16, 4), 0, 0, 360, 1, -1)
    assert np.abs(seen - SKIN)[inner > 0].max() <= 2


@pytest.mark.parametrize("jaw", [0.0, 0.5])
def test_an_open_mouth_tells_where_it_lies_when_shut(jaw: float) -> None:
    style = Mouth(sag=7.5, dip=(0.6, 0.3), turn=2.0, arch=0.22)
    true = FaceShape(mouth=style, mouth_width=40.0)

    def opening(face: FaceShape, **asked: float) -> np.ndarray:
        return mouth_lines(face, HeadPose(0.0, 0.0, 0.0), {**REST, **asked}).opening

    rest, shown = opening(true), opening(true, jawOpen=jaw)
    known = FaceShape(mouth=replace(style, sag=0.0, turn=0.0), mouth_width=30.0)
    found = fit(known, shown[:41] + 9.0, shown[:40:-1] + 9.0, jaw > 0, float(rest[0, 1]) + 9.0 - 52.0)
    away = np.hypot(*(opening(found.face) + found.at - rest - 9.0).T)
    assert away.max() < (4.0 if jaw else 0.5)
