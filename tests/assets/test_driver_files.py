"""The driver clip that ships and its ground truth fit each other."""

import itertools
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from liveavatar.controls import BLENDSHAPES, CONTROLS, HEAD, RANGES

ASSETS = Path(__file__).resolve().parents[2] / "liveavatar" / "assets"
CLIP = ASSETS / "driver.mp4"


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((ASSETS / "driver.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def values(truth: dict[str, Any]) -> np.ndarray:
    return np.array(truth["values"])


def column(truth: dict[str, Any], values: np.ndarray, name: str) -> np.ndarray:
    return values[:, truth["controls"].index(name)]


@pytest.fixture(scope="module")
def pictures(truth: dict[str, Any]) -> dict[int, np.ndarray]:
    """Every decoded picture's number; pixels only of the still ranges' ends and some between."""
    wanted = {i for pair in truth["still"] for i in pair} | set(range(60, truth["frames"], 60))
    with av.open(str(CLIP)) as container:
        return {
            i: frame.to_ndarray(format="rgb24") if i in wanted else np.empty(0)
            for i, frame in enumerate(container.decode(video=0))
        }


def test_stream_matches_truth(truth: dict[str, Any]) -> None:
    with av.open(str(CLIP)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert [stream.width, stream.height] == truth["size"] == [512, 512]
        assert stream.average_rate == truth["fps"] == 30
        assert not container.streams.audio


def test_every_frame_has_its_truth(
    truth: dict[str, Any], values: np.ndarray, pictures: dict[int, np.ndarray]
) -> None:
    assert len(pictures) == truth["frames"] == len(values)
    assert values.shape[1] == len(truth["controls"])
    assert 20 <= truth["frames"] / truth["fps"] <= 24


def test_clip_is_small_and_starts_fast() -> None:
    data = CLIP.read_bytes()
    assert len(data) < 2_000_000
    assert data.index(b"moov") < data.index(b"mdat"), "the index must stand before the pictures"


def test_controls_are_known_and_in_range(truth: dict[str, Any], values: np.ndarray) -> None:
    names = truth["controls"]
    assert len(set(names)) == len(names)
    assert set(names) <= set(CONTROLS)
    assert set(HEAD) <= set(names)
    assert np.isfinite(values).all()
    for name, series in zip(names, values.T, strict=True):
        low, high = RANGES[name]
        assert series.min() >= low - 1e-3 and series.max() <= high + 1e-3, name
        assert np.ptp(series) > 0, f"{name} is listed but never moves"


def test_the_performance_covers_what_avatars_do(truth: dict[str, Any], values: np.ndarray) -> None:
    for name in (
        "jawOpen",
        "mouthSmileLeft",
        "mouthSmileRight",
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "browInnerUp",
    ):
        assert column(truth, values, name).max() > 0.9, name
    for name, degrees in (("headYaw", 22), ("headPitch", 13), ("headRoll", 13)):
        angle = np.degrees(column(truth, values, name))
        assert angle.min() < -degrees and angle.max() > degrees, name
    left, right = column(truth, values, "eyeBlinkLeft"), column(truth, values, "eyeBlinkRight")
    assert (left - right).max() > 0.9 and (right - left).max() > 0.9, "both winks"
    assert sum(name in BLENDSHAPES for name in truth["controls"]) >= 35


def test_motion_is_smooth(truth: dict[str, Any], values: np.ndarray) -> None:
    head = np.stack([column(truth, values, name) for name in HEAD], 1)
    assert np.abs(np.diff(np.degrees(head), axis=0)).max() < 8, "degrees between two frames"


def test_still_ranges_are_still(
    truth: dict[str, Any], values: np.ndarray, pictures: dict[int, np.ndarray]
) -> None:
    assert truth["still"]
    before = -1
    for first, last in truth["still"]:
        assert before < first < last < truth["frames"]
        before = last
        assert (last - first + 1) / truth["fps"] >= 0.9
        assert np.ptp(values[first : last + 1], axis=0).max() == 0
        difference = np.abs(pictures[first].astype(float) - pictures[last])
        assert difference.mean() < 1.5
    assert np.abs(values[0]).max() == 0, "the clip opens on the neutral face"


def test_pictures_move_outside_the_still_ranges(pictures: dict[int, np.ndarray]) -> None:
    moving = [p.astype(float) for i, p in pictures.items() if p.size and i > 60]
    assert max(np.abs(a - b).mean() for a, b in itertools.pairwise(moving)) > 3


def test_provenance_is_stated(truth: dict[str, Any]) -> None:
    assert truth["licence"] == "CC0-1.0"
    assert any("Mika Suominen" in line for line in truth["credits"])
    assert truth["made_by"] == "scripts/driver_clip.py"
