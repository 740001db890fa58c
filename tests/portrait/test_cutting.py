"""A drawn figure is cut out of a picture that has its background in it, whatever that is."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from liveavatar.controls import neutral
from liveavatar.portrait.cutting import cut_out, plain_ground
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.population import character
from liveavatar.rigs.population.styles import STYLES

SIDE = 480


@pytest.fixture(scope="module")
def figure() -> tuple[np.ndarray, np.ndarray]:
    """A character's picture (SIDE, SIDE, 4) uint8 premultiplied RGBA, and its points."""
    rig = DrawnRig(replace(character(11), style=STYLES["clean"]))
    return rig.render(neutral(), SIDE), rig.points(neutral(), SIDE)[0]


def ground(kind: str) -> np.ndarray:
    """(SIDE, SIDE, 3) float."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    if kind == "white":
        return np.full((SIDE, SIDE, 3), 255.0)
    if kind == "shaded":
        return np.stack([90 + 120 * y, 200 - 60 * x, 150 + 60 * y * x], -1)
    rng = np.random.default_rng(4)
    large, small = (cv2.resize(rng.uniform(40, 150, (n, n, 3)), (SIDE, SIDE)) for n in (3, 12))
    return np.asarray(0.6 * large + 0.4 * small)


def spoilt(premultiplied: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The figure before a ground, as a JPEG: (SIDE, SIDE, 3) uint8."""
    whole = premultiplied[..., :3] + (1 - premultiplied[..., 3:] / 255) * behind
    packed = cv2.imencode(".jpg", whole.round().astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))


def roughly(alpha: np.ndarray) -> np.ndarray:
    """What a segmentation knows of it: (h, w) float32, its edge some pixels off."""
    moved = np.roll(alpha.astype(np.float32) / 255, (3, -4), (0, 1))
    return np.clip(2.5 * cv2.GaussianBlur(moved, (0, 0), 7) - 0.75, 0, 1)


@pytest.mark.parametrize(("kind", "most"), [("white", 0.012), ("shaded", 0.012), ("painted", 0.03)])
def test_a_figure_is_cut_out_along_its_own_edges(
    kind: str, most: float, figure: tuple[np.ndarray, np.ndarray]
) -> None:
    premultiplied, points = figure
    rough: list[np.ndarray] = []

    def segment(rgb: np.ndarray) -> np.ndarray:
        rough.append(roughly(cv2.resize(true, rgb.shape[1::-1])))
        return rough[0]

    rgb = spoilt(premultiplied, ground(kind))
    seen = cut_out(rgb, points, lambda part: np.zeros(part.shape[:2], np.float32))
    size = seen.rgba.shape[1::-1]
    true = cv2.warpAffine(premultiplied[..., 3], seen.move, size)
    made = cut_out(rgb, points, segment).rgba
    away = np.abs(made[..., 3] - true.astype(float)).mean() / 255
    assert away < most and away < 0.75 * np.abs(rough[0] - true / 255).mean()
    # and what is left has no ground in its colours
    straight = premultiplied[..., :3] * (255 / np.maximum(premultiplied[..., 3:], 1))
    colours = cv2.warpAffine(straight.astype(np.float32), seen.move, size)
    both = (true > 100) & (made[..., 3] > 100)
    assert np.abs(made[..., :3] - colours)[both].mean() < 8


def test_a_large_picture_is_reduced_and_its_points_with_it(figure: tuple[np.ndarray, np.ndarray]) -> None:
    premultiplied, points = figure
    rgb = cv2.resize(spoilt(premultiplied, ground("white")), None, fx=5, fy=5)
    seen = cut_out(rgb, 5 * points + 2, lambda part: np.zeros(part.shape[:2], np.float32))
    assert max(seen.rgba.shape[:2]) <= 1400
    back = cv2.invertAffineTransform(seen.move)
    corner = back[:, :2] @ [-0.5, -0.5] + back[:, 2] + 0.5
    assert np.allclose(corner, corner.round(), atol=1e-6)  # a pixel's corner stays one


def test_what_is_no_smooth_field_is_no_plain_ground() -> None:
    nothing = np.zeros((SIDE, SIDE), bool)
    nothing[:200] = True
    assert plain_ground(ground("shaded").astype(np.uint8), nothing) is not None
    assert plain_ground(np.random.default_rng(1).integers(0, 255, (SIDE, SIDE, 3), np.uint8), nothing) is None
    assert plain_ground(ground("white").astype(np.uint8), np.zeros((SIDE, SIDE), bool)) is None
