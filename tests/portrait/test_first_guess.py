"""Points to begin with: they must be usable at once, and near a face where there is one."""

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.landmarks.points import NAMES
from liveavatar.media.picture import Picture
from liveavatar.portrait.drawn_points import check_drawn, listed
from liveavatar.portrait.first_guess import face_in_outline
from liveavatar.portrait.photo import Photo
from liveavatar.portrait.points import OPTIONAL, REQUIRED
from liveavatar.portrait.request import Request
from liveavatar.trackers.pictures import FaceFinder


def figure(
    head: tuple[int, int], radius: int, shoulders: int, size: tuple[int, int] = (512, 512)
) -> np.ndarray:
    """(H, W) uint8 alpha: a round head, a neck, a body down to the edge."""
    alpha = np.zeros(size[::-1], np.uint8)
    x, y = head
    cv2.circle(alpha, head, radius, 255, -1)
    cv2.rectangle(alpha, (x - radius // 3, y), (x + radius // 3, y + 2 * radius), 255, -1)
    top = y + round(1.3 * radius)
    cv2.ellipse(alpha, (x, size[1]), (shoulders, size[1] - top), 0, 0, 360, 255, -1)
    return alpha


@pytest.mark.parametrize(
    ("head", "radius", "shoulders"), [((256, 180), 120, 220), ((200, 90), 60, 110), ((330, 140), 90, 150)]
)
def test_a_face_is_put_into_the_figures_head(head: tuple[int, int], radius: int, shoulders: int) -> None:
    points = check_drawn(listed(face_in_outline(figure(head, radius, shoulders))), (512, 512))
    for name in (*REQUIRED, "forehead", "nose"):
        assert np.linalg.norm(np.subtract(points[name][:2], head)) < 1.15 * radius, name
    assert abs(points["chin"][0] - head[0]) < 0.1 * radius
    assert 0.5 * radius < points["chin"][1] - head[1] < 1.15 * radius
    assert 0.8 * radius < points["chin"][1] - points["forehead"][1] < 1.6 * radius


@pytest.mark.parametrize("shape", [(512, 512), (64, 300), (300, 64), (48, 48)])
def test_any_outline_gives_usable_points(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(5)
    noise = cv2.GaussianBlur(random.random(shape).astype(np.float32), (0, 0), 3) > 0.5
    for alpha in (np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8), noise.astype(np.uint8) * 255):
        assert set(check_drawn(listed(face_in_outline(alpha)), shape[::-1])) == set(NAMES)


def test_a_face_that_is_found_gives_its_own_points(model: Path) -> None:
    frame = next(iter(open_camera(str(SYNTHETIC), paced=False))).image
    picture = Picture(np.dstack([frame, np.full(frame.shape[:2], 255, np.uint8)]), has_alpha=True)
    request = Request(Path("person.png"), "x", "")
    with closing(FaceFinder(model)) as finder:
        face = finder.find(frame)[0]
        points = Photo(picture, face, finder, request, print, None).suggested()
    seen = face.landmarks
    width = np.linalg.norm(seen[33, :2] - seen[263, :2])
    for name in ("rightEyeOuter", "leftEyeOuter", "chin", "mouthLeft", "nose"):
        assert np.linalg.norm(seen[{**REQUIRED, **OPTIONAL}[name], :2] - points[name]) < 0.06 * width, name
    assert 0 < points["mouthBottom"][1] - points["mouthTop"][1] < 0.12 * width  # the opening, not the lips
