"""A picture's rig: framed as a flagship, the picture again at rest, hair that swings from its roots, a head that turns whole."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.controls import neutral, vector
from liveavatar.errors import TrainingError
from liveavatar.fitting.layout import layout_for
from liveavatar.fitting.sampling import sample_many
from liveavatar.landmarks.points import INDEX
from liveavatar.rigs import Rig, open_rig
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.facepoints import FacePlaces, face_points
from liveavatar.rigs.drawn.geometry import CANVAS as UNITS
from liveavatar.rigs.picture import prepare as preparing
from liveavatar.rigs.picture import rig as picture_rig
from liveavatar.rigs.picture.contour import jaw_of
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape
from liveavatar.rigs.picture.eyeguide import CROP
from liveavatar.rigs.picture.eyemorpher import EyeMorpher
from liveavatar.rigs.picture.eyeparts import Apart
from liveavatar.rigs.picture.framing import CANVAS, framed
from liveavatar.rigs.picture.parts import HIDDEN, VISIBLE, Parts, take_apart

SIDE = 640


@pytest.fixture(scope="module")
def drawing() -> tuple[np.ndarray, np.ndarray, DrawnRig]:
    """A character of the population: its picture (SIDE, SIDE, 4), not premultiplied, its points and the rig that drew it."""
    rig = open_rig("seed-3")
    assert isinstance(rig, DrawnRig)
    picture = rig.render(neutral(), SIDE).astype(np.float32)
    picture[..., :3] *= 255 / np.maximum(picture[..., 3:], 1)
    scene = rig.pose(neutral())
    points = face_points(scene, FacePlaces(rig._figure)) * (SIDE / UNITS)
    return picture.clip(0, 255).round().astype(np.uint8), points, rig


@pytest.fixture(scope="module")
def told(drawing: tuple[np.ndarray, np.ndarray, DrawnRig]) -> tuple[Parts, np.ndarray]:
    """What is what, told by the rig that drew it, not by the network; and the picture on the canvas, premultiplied."""
    rgba, points, teacher = drawing
    layers = dict(zip(teacher.LAYERS, teacher.render_layers(neutral(), SIDE), strict=True))
    move = framed(rgba, points).move

    def placed(*names: str) -> np.ndarray:
        alphas = [
            cv2.warpAffine(layers[n][..., 3] / 255, move, (CANVAS, CANVAS)) for n in names if n in layers
        ]
        return np.max(alphas, 0).astype(np.float32)

    shapes = {
        "back": placed("back"),
        "body": placed("body"),
        "face": placed("face"),
        "front": placed("front", "over"),
    }
    seen, through = {}, np.ones((CANVAS, CANVAS), np.float32)
    for name in ("front", "face", "body", "back"):
        seen[name] = shapes[name] * through
        through = through * (1 - shapes[name])
    at = framed(rgba, points)
    parts = Parts(
        np.stack([through, *(seen[name] for name in VISIBLE[1:])]),
        np.stack([shapes[name] for name in HIDDEN]),
        jaw_of(at.picture, at.points, shapes["face"]),
    )
    return parts, at.picture


def prepared(parts: Parts, rgba: np.ndarray, points: np.ndarray, path: Path, mouth: bool = True) -> Rig:
    """The rig of a picture of which is known what is what."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparing, "take_apart", lambda *_: parts)
        for module in (preparing, picture_rig):
            patch.setattr(module, "EyeMorpher", partial(EyeMorpher, take=nothing_but_skin, finish=None))
        return open_rig(preparing.prepare(rgba, points, path, mouth=mouth))


def test_what_covers_a_mouth_is_not_drawn_over(
    drawing: tuple[np.ndarray, np.ndarray, DrawnRig], told: tuple[Parts, np.ndarray], tmp_path: Path
) -> None:
    rgba, points, _ = drawing
    rig = prepared(told[0], rgba, points, tmp_path / "masked.npz", mouth=False)
    x0, y0, x1, y1 = map(int, rig.boxes(neutral(), CANVAS)["mouth"])
    rest = rig.render(neutral(), CANVAS)[y0:y1, x0:x1].astype(int)
    assert np.abs(rest - told[1][y0:y1, x0:x1]).mean() < 1
    mouth = rig.LAYERS.index("mouth")
    assert not rig.render_layers(vector(jawOpen=1), CANVAS, ["mouth"])[mouth].any()


