"""Faces to learn landmarks from: points stay on what is drawn, whatever is done to it; the training goes on where it stopped."""

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from liveavatar.controls import neutral  # noqa: E402
from liveavatar.landmarks.frame import place  # noqa: E402
from liveavatar.landmarks.points import INDEX, NAMES  # noqa: E402
from liveavatar.rigs.drawn import DrawnRig  # noqa: E402
from liveavatar.training.landmarks import faces as drawing  # noqa: E402
from liveavatar.training.landmarks import networks  # noqa: E402
from liveavatar.training.landmarks import trainer as training  # noqa: E402
from liveavatar.training.landmarks.compose import compose  # noqa: E402
from liveavatar.training.landmarks.covers import cover  # noqa: E402
from liveavatar.training.landmarks.faces import SIZE, Faces, parts  # noqa: E402
from liveavatar.training.landmarks.hardships import bend  # noqa: E402
from liveavatar.training.landmarks.onnx import FILES, write_onnx  # noqa: E402
from liveavatar.training.landmarks.samples import close_up, scene  # noqa: E402


@pytest.fixture(scope="module")
def faces() -> Faces:
    rows = [parts(DrawnRig(name), neutral()) for name in ("hoshi", "ren")]
    pictures, points, hidden = (np.stack(column) for column in zip(*rows, strict=True))
    return Faces(pictures, points, hidden, np.ones(2, np.uint8))


def test_three_parts_make_the_picture(faces: Faces) -> None:
    whole = DrawnRig("hoshi").render(neutral(), SIZE).astype(int)
    made = drawing.flatten(faces.parts[0]).astype(int)
    assert np.abs(whole - made).mean() < 1.5
    x, y = faces.points[0, INDEX["rightIris"]].astype(int)
    assert faces.parts[0, 1, y, x, 3] > 200  # an eye among the features
    skin, cheek = (faces.parts[0, 0, y + dy, x, :3].astype(int) for dy in (0, 28))
    assert np.abs(skin - cheek).max() < 40  # skin in its place behind them


def test_points_go_where_a_bent_picture_goes() -> None:
    random = np.random.default_rng(3)
    dots = np.array([(60.0, 80.0), (128.0, 120.0), (190.0, 170.0)])
    picture = np.zeros((256, 256), np.uint8)
    for x, y in dots.astype(int):
        cv2.circle(picture, (int(x), int(y)), 3, 255, -1)
    move = np.array([[0.5, 0.1, 2.0], [-0.1, 0.5, 14.0]])
    map_x, map_y, points = bend(dots, (128, 128), move, 0.03, random)
    bent = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR)
    count, labels = cv2.connectedComponents((bent > 60).astype(np.uint8))
    assert count == 4
    middles = [np.argwhere(labels == k).mean(0)[::-1] for k in range(1, 4)]
    for point in points:
        assert min(float(np.linalg.norm(point - middle)) for middle in middles) < 1.0


def test_made_faces_are_varied_and_whole(faces: Faces) -> None:
    random = np.random.default_rng(5)
    made = [compose(faces, np.arange(2), random) for _ in range(12)]
    shapes = {tuple(np.round(face.points[INDEX["mouthLeft"]]).tolist()) for face in made}
    assert len(shapes) > 6
    for face in made:
        assert face.points.shape == (len(NAMES), 2) and np.isfinite(face.points).all()
        upper, lower = (face.points[INDEX[f"leftEye{lid}"], 1] for lid in ("Upper", "Lower"))
        assert upper < lower + 3
        square, points, hidden = close_up(face, random)
        assert square.shape == (128, 128, 3) and hidden.dtype == bool
        assert np.abs(points[INDEX["nose"]] - 64).max() < 40
    small, found = scene(made[:3], random)
    assert small.shape == (128, 128, 3) and 1 <= len(found) <= 3
    assert all(0 < at.x < 128 and at.size > 6 for at in found)


def test_what_is_covered_is_hidden_and_keeps_its_place(faces: Faces) -> None:
    picture, points = drawing.flatten(faces.parts[0]), faces.points[0]
    eyes = 0
    for seed in range(40):
        hidden = np.zeros(len(NAMES), bool)
        covered = cover(picture, points.copy(), hidden, (90, 60, 30), np.random.default_rng(seed))
        changed = (covered != picture).any(2)
        x, y = np.round(points[hidden]).astype(int).T
        assert hidden.any() and changed[y, x].mean() > 0.9
        eyes += bool(hidden[INDEX["rightIris"]] or hidden[INDEX["leftIris"]])
    assert eyes > 20


def test_where_no_face_is_a_large_error_is_expected() -> None:
    names, nowhere = len(NAMES), torch.full((1, len(NAMES), 2), torch.nan)
    none = torch.zeros(1, names)
    maps = torch.zeros(1, names, networks.GRID, networks.GRID)

    def loss(expected: float) -> float:
        found = networks.Found(
            maps, networks.peaks(maps), torch.full((1, names), float(np.log(expected))), none
        )
        return networks.points_loss(found, nowhere, none)["likelihood"].item()

    assert loss(0.5) < loss(0.25) < loss(0.03)


def test_targets_are_read_back(faces: Faces) -> None:
    at = place(faces.points[0] / 2)
    heat, places = training.target([at])
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    _, dx, dy, size, sine, cosine = places[:, row, column]
    assert ((column + dx) * 4, (row + dy) * 4) == pytest.approx((at.x, at.y), abs=1e-3)
    assert 32 * np.exp(size) == pytest.approx(at.size, rel=1e-3)
    assert np.arctan2(sine, cosine) == pytest.approx(at.roll, abs=1e-3)


def test_training_goes_on_where_it_stopped_and_is_written(
    faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "faces", lambda *_: faces)
    monkeypatch.setattr(training, "bfloat16_is_quick", lambda: False)
    monkeypatch.setattr(training.sheets, "write", lambda *_: None)

    def begun() -> training.Trainer:
        return training.Trainer(training.Options(3, 1, 2, 1, tmp_path), 1, lambda done, total: None)

    first = begun()
    first.train_step()
    first.save()
    second = begun()
    assert second.step == 1
    assert first.train_step() == pytest.approx(second.train_step(), rel=1e-4)
    second.run(lambda done, total: None)
    assert second.step == 3 and (tmp_path / "curve.png").is_file()
    paths = write_onnx(second.averages, tmp_path / "graphs")
    assert [path.name for path in paths] == list(FILES)
    assert sum(path.stat().st_size for path in paths) < 4_000_000
