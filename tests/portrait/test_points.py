"""Points of a photo set by hand: what is refused, and the face that is made of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveavatar.errors import PictureError
from liveavatar.portrait.placed_face import place_face
from liveavatar.portrait.points import OPTIONAL, REQUIRED, check_points, read_points
from liveavatar.renderers.portrait.motion import rest_face, rotation
from liveavatar.renderers.portrait.topology import EYES

POINTS: dict[str, list[float]] = {
    "rightEyeOuter": [176, 250], "rightEyeInner": [236, 262], "rightEyeUpper": [203, 232], "rightEyeLower": [205, 281],
    "leftEyeInner": [276, 262], "leftEyeOuter": [338, 250], "leftEyeUpper": [310, 232], "leftEyeLower": [308, 281],
    "rightBrow": [202, 199], "leftBrow": [312, 199], "mouthRight": [238, 309], "mouthLeft": [274, 309],
    "mouthTop": [256, 310.5], "mouthBottom": [256, 313.5], "chin": [256, 345],
    "rightIris": [206, 255, 24], "leftIris": [307, 255, 24],
}  # fmt: skip


def write(path: Path, points: Any) -> Path:
    path.write_text(points if isinstance(points, str) else json.dumps(points), encoding="utf-8")
    return path


def read(tmp_path: Path, **changes: Any) -> dict[str, list[float]]:
    points = {k: v for k, v in {**POINTS, **changes}.items() if v is not None}
    return read_points(write(tmp_path / "点.json", points), (512, 512), check_points)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"chin": None, "leftIris": None}, "lacks chin, leftIris"),
        ({"ear": [1, 2]}, "unknown points 'ear'; optional are rightBrowOuter"),
        ({"chin": [256, 900]}, r"chin lies outside the picture \(512x512\)"),
        ({"chin": [256]}, r"chin must be \[x, y\]"),
        ({"chin": ["a", "b"]}, r"chin must be \[x, y\]"),
        ({"chin": [256, float("nan")]}, "NaN is no number"),
        ({"chin": [256, True]}, r"chin must be \[x, y\]"),
        ({"chin": {"0": 1, "1": 2}}, r"chin must be \[x, y\]"),
        ({"chin": [256, 10**30]}, r"chin must be \[x, y\]"),
        ({"chin": "12"}, r"chin must be \[x, y\]"),
        ({"leftIris": [307, 255]}, r"leftIris must be \[x, y, radius\]"),
        ({"leftIris": [307, 255, 400]}, "leftIris has radius 400"),
        ({"rightEyeOuter": [236, 262], "rightEyeInner": [176, 250]}, "rightEyeOuter and rightEyeInner are crossed"),
        ({"mouthRight": [274, 309], "mouthLeft": [238, 309]}, "mouthRight and mouthLeft are crossed.*subject's own"),
        ({"leftEyeUpper": [308, 281], "leftEyeLower": [310, 232]}, "leftEyeUpper and leftEyeLower are crossed"),
        ({"leftEyeOuter": [178, 250]}, "less than 8 pixels"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PictureError, match=words):
        read(tmp_path, **changes)


def test_files_that_are_none(tmp_path: Path) -> None:
    for content, words in (("{", "is no JSON"), ("[]", "must be a JSON object")):
        with pytest.raises(PictureError, match=words):
            read_points(write(tmp_path / "p.json", content), (512, 512), check_points)
    with pytest.raises(PictureError, match="cannot be read"):
        read_points(tmp_path / "none.json", (512, 512), check_points)


def test_the_face_passes_through_the_points(tmp_path: Path) -> None:
    placed = place_face(read(tmp_path))
    for name in ("rightEyeOuter", "leftEyeOuter", "rightBrow", "chin", "mouthRight"):
        assert np.linalg.norm(placed.landmarks[REQUIRED[name], :2] - POINTS[name]) < 2.5, name
    assert not placed.open_mouth
    assert place_face(read(tmp_path, mouthBottom=[256, 325])).open_mouth


def test_the_pose_is_found() -> None:
    """The person's own landmarks, turned by a known angle, in place of a user's points."""
    turn = rotation(0.35, 0.1, 0.15)
    seen = rest_face() @ turn.T * [200.0, -200.0, -200.0] + [256, 256, 0]
    points = {name: seen[i, :2].tolist() for name, i in {**REQUIRED, **OPTIONAL}.items()}
    for side in EYES:
        points[f"{side.lower()}Iris"] = [*seen[EYES[side]["iris"][0], :2].tolist(), 9.0]
    placed = place_face(points)
    cosine = (np.trace(placed.rotation.T @ turn) - 1) / 2
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))) < 8
    skin = np.r_[1:60, 100:140]
    assert np.linalg.norm(placed.landmarks[skin, :2] - seen[skin, :2], axis=1).mean() < 6
