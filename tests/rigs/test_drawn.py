"""The drawn character: layers, borders, controls, smoothness, boxes."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, RANGES, neutral, vector
from liveavatar.errors import TrainingError
from liveavatar.rigs import RIGS, open_rig

pytest.importorskip("skia")
pytestmark = pytest.mark.train

from liveavatar.fitting.sampling import held_out  # noqa: E402
from liveavatar.rigs.drawn import DrawnRig, mouthframe  # noqa: E402
from liveavatar.rigs.drawn.geometry import Batch, HeadPose  # noqa: E402
from liveavatar.rigs.drawn.rig import flatten  # noqa: E402

BUSY = vector(
    headYaw=0.4, headPitch=-0.2, headRoll=0.25, jawOpen=0.6, mouthSmileLeft=0.8, eyeBlinkRight=0.7,
    browInnerUp=0.5, sway=-0.7, hairX=0.8, ears=-0.4, tongueOut=0.5, breath=1.0,
)  # fmt: skip


@pytest.fixture(scope="module", params=["hoshi", "ren", "liora", "pico"])
def rig(request: pytest.FixtureRequest) -> DrawnRig:
    """One character of each set of shapes."""
    return DrawnRig(request.param)


def over(layers: np.ndarray) -> np.ndarray:
    """Source-over in another arithmetic than the rig's."""
    result = layers[0].astype(np.float64)
    for layer in layers[1:]:
        result = layer + result * (255 - layer[..., 3:]) / 255.0
    return result


def test_every_known_rig_opens_by_name() -> None:
    for name in RIGS:
        assert open_rig(name).name == name


def test_an_unknown_rig_names_the_known_ones() -> None:
    with pytest.raises(TrainingError, match="hoshi"):
        open_rig("nobody")
    with pytest.raises(TrainingError, match="hoshi"):
        DrawnRig("nobody")


def test_it_answers_to_nearly_all_controls_in_order(rig: DrawnRig) -> None:
    positions = [INDEX[name] for name in rig.controls]
    assert positions == sorted(positions)
    assert len(rig.controls) >= len(CONTROLS) - 6


@pytest.mark.parametrize("controls", [neutral(), BUSY], ids=["neutral", "busy"])
def test_layers_compose_to_the_picture(rig: DrawnRig, controls: np.ndarray) -> None:
    layers, picture = rig.render_layers(controls, 160), rig.render(controls, 160)
    assert layers.shape == (len(rig.LAYERS), 160, 160, 4) and layers.dtype == np.uint8
    assert picture.shape == (160, 160, 4) and picture.dtype == np.uint8
    assert np.abs(over(layers) - picture).max() <= 2
    strongest = dict(zip(rig.LAYERS, layers[..., 3].max((1, 2)), strict=True))
    # closed lips are half a pixel thin, what lies over a robot's glass is but a glare
    least = {"brows": 200, "lashes": 200, "mouth": 100, "over": 20}
    assert all(alpha > least.get(name, 254) for name, alpha in strongest.items())
    assert (flatten(layers) == picture).all()


def test_alpha_is_premultiplied(rig: DrawnRig) -> None:
    for layer in rig.render_layers(BUSY, 160):
        assert (layer[..., :3] <= layer[..., 3:].astype(int) + 1).all()


def test_the_same_controls_give_the_same_picture(rig: DrawnRig) -> None:
    first = rig.render(BUSY, 96)
    rig.render(neutral(), 96)
    assert (first == rig.render(BUSY, 96)).all()
    assert (first == DrawnRig(rig.name).render(BUSY, 96)).all()


def test_left_right_and_top_borders_stay_empty(rig: DrawnRig) -> None:
    for yaw in (-1, 1):
        for pitch in (-1, 1):
            for roll in (-1, 1):
                controls = vector(
                    headYaw=yaw * RANGES["headYaw"][1], headPitch=pitch * RANGES["headPitch"][1],
                    headRoll=roll * RANGES["headRoll"][1], sway=roll, hairX=roll, hairY=1, breath=1, ears=1,
                )  # fmt: skip
                alpha = rig.render(controls, 96)[..., 3]
                assert alpha[0].max() == alpha[:, 0].max() == alpha[:, -1].max() == 0
                assert alpha[-1, 48] == 255, "the bottom border cuts the body"


def test_every_control_acts_where_it_should(rig: DrawnRig) -> None:
    rest = rig.render(neutral(), 128).astype(int)
    for name in rig.controls:
        low, high = RANGES[name]
        for value in {low, high} - {0.0}:
            moved = rig.render(vector(**{name: value}), 128).astype(int)
            changed = np.abs(moved - rest).max(axis=2)
            assert (changed > 16).sum() >= 5, f"{name} at {value} changes nothing to see"


