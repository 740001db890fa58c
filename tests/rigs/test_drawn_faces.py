"""What the drawn characters' mouths, cheeks and lids show: closed lips are closed, half a blink covers half of the eye."""

import cv2
import numpy as np
import pytest

from liveavatar.controls import both, neutral, vector
from liveavatar.rigs import RIGS

pytest.importorskip("skia")
pytestmark = pytest.mark.train

from liveavatar.rigs.drawn import DrawnRig, mouthframe, mouthpaint  # noqa: E402
from liveavatar.rigs.drawn.colour import Tone  # noqa: E402
from liveavatar.rigs.drawn.geometry import CANVAS  # noqa: E402

SIZE = 256
ROLLED = {"mouthRollLower": 1.0, "mouthRollUpper": 1.0}
CLOSED = {
    "rest": {},
    "pucker": {"mouthPucker": 1.0},
    "half a pucker": {"mouthPucker": 0.5},
    "pucker and smile": {"mouthPucker": 1.0, **both(mouthSmile=0.6)},
    "press": both(mouthPress=1.0),
    "rolled": ROLLED,
    "close": {"mouthClose": 1.0},
    "close and jaw": {"mouthClose": 1.0, "jawOpen": 1.0},
    "half close and half jaw": {"mouthClose": 0.5, "jawOpen": 0.5},
    "pucker, close and jaw": {"mouthPucker": 1.0, "mouthClose": 0.6, "jawOpen": 0.6},
    "puff": {"cheekPuff": 1.0},
    "puff and jaw": {"cheekPuff": 1.0, "jawOpen": 0.5},
}
"""Expressions whose lips meet, by what they are called."""


