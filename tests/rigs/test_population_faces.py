"""Faces of the population: whatever a seed gives, it blinks, speaks and keeps its features in place."""

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("skia")
pytestmark = pytest.mark.train

from liveavatar.rigs.drawn.eyes import EyeLines, eye_lines, eye_state  # noqa: E402
from liveavatar.rigs.drawn.face import FacePainter  # noqa: E402
from liveavatar.rigs.drawn.geometry import HeadPose  # noqa: E402
from liveavatar.rigs.drawn.identity import FaceShape, Identity  # noqa: E402
from liveavatar.rigs.drawn.mouth import mouth_lines  # noqa: E402
from liveavatar.rigs.drawn.rest import REST  # noqa: E402
from liveavatar.rigs.drawn.roster import IDENTITIES  # noqa: E402
from liveavatar.rigs.population.cast import cast  # noqa: E402
from liveavatar.rigs.population.faces import face  # noqa: E402
from liveavatar.rigs.population.mixing import between  # noqa: E402
from liveavatar.rigs.population.skin import human_skin  # noqa: E402

_AHEAD = HeadPose(0.0, 0.0, 0.0)
RECORDS = [
    face(IDENTITIES["hoshi"], cast(np.random.default_rng(i)), np.random.default_rng(i)) for i in range(40)
]
FACES = [record.face for record in RECORDS]


def _eye(shape: FaceShape, **controls: float) -> EyeLines:
    return eye_lines(shape, _AHEAD, 1, eye_state({**REST, **controls}, 1))


def _height(lines: EyeLines) -> float:
    upper, lower = np.array_split(lines.opening, 2)
    return float((lower[::-1] - upper)[:, 1].max())


@pytest.mark.parametrize("shape", FACES)
def test_eyes_shut_and_laugh_shut(shape: FaceShape) -> None:
    assert _height(_eye(shape)) > 24.0
    assert _height(_eye(shape, eyeBlinkLeft=1.0)) < 2.0
    assert _height(_eye(shape, mouthSmileLeft=1.0, eyeSquintLeft=1.0)) < 3.0


@pytest.mark.parametrize("shape", FACES)
def test_features_lie_on_the_face_in_their_order(shape: FaceShape) -> None:
    chin = max(y for _, y, _ in shape.jaw)
    lines = _eye(shape)
    assert lines.brow[:, 1].mean() < lines.upper[:, 1].min()
    assert shape.eye_y < shape.nose_y < shape.mouth_y - 24 < chin - 60
    rim = 512.0 + max(x for x, _, _ in shape.jaw)
    assert 512.0 + 15 < lines.opening[:, 0].min() < lines.opening[:, 0].max() < rim


@pytest.mark.parametrize("record", RECORDS[:20])
def test_points_stay_the_same_ones_for_every_expression(record: Identity) -> None:
    shape = record.face
    painter = FacePainter(record.palette, shape)
    rng = np.random.default_rng(3)
    counts = set()
    for _ in range(4):
        v = {name: float(rng.uniform(0, 1)) for name in REST}
        lines = eye_lines(shape, _AHEAD, 1, eye_state(v, 1))
        points = [
            painter.outline(_AHEAD, v),
            *painter.nose_points(_AHEAD, v),
            lines.lash,
            lines.lid,
            *lines.wings,
        ]
        points += [mouth_lines(shape, _AHEAD, v).frame, *lines.under]
        assert all(np.isfinite(p).all() for p in points)
        counts.add(tuple(map(len, points)))
    assert len(counts) == 1


@pytest.mark.parametrize("shape", FACES)
def test_a_mouth_opens(shape: FaceShape) -> None:
    assert mouth_lines(shape, _AHEAD, {**REST, "jawOpen": 0.8}).gap > 35.0
    assert mouth_lines(shape, _AHEAD, REST).gap < 1.0


@pytest.mark.parametrize("record", RECORDS)
def test_lines_show_on_every_skin(record: Identity) -> None:
    shape, skin = record.face, record.palette.skin
    assert shape.line.light < skin.light - 0.12
    assert shape.mouth.line.light < skin.light - 0.12


def test_skin_darkens_evenly() -> None:
    light = [human_skin(depth).light for depth in np.linspace(0, 1, 21)]
    assert all(b < a for a, b in pairwise(light))


def test_faces_differ() -> None:
    jaws = np.array([shape.jaw for shape in FACES])[:, :, 0]
    lids = np.array([shape.eye.upper for shape in FACES])[:, :, 1]
    assert jaws.std(0).max() > 5.0 and lids.std(0).max() > 5.0


def test_between_two_records() -> None:
    middle = between(FACES[0], FACES[1], 0.5)
    assert middle.eye_x == pytest.approx((FACES[0].eye_x + FACES[1].eye_x) / 2)
    assert between(FACES[0], FACES[1], 0.0) == FACES[0]