@pytest.fixture(scope="module")
def made(
    drawing: tuple[np.ndarray, np.ndarray, DrawnRig],
    told: tuple[Parts, np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Rig, np.ndarray]:
    """Its rig, and the picture on the canvas, premultiplied."""
    rgba, points, _ = drawing
    parts, picture = told
    return prepared(parts, rgba, points, tmp_path_factory.mktemp("picture") / "seed.npz"), picture


def nothing_but_skin(rgb: np.ndarray, shape: EyeShape, frame: EyeFrame) -> Apart:
    """What the eyes' network would say of a place without an eye."""
    none = np.zeros((CROP, CROP), np.float32)
    masks = dict.fromkeys(("front", "lash", "brow", "lines", "hole", "iris"), none)
    colours = {name: rgb.astype(np.float32) for name in ("skin", "white", "iris")}
    return Apart(shape, masks | {"skin": none}, colours)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, (0, 0)), (0.4, (180, 40)), (0.7, (-60, 150))])
def test_the_head_stands_where_a_flagships_does_however_it_is_framed(
    drawing: tuple[np.ndarray, np.ndarray, DrawnRig], scale: float, shift: tuple[int, int]
) -> None:
    rgba, points, _ = drawing
    move = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    other = cv2.warpAffine(rgba, move, (SIDE, SIDE), flags=cv2.INTER_AREA)
    placed = framed(other, points * scale + shift)
    crown, chin = (placed.points[INDEX[name]] for name in ("crown", "chin"))
    assert 0.45 <= (chin[1] - crown[1]) / CANVAS <= 0.55
    assert abs(chin[0] - CANVAS / 2) < 0.05 * CANVAS
    # The bust does not float: what was cut off below, or by the picture's edge, runs out of the frame.
    assert placed.picture[-1, :, 3].max() == 255


def test_at_rest_it_is_the_picture(made: tuple[Rig, np.ndarray]) -> None:
    rig, picture = made
    away = np.abs(rig.render(neutral(), CANVAS).astype(int) - picture)
    for part in ("mouth", "eyes"):  # drawn anew; the eyes without their network
        x0, y0, x1, y1 = (int(v) for v in rig.boxes(neutral(), CANVAS)[part])
        away[y0 - 60 : y1 + 60, x0 - 60 : x1 + 60] = 0
    assert away.mean() < 0.5
    assert np.percentile(away.max(-1), 99.5) <= 4


def test_hair_swings_from_its_roots(made: tuple[Rig, np.ndarray]) -> None:
    rig, _ = made
    k = rig.LAYERS.index("front")
    rest, swung = (rig.motion(vector(hairX=x), CANVAS)[k] for x in (0.0, 1.0))
    away = (swung - rest)[:, 0]
    high, low = rest[:, 1] < np.percentile(rest[:, 1], 10), rest[:, 1] > np.percentile(rest[:, 1], 90)
    assert np.abs(away[high]).max() < 1.0 < 5.0 < away[low].min()


def test_a_turned_head_has_no_folds_and_keeps_its_body(made: tuple[Rig, np.ndarray]) -> None:
    rig, _ = made
    for controls in (vector(headYaw=0.35), vector(headYaw=-0.35, headPitch=0.26), vector(headRoll=0.3)):
        for layer, rest, now in zip(
            rig.LAYERS, rig.motion(neutral(), CANVAS), rig.motion(controls, CANVAS), strict=True
        ):
            if layer in ("back", "body", "face", "front"):
                # neighbours on a row stay in order
                row = (
                    np.isclose(rest[1:, 1], rest[:-1, 1])
                    & (np.diff(rest[:, 0]) > 0)
                    & (np.diff(rest[:, 0]) < 40)
                )
                assert np.diff(now[:, 0])[row].min() > 0, (layer, controls)
    mouth = {yaw: rig.boxes(vector(headYaw=yaw), CANVAS)["mouth"][0] for yaw in (-0.3, 0.0, 0.3)}
    assert mouth[-0.3] < mouth[0.0] - 15 and mouth[0.3] > mouth[0.0] + 15
    rest, breathed = (rig.motion(vector(breath=x), CANVAS)[1] for x in (0.0, 1.0))
    assert np.abs(breathed - rest)[rest[:, 1] > CANVAS - 20, 1].max() < 1.0


