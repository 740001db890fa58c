"""Eyes of a picture in any expression: lids that shut, irises that stay whole, and a picture that stays as it is at rest."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from liveavatar.controls import both, gaze, neutral, vector
from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape
from liveavatar.rigs.picture.eyeguide import CROP, guide
from liveavatar.rigs.picture.eyelines import REST, EyeMotion, EyeState
from liveavatar.rigs.picture.eyemorpher import EyeMorpher
from liveavatar.rigs.picture.eyeparts import Apart
from liveavatar.rigs.picture.fill import matched, spread
from liveavatar.rigs.picture.sweep import carried

SIZE = 512
SKIN, WHITE, IRIS, LASH, BROW = (246, 220, 204), (250, 248, 250), (70, 110, 190), (60, 36, 50), (120, 80, 60)
HAIR = (90, 160, 120)
MIDDLES = {-1: np.array([200.0, 260.0]), 1: np.array([312.0, 260.0])}


def shape(side: int) -> EyeShape:
    """A round eye, 60 pixels wide, in the picture."""

    def put(points: list[tuple[float, float]]) -> np.ndarray:
        return MIDDLES[side] + np.array(points) * (side * 0.5, 0.5)

    upper = put([(-60, 10), (-30, -26), (0, -36), (34, -30), (60, -2)])
    lower = put([(-60, 10), (-30, 34), (0, 42), (34, 36), (60, -2)])
    brow = put([(-50, -70), (0, -84), (60, -70)])
    return EyeShape(
        curve(upper, 6), curve(lower, 6), put([(0, 2)])[0], np.array([19.0, 22.0]), curve(brow, 8)
    )


@cache
def picture() -> tuple[np.ndarray, np.ndarray]:
    """A face of nothing but eyes (SIZE, SIZE, 4), and its points (46, 2)."""
    k = 4
    fine = np.full((SIZE * k, SIZE * k, 3), SKIN, np.uint8)
    points = np.zeros((46, 2), np.float32)
    for side, row, brow in ((-1, 0, 22), (1, 11, 25)):
        s = shape(side)
        rim = np.round(np.concatenate([s.upper, s.lower[::-1]]) * k).astype(np.int32)
        ball, hole = np.full_like(fine, WHITE), np.zeros(fine.shape[:2], np.uint8)
        middle, radii = (np.round(v * k).astype(int) for v in (s.iris, s.radii))
        cv2.ellipse(ball, middle.tolist(), radii.tolist(), 0, 0, 360, IRIS, -1)
        cv2.fillPoly(hole, [rim], 255)
        fine = np.where(hole[..., None] > 0, ball, fine)
        cv2.polylines(fine, [np.round((s.upper - (0, 2)) * k).astype(np.int32)], False, LASH, 5 * k)
        cv2.polylines(fine, [np.round(s.brow * k).astype(np.int32)], False, BROW, 4 * k)
        u, low = s.upper[[24, 18, 12, 6, 0]], s.lower[[6, 12, 18]]
        rims = s.iris + np.diag(s.radii) * (side, 1)
        points[row : row + 11] = np.concatenate([u, low, s.iris[None], rims])
        points[brow : brow + 3] = s.brow[[-1, len(s.brow) // 2, 0]]
    small = cv2.resize(fine, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2RGBA), points


def by_colour(rgb: np.ndarray, drawn: EyeShape, frame: EyeFrame) -> Apart:
    """What the network would say, by the few colours that there are."""

    def like(tone: tuple[int, int, int]) -> np.ndarray:
        return np.exp(-((rgb - np.array(tone) / 255) ** 2).sum(-1) / 0.02).astype(np.float32)

    inside, _, disc, _ = guide(drawn)
    none = np.zeros((CROP, CROP), np.float32)
    masks = {
        "front": none,
        "lash": like(LASH),
        "brow": like(BROW),
        "lines": none,
        "hole": inside,
        "iris": disc,
    }
    colours = {n: np.tile(np.float32(c) / 255, (CROP, CROP, 1)) for n, c in
               (("skin", SKIN), ("white", WHITE), ("iris", IRIS))}  # fmt: skip
    return Apart(drawn, masks | {"skin": none + 1}, colours)


@cache
def morpher() -> EyeMorpher:
    return EyeMorpher(*picture(), by_colour, None)


def drawn(controls: np.ndarray) -> np.ndarray:
    """(SIZE, SIZE, 3) the picture in an expression, from the layers that a rig is given."""
    result = picture()[0][..., :3].astype(np.float64)
    layers = morpher().draw(controls)
    for k in range(2):
        x, y, face = layers["face"][k]
        box = result[y : y + len(face), x : x + len(face[0])]
        box[...] = face[..., :3] + box * (1 - face[..., 3:] / 255)
        hole, ball = layers["hole"][k][2][..., None] / 255, layers["eyes"][k][2]
        box[...] = box * (1 - hole) + ball[..., :3] * hole
        for name in ("lashes", "brows"):
            top = layers[name][k][2]
            box[...] = top[..., :3] + box * (1 - top[..., 3:] / 255)
    return result


def at(seen: np.ndarray, point: tuple[float, float]) -> np.ndarray:
    x, y = (round(v) for v in point)
    return np.asarray(seen[y - 1 : y + 2, x - 1 : x + 2].mean((0, 1)))


def test_at_rest_it_is_the_picture() -> None:
    assert np.abs(drawn(neutral()) - picture()[0][..., :3]).mean() < 0.5


def test_shut_lids_are_skin_with_a_lash_line_below() -> None:
    seen = drawn(vector(**both(eyeBlink=1.0)))
    assert np.abs(at(seen, (200, 255)) - SKIN).max() < 8  # where the iris was
    column = seen[260:290, 200].mean(-1)
    assert column.min() < 110  # the lash
    assert 272 <= 260 + column.argmin() <= 284
    assert max(hole.max() for _, _, hole in morpher().draw(vector(**both(eyeBlink=1.0)))["hole"]) == 0


def test_a_shut_lash_is_one_line_without_lumps() -> None:
    for blink in (0.75, 1.0):
        x, _, lash = morpher().draw(vector(**both(eyeBlink=blink)))["lashes"][0]
        thick = lash[:, 174 - x : 226 - x, 3].sum(0) / 255.0
        assert thick.min() > 1.2
        assert np.abs(np.diff(thick, 2)).max() < 0.6
        ends = lash[:, 168 - x : 171 - x, 3].sum(0) / 255.0
        assert ends.max() < 0.8 * thick.max()  # it tapers


def test_an_eye_under_hair_stays_as_it_is() -> None:
    seen, points = picture()[0].copy(), picture()[1]
    seen[180:290, 150:225] = (*HAIR, 255)

    def take(rgb: np.ndarray, shape: EyeShape, frame: EyeFrame) -> Apart:
        apart = by_colour(rgb, shape, frame)
        hair = np.exp(-((rgb - np.array(HAIR) / 255) ** 2).sum(-1) / 0.02).astype(np.float32)
        return replace(apart, masks=apart.masks | {"front": hair})

    eyes = EyeMorpher(seen, points, take, None).eyes
    shut = EyeState(1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    moved = {
        side: np.abs(eye.flat(eye.whole(shut)) - eye.flat(eye.whole(REST))) for side, eye in eyes.items()
    }
    assert moved[-1].mean() < 0.05 * moved[1].mean()


def test_a_wink_shuts_one_eye() -> None:
    seen = drawn(vector(eyeBlinkLeft=1.0))
    assert np.abs(at(seen, (312, 255)) - SKIN).max() < 8  # the subject's left is the picture's right
    assert np.abs(at(seen, (200, 258)) - IRIS).max() < 8


@pytest.mark.parametrize("across", [-0.8, 0.8])
def test_irises_look_the_same_way_and_stay_whole(across: float) -> None:
    seen = drawn(vector(**gaze(across, 0.0)))
    blue = seen[..., 2] - seen[..., 0] > 75
    for middle in MIDDLES.values():
        part = blue[:, int(middle[0]) - 45 : int(middle[0]) + 45]
        x = np.flatnonzero(part.any(0))
        assert 5 < abs(x.mean() - 45) < 12
        assert np.sign(x.mean() - 45) == np.sign(across)
        assert part[:, x[0] : x[-1]].any(0).all()  # one piece


def test_brows_and_points_go_up() -> None:
    still, up = neutral(), vector(browInnerUp=0.7, **both(browOuterUp=1.0))
    assert np.abs(at(drawn(up), (200, 218)) - SKIN).max() < 10
    moved = morpher().motion(up)["brows"] - morpher().motion(still)["brows"]
    assert (moved[:, 1].mean() < -3) and np.abs(
        morpher().motion(up)["eyes"] - morpher().motion(still)["eyes"]
    ).max() < 1e-6


def test_laughing_lids_meet_in_an_arch() -> None:
    s = shape(1).through(EyeFrame.around(shape(1), 0.0, CROP).to_crop)
    frame = EyeFrame.around(shape(1), 0.0, CROP)

    def units(points: np.ndarray) -> np.ndarray:
        return np.asarray((points - frame.origin) / frame.per_unit)

    local = EyeShape(units(s.upper), units(s.lower), units(s.iris), s.radii / frame.per_unit, units(s.brow))
    eye = EyeMotion(local, np.full(9, 8.0), (14.0, -10.0))
    assert np.abs(eye.lines(REST).upper - eye.lines(REST).lower).max() > 50
    laughing = eye.lines(EyeState(0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    assert np.abs(laughing.upper - laughing.lower).max() < 1.5
    assert laughing.upper[16, 1] < laughing.upper[[2, 30], 1].min() - 10
    shut = eye.lines(EyeState(1, 0, 0, 0, 0, 0, 0, 0, 0, 0)).upper
    assert shut[16, 1] > shut[[2, 30], 1].max() + 5


def test_a_stroke_keeps_its_width_on_another_curve() -> None:
    texture = np.zeros((80, 120, 4), np.float32)
    texture[37:43, 10:110] = 1
    level = np.stack([np.linspace(10, 110, 33), np.full(33, 40.0)], 1)
    assert np.abs(carried(texture, level, level, 20) - texture)[:, 12:108].max() < 1e-4
    steep = np.stack([np.linspace(20, 80, 33), np.linspace(10, 70, 33)], 1)
    assert carried(texture, level, steep, 20)[..., 3].sum() == pytest.approx(6 * np.hypot(60, 60), rel=0.08)


def test_what_is_hidden_is_painted_without_a_seam() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None, :, None].repeat(64, 0).repeat(3, 2)
    known = np.ones((64, 64), np.float32)
    known[24:40, 24:40] = 0
    assert np.abs(spread(ramp * known[..., None], known) - ramp).max() < 0.12
    assert np.abs(matched(ramp + 0.3, ramp * known[..., None], known) - ramp).max() < 0.02