@pytest.fixture(scope="module", params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> DrawnRig:
    return DrawnRig(request.param)


def layer(rig: DrawnRig, name: str, size: int = SIZE, **values: float) -> np.ndarray:
    """(size, size, 4) float64 of one layer."""
    k = rig.LAYERS.index(name)
    return rig.render_layers(vector(**values), size, {name})[k].astype(np.float64)


def inside(rig: DrawnRig, monkeypatch: pytest.MonkeyPatch, **values: float) -> int:
    """How many pixels of a picture of 512 show what lies between the lips: those that change with its colour."""
    before = layer(rig, "mouth", 512, **values)
    with monkeypatch.context() as patch:
        green = Tone(0.8, 0.25, 145)
        patch.setattr(mouthpaint, "TEETH", green)
        if rig.name == "pico":
            patch.setattr(rig._figure.painter, "glass", Tone(0.6, 0.1, 0))
        else:
            patch.setattr(rig._figure, "inside", mouthpaint.Inside(green, green, green))
        after = layer(rig, "mouth", 512, **values)
    return int((np.abs(after - before).max(axis=2) > 24).sum())


@pytest.mark.parametrize("name", CLOSED)
def test_lips_that_meet_show_nothing_between_them(
    rig: DrawnRig, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert inside(rig, monkeypatch, **CLOSED[name]) == 0


def test_open_lips_show_what_is_between_them(rig: DrawnRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure of the test above sees a small opening; a funnel is a round one."""
    for values in ({"mouthFunnel": 1.0}, {"mouthFunnel": 0.6, "jawOpen": 0.1}, {"jawOpen": 0.3}):
        assert inside(rig, monkeypatch, **values) > 40, values
    x0, y0, x1, y1 = rig.boxes(vector(mouthFunnel=1.0, jawOpen=0.1), 512)["mouth"]
    assert 0.6 < (x1 - x0) / (y1 - y0) < 1.6


def test_a_pucker_is_smaller_than_the_mouth_at_rest(rig: DrawnRig) -> None:
    rest, pucker = (layer(rig, "mouth", **v)[..., 3] > 128 for v in ({}, {"mouthPucker": 1.0}))
    assert np.ptp(np.flatnonzero(pucker.any(axis=0))) < 0.75 * np.ptp(np.flatnonzero(rest.any(axis=0)))


def middle(picture: np.ndarray) -> float:
    """Where along x (pixels) what is drawn in (h, w, 4) lies."""
    alpha = picture[..., 3]
    return float((alpha.sum(axis=0) @ np.arange(alpha.shape[1])) / alpha.sum())


@pytest.mark.parametrize("control", ["mouthLeft", "mouthRight", "jawLeft", "jawRight"])
@pytest.mark.parametrize("jaw", [0.0, 0.6])
def test_a_mouth_goes_to_the_subjects_own_side(rig: DrawnRig, control: str, jaw: float) -> None:
    """Left is the subject's: the right of the picture. With the jaw goes the chin."""
    side = 1 if control.endswith("Left") else -1
    rest, moved = (layer(rig, "mouth", jawOpen=jaw, **{control: value}) for value in (0.0, 1.0))
    assert side * (middle(moved) - middle(rest)) > 0.012 * SIZE
    skin = "eyes" if rig.name == "pico" else "face"
    chins = []
    for value in (0.0, 1.0):
        alpha = layer(rig, skin, jawOpen=jaw, **{control: value})[..., 3]
        bottom = int(np.flatnonzero(alpha.max(axis=1) > 128)[-1])
        chins.append(middle(layer(rig, skin, jawOpen=jaw, **{control: value})[bottom - 2 : bottom + 1]))
    assert side * (chins[1] - chins[0]) > (0.008 if "jaw" in control else 0.0015) * SIZE


def test_full_cheeks_round_the_outline_and_the_shading(rig: DrawnRig) -> None:
    _, y0, _, y1 = (int(v) for v in rig.boxes(neutral(), SIZE)["mouth"])
    skin = "eyes" if rig.name == "pico" else "face"
    rest, full = (layer(rig, skin, cheekPuff=value) for value in (0.0, 1.0))
    row = (y0 + y1) // 2
    assert (full[row, :, 3] > 128).sum() > (rest[row, :, 3] > 128).sum() + 0.02 * SIZE
    pink = [layer(rig, "face", cheekPuff=v)[row - 30 : row, :, :3] for v in (0.0, 1.0)]
    redder = (pink[1][..., 0] - pink[1][..., 2]) - (pink[0][..., 0] - pink[0][..., 2])
    assert (redder > 10).sum() > 50


def uncovered(rig: DrawnRig, **values: float) -> int:
    """How much of both eyes is seen between the lids, in pixels: holes in the face."""
    around = np.zeros((SIZE, SIZE), np.uint8)
    for lines in rig.pose(neutral()).eyes.values():
        cv2.fillPoly(around, [np.round(lines.opening * SIZE / CANVAS).astype(np.int32)], 1)
    return int(((layer(rig, "face", **values)[..., 3] < 230) & (around > 0)).sum())


LAUGH = {
    name + side: 1.0 for name in ("eyeSquint", "cheekSquint", "mouthSmile") for side in ("Left", "Right")
}


def test_half_a_blink_covers_half_of_the_eye(rig: DrawnRig) -> None:
    amounts = np.linspace(0.0, 1.0, 9)
    seen = np.array([uncovered(rig, **both(eyeBlink=float(a))) for a in amounts])
    covered = 1 - seen / seen[0]
    assert (np.diff(covered) >= 0).all() and (np.diff(covered[:8]) > 0.04).all(), covered
    assert np.abs(covered - amounts).max() < 0.13 and abs(covered[4] - 0.5) < 0.05, covered
    assert covered[-1] > 0.99


def test_laughing_eyes_close_without_a_rest_of_the_iris(rig: DrawnRig) -> None:
    amounts = (0.0, 0.4, 0.7, 0.95, 1.0)
    seen = np.array([uncovered(rig, **{name: a * value for name, value in LAUGH.items()}) for a in amounts])
    covered = 1 - seen / seen[0]
    assert (np.diff(covered) > -0.002).all() and (covered[-2:] > 0.99).all(), covered


@pytest.mark.parametrize("blink", [0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
def test_lashes_stay_whole(rig: DrawnRig, blink: float) -> None:
    """Two of them in one piece each, without a step in their upper edge."""
    if "lashes" not in rig.LAYERS:
        pytest.skip("a robot has none")
    for values in (both(eyeBlink=blink), {name: blink * value for name, value in LAUGH.items()}):
        inked = (layer(rig, "lashes", **values)[..., 3] > 60).astype(np.uint8)
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(inked)
        largest = 1 + np.argsort(stats[1:, cv2.CC_STAT_AREA])[-2:]
        # all but a pixel of a fine tip
        assert stats[largest, cv2.CC_STAT_AREA].sum() > 0.97 * inked.sum()
        for piece in largest:
            # a lash's upper edge between its ends, where no second lash leaves it
            columns = np.flatnonzero((pieces == piece).any(axis=0))
            part = columns[len(columns) // 5 : 3 * len(columns) // 5 :]
            edge = [np.flatnonzero(pieces[:, x] == piece)[0] for x in part]
            assert np.abs(np.diff(edge)).max() <= 3


@pytest.mark.parametrize(
    "values",
    [
        *({**CLOSED[name]} for name in ("pucker", "rolled", "pucker, close and jaw", "puff and jaw")),
        {"mouthFunnel": 1.0, "mouthPucker": 1.0},
        {"mouthLeft": 1.0, "jawLeft": 1.0, "jawOpen": 0.8},
        {"mouthRight": 1.0, "jawRight": 1.0, "jawOpen": 1.0, "headYaw": 0.5, **both(mouthSmile=1.0)},
    ],
)  # fmt: skip
def test_frame_and_box_hold_the_mouth(rig: DrawnRig, values: dict[str, float]) -> None:
    """Its points lie round what is drawn, none folded over, and the box that evaluation cuts out holds it."""
    drawn = layer(rig, "mouth", **values)[..., 3]
    k = rig.LAYERS.index("mouth")
    points = rig.motion(vector(**values), SIZE)[k].reshape(*mouthframe.SHAPE, 2)
    right, down = points[:-1, 1:] - points[:-1, :-1], points[1:, :-1] - points[:-1, :-1]
    assert (right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]).min() > 0.2
    border = np.concatenate([points[0], points[1:, -1], points[-1, -2::-1], points[-2:0:-1, 0]])
    inside = cv2.fillPoly(np.zeros((SIZE, SIZE), np.uint8), [np.round(border).astype(np.int32)], 1)
    assert drawn[inside == 0].max(initial=0) < 60
    x0, y0, x1, y1 = rig.boxes(vector(**values), SIZE)["mouth"]
    rows, columns = np.nonzero(drawn > 140)
    assert (
        x0 - 3 <= columns.min() and columns.max() <= x1 + 3 and y0 - 3 <= rows.min() and rows.max() <= y1 + 3
    )