def test_hair_told_half_as_clothes_does_not_part_when_the_head_turns(
    drawing: tuple[np.ndarray, np.ndarray, DrawnRig], told: tuple[Parts, np.ndarray], tmp_path: Path
) -> None:
    parts, _ = told
    front, body = VISIBLE.index("front"), VISIBLE.index("body")
    seen = parts.seen.copy()
    rows = np.flatnonzero((seen[front] > 0.5).sum(1) > 40)
    cut = int(rows[0] + 0.6 * (rows[-1] - rows[0]))
    seen[body, cut:] += seen[front, cut:]
    seen[front, cut:] = 0
    rgba, points, _ = drawing
    rig = prepared(parts._replace(seen=seen), rgba, points, tmp_path / "cut.npz")
    border = np.argwhere(parts.seen[front, cut] > 0.9)[:, 0]
    for controls in (vector(headYaw=0.35), vector(headPitch=0.26), vector(headRoll=0.35)):
        gone: dict[str, dict[tuple[int, int], np.ndarray]] = {}
        for layer, rest, now in zip(
            rig.LAYERS, rig.motion(neutral(), CANVAS), rig.motion(controls, CANVAS), strict=True
        ):
            gone[layer] = {(int(x), int(y)): d for (x, y), d in zip(rest, now - rest, strict=True)}
        shared = [
            at
            for at in gone["front"]
            if at in gone["body"] and abs(at[1] - cut) < 20 and np.abs(border - at[0]).min() < 8
        ]
        assert shared
        apart = [np.linalg.norm(gone["front"][at] - gone["body"][at]) for at in shared]
        assert max(apart) < 12, controls  # pixels of 1024; what is painted below reaches 24


def test_a_package_paints_its_lashes_anew_as_lids_shut(
    made: tuple[Rig, np.ndarray], drawing: tuple[np.ndarray, np.ndarray, DrawnRig]
) -> None:
    conditions = sample_many(24, 1)
    patches = layout_for(made[0], conditions, 512).patches
    eyes = {p.name: p.box for p in patches if p.layer == "face" and p.name.startswith("eye")}
    lashes = {p.name.removesuffix("_lashes"): p.box for p in patches if p.layer == "lashes"}
    assert len(eyes) == 2 and lashes == eyes
    # a character drawn in code moves its lashes as they are
    assert "lashes" not in {p.layer for p in layout_for(drawing[2], conditions, 512).patches}


def test_a_mouth_that_opens_takes_the_chin_with_it(made: tuple[Rig, np.ndarray]) -> None:
    rig, _ = made
    shut, wide = (rig.boxes(vector(jawOpen=x), CANVAS) for x in (0.0, 1.0))
    assert wide["face"][3] > shut["face"][3] + 8
    assert wide["face"][1] == pytest.approx(shut["face"][1], abs=0.5)
    k = rig.LAYERS.index("mouth")
    dark = [rig.render_layers(vector(jawOpen=x), 512, {"mouth"})[k][..., 3].sum() for x in (0.0, 1.0)]
    assert dark[1] > 1.5 * dark[0]


def test_what_is_no_prepared_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="prepared picture"):
        open_rig(f"picture-{tmp_path / 'none.npz'}")
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04nonsense")
    with pytest.raises(TrainingError, match="prepared picture"):
        open_rig(f"picture-{tmp_path / 'bad.npz'}")


def test_the_network_that_ships_tells_hair_face_and_clothes_apart(
    drawing: tuple[np.ndarray, np.ndarray, DrawnRig],
) -> None:
    rgba, points, teacher = drawing
    placed = framed(rgba, points)
    found = take_apart(placed.picture, placed.points).seen.argmax(0)
    layers = dict(zip(teacher.LAYERS, teacher.render_layers(neutral(), SIDE), strict=True))

    def alone(name: str, *before: str) -> np.ndarray:
        alpha = {
            n: cv2.warpAffine(layers[n][..., 3], placed.move, (CANVAS, CANVAS)) > 128 for n in (name, *before)
        }
        return np.asarray(
            alpha[name] & ~np.any([alpha[n] for n in before] or [np.zeros_like(alpha[name])], 0)
        )

    for name, before in (("front", ()), ("face", ("front",)), ("body", ("front", "face"))):
        true = alone(name, *before)
        assert (found[true] == VISIBLE.index(name)).mean() > 0.85, name