def test_left_and_right_are_the_subjects_own(rig: DrawnRig) -> None:
    rest = rig.render(neutral(), 128).astype(int)
    for name, right_half in (("eyeBlinkLeft", True), ("eyeBlinkRight", False), ("browDownLeft", True)):
        changed = np.abs(rig.render(vector(**{name: 1.0}), 128).astype(int) - rest).sum(axis=(0, 2))
        assert (changed[64:].sum() > changed[:64].sum()) == right_half


def test_head_angles_move_the_face_as_the_vocabulary_says(rig: DrawnRig) -> None:
    def middle(box: str = "mouth", **values: float) -> np.ndarray:
        x0, y0, x1, y1 = rig.boxes(vector(**values))[box]
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2])

    rest = middle()
    assert middle(headYaw=0.4)[0] > rest[0] + 10
    assert middle(headPitch=0.3)[1] < rest[1] - 5
    assert middle("eyes", headRoll=0.3)[0] > middle("eyes")[0] + 5  # the crown goes right


@pytest.mark.parametrize("name", ["eyeBlinkLeft", "jawOpen", "browInnerUp", "tongueOut", "cheekPuff", "ears"])
def test_features_fade_and_never_pop(rig: DrawnRig, name: str) -> None:
    """benchmarks/training/sweep.py does this for every control."""
    low, high = RANGES[name]
    # at 64 pixels the pen is a sixth of a pixel wide, and snaps
    pictures = [rig.render(vector(**{name: v}), 128).astype(np.float32) for v in np.linspace(low, high, 41)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(pictures)]
    assert max(steps) < 3 * np.median(steps)


@pytest.mark.parametrize("name", ["noseSneerLeft", "eyeSquintLeft", "jawOpen", "mouthPucker"])
def test_leaving_rest_is_smooth(rig: DrawnRig, name: str) -> None:
    """A pen one pixel wide, or an outline that runs back on itself, is rasterised otherwise than its neighbours."""
    rest = rig.render(neutral(), 256).astype(float)
    hair, step = (np.abs(rig.render(vector(**{name: v}), 256) - rest).mean() for v in (1e-4, 0.05))
    assert hair < 0.2 * step


@pytest.mark.parametrize(
    ("control", "box"),
    [("eyeBlinkLeft", "eye_left"), ("eyeBlinkRight", "eye_right"), ("browInnerUp", "eyes")],
)
def test_boxes_hold_what_they_name(rig: DrawnRig, control: str, box: str) -> None:
    rest, moved = rig.render(neutral(), 160), rig.render(vector(**{control: 1.0}), 160)
    change = np.abs(moved.astype(int) - rest).sum(axis=2).astype(float)
    x0, y0, x1, y1 = _union(rig.boxes(neutral(), 160)[box], rig.boxes(vector(**{control: 1.0}), 160)[box])
    inside = change[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))].sum()
    assert inside > 0.85 * change.sum()


def test_boxes_are_nested_and_inside_the_picture(rig: DrawnRig) -> None:
    for controls in (neutral(), BUSY):
        boxes = rig.boxes(controls, 256)
        assert set(boxes) == {"head", "face", "eye_left", "eye_right", "eyes", "mouth"}
        for x0, y0, x1, y1 in boxes.values():
            assert 0 <= x0 < x1 <= 256 and 0 <= y0 < y1 <= 256
        assert _inside(boxes["face"], boxes["head"])
        assert _inside(boxes["eye_left"], boxes["eyes"]) and _inside(boxes["eye_right"], boxes["eyes"])
        assert boxes["eye_left"][0] > boxes["eye_right"][0]


def test_the_head_fills_about_half_of_the_frame(rig: DrawnRig) -> None:
    from liveavatar.rigs.drawn.geometry import HeadPose

    crown = HeadPose(0, 0, 0).place(np.array([[0.0, -245.0, 0.0]]))[0, 1]
    chin = rig.boxes(neutral(), 1024)["face"][3]
    assert 0.45 <= (chin - crown) / 1024 <= 0.55


def test_wrong_shapes_are_refused(rig: DrawnRig) -> None:
    with pytest.raises(ValueError, match="shape"):
        rig.render(np.zeros(3, np.float32))


def _union(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def _inside(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] >= b[0] - 1 and a[1] >= b[1] - 1 and a[2] <= b[2] + 1 and a[3] <= b[3] + 1


def test_its_points_say_where_the_picture_went(rig: DrawnRig) -> None:
    """Pixels around a point are alike before and after: on the body, the hair behind and the eyeballs."""
    turned = vector(headYaw=0.15, headRoll=0.1, sway=0.8, eyeLookOutLeft=0.5, eyeLookInRight=0.5)
    before, after = rig.render_layers(neutral(), 256), rig.render_layers(turned, 256)
    start, end = rig.motion(neutral(), 256), rig.motion(turned, 256)
    for k, name in enumerate(rig.LAYERS):
        assert start[k].shape == end[k].shape and len(start[k]) > 50
        assert np.abs(end[k] - start[k]).max() > 2, name
    for name in ("back", "body", "eyes"):
        k = rig.LAYERS.index(name)
        a, b = (np.clip(np.round(p[k] - 0.5), 0, 255).astype(int) for p in (start, end))
        moved = np.abs(before[k][a[:, 1], a[:, 0]].astype(int) - after[k][b[:, 1], b[:, 0]]).mean()
        stayed = np.abs(before[k][a[:, 1], a[:, 0]].astype(int) - after[k][a[:, 1], a[:, 0]]).mean()
        assert moved < 0.6 * stayed, name


def test_hair_of_a_layer_moves_as_one_sheet() -> None:
    """What a flow of the whole layer can show: points in one place go the same way, those of another layer need not."""
    batch = Batch()
    here = np.array([[0.0, 0.0], [120.0, 0.0]])
    first = batch.add(here, np.array([10.0, 60.0]), 0.0)
    second = batch.add(here, np.array([90.0, 60.0]), 1.0)
    batch.settle()
    other = batch.add(here, -60.0)
    batch.settle()
    batch.freeze()
    at = batch.place(HeadPose(0.5, 0.1, 0.0), 30.0, 0.0)
    assert np.allclose(at[first], at[second])
    assert np.abs(at[other] - at[first]).max() > 20


@pytest.mark.parametrize("name", ["ren", "liora"])
def test_shadows_go_where_what_they_fall_from_or_on_goes(name: str) -> None:
    """No layer's picture slides over itself: swinging hair leaves the face alone, a dropped jaw the neck."""
    rig = DrawnRig(name)
    rest, swung, dropped = (
        rig.render_layers(controls, 256) for controls in (neutral(), vector(hairX=1.0), vector(jawOpen=1.0))
    )
    face, body, front = (rig.LAYERS.index(layer) for layer in ("face", "body", "front"))
    assert np.array_equal(rest[face], swung[face]) and np.array_equal(rest[body], swung[body])
    assert np.array_equal(rest[body], dropped[body]) and np.array_equal(rest[front], dropped[front])
    skin = rest[front][:, :, 3]
    assert ((skin > 20) & (skin < 200)).sum() > 100  # there is a shadow


@pytest.mark.parametrize("name", ["hoshi", "liora"])
def test_a_mouths_frame_holds_it_and_never_folds(name: str) -> None:
    """Whatever the mouth does, it lies within its frame, and neighbours in the frame stay neighbours, the right way round."""
    rig = DrawnRig(name)
    k = rig.LAYERS.index("mouth")
    for controls in [*held_out(30), vector(mouthPucker=1.0, cheekPuff=1.0), vector(tongueOut=1.0)]:
        points = rig.motion(controls, 256)[k].reshape(*mouthframe.SHAPE, 2)
        right, down = points[:-1, 1:] - points[:-1, :-1], points[1:, :-1] - points[:-1, :-1]
        assert (right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]).min() > 0.2
        drawn = rig.render_layers(controls, 256, {"mouth"})[k, :, :, 3]
        border = np.concatenate([points[0], points[1:, -1], points[-1, -2::-1], points[-2:0:-1, 0]])
        inside = cv2.fillPoly(np.zeros_like(drawn), [np.round(border).astype(np.int32)], 1)
        assert drawn[inside == 0].max(initial=0) < 40


def test_only_the_mouth_is_laid_out(rig: DrawnRig) -> None:
    """Its sheet shows it larger than any neutral one; all other sheets show the neutral picture."""
    lying, moved = rig.sheet_points(256), rig.motion(neutral(), 256)
    for k, name in enumerate(rig.LAYERS):
        assert lying[k].shape == moved[k].shape
        assert np.array_equal(lying[k], moved[k]) == (name != "mouth")
    mouth = rig.LAYERS.index("mouth")
    assert np.ptp(lying[mouth], 0).min() > 1.2 * np.ptp(moved[mouth], 0).min()
