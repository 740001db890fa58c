"""Refining: a network that learns, its graph, and an avatar refined by the driver clip, who is its own person."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import cv2
import torch

from liveavatar.avatar.library import load_avatar, sha256
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.errors import AvatarError, TrainingError
from liveavatar.renderers.portrait import crops
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.training.refiner import personalise
from liveavatar.training.refiner.lesson import Lesson, judge
from liveavatar.training.refiner.networks import Refiner, compose
from liveavatar.training.refiner.onnx import read_onnx, write_onnx
from liveavatar.training.refiner.pairs import load_pairs, similarity
from liveavatar.training.refiner.personalise import Shot
from tests.helpers.clips import write_clip
from tests.helpers.driver_clip import driver_faces

DATA = Path(__file__).parent.parent / "data"

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]


@pytest.fixture(scope="module")
def shots(model: Path) -> list[Shot]:
    """Every fourth frame of the clip's first 16 seconds."""
    retargeter, found = FaceRetargeter(), []
    for frame, face in zip(open_camera(str(SYNTHETIC), paced=False), driver_faces(model), strict=True):
        expression = retargeter.retarget(face, frame.time)
        if face is not None and frame.index % 4 == 0 and frame.time < 16:
            found.append(personalise.shot(frame, face, expression))
    return found


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "portrait", tmp_path / "person"))


def test_similarity_finds_what_was_done() -> None:
    points = np.random.default_rng(0).normal(0, 50, (40, 2))
    move = np.array([[0.9, -0.3, 12.0], [0.3, 0.9, -7.0]])
    assert np.allclose(similarity(points, points @ move[:, :2].T + move[:, 2]), move)


def test_the_manner_brings_the_mesh_to_the_points(shots: list[Shot]) -> None:
    rig, _ = personalise.parts_of(load_avatar(DATA / "portrait"))
    from dataclasses import replace

    learn, judges = shots[:90], shots[90:]
    known = replace(rig, manner=personalise.manner_of(rig, learn))
    assert personalise.residual(known, judges) < 0.9 * personalise.residual(rig, judges)


def test_a_lesson_learns_and_its_graph_draws_the_same(shots: list[Shot], tmp_path: Path) -> None:
    torch.set_num_threads(1)
    rig, sheet = personalise.parts_of(load_avatar(DATA / "portrait"))
    pairs = personalise.collect(rig, sheet, shots[::4])
    pairs.save(tmp_path / "pairs.npz")
    pairs = load_pairs([tmp_path / "pairs.npz"])
    lesson = Lesson(Refiner(), pairs, steps=30, batch=4, adversarial=0.1, change=True)
    network = lesson.run(lambda step, steps, record: None)
    result = judge(network, pairs)
    assert result["mouth"] > result["mouth_warped"] + 0.3

    write_onnx(network, tmp_path / "refiner.onnx")
    from liveavatar.renderers.portrait.refiner import RefinerSession

    live = RefinerSession(tmp_path / "refiner.onnx", rig, sheet)
    again = read_onnx(tmp_path / "refiner.onnx")
    assert judge(again, pairs)["mouth"] == pytest.approx(result["mouth"], abs=0.02)

    # torch and the live renderer agree on a crop
    part = pairs.mouth
    feeds = {**live._sources}
    for name, n, (w, h), count in (("mouth", 1, crops.MOUTH, 36), ("eye", 2, crops.EYE, 16)):
        feeds[f"{name}.warped"] = getattr(pairs, name).warped[:n]
        feeds[f"{name}.maps"] = getattr(pairs, name).maps[:n].astype(np.float32)
        feeds[f"{name}.condition"] = getattr(pairs, name).condition[:n]
        assert feeds[f"{name}.warped"].shape == (n, h, w, 3) and feeds[f"{name}.condition"].shape == (
            n,
            count,
        )
    feeds["mouth.source"] = part.source[:1]
    paint, shift = live._session.run(["mouth.paint", "mouth.shift"], feeds)
    fade = crops.feather(crops.MOUTH)
    crop, own = (cv2.cvtColor(picture[0], cv2.COLOR_RGB2RGBA) for picture in (part.warped, part.source))
    ours = (crop + crops.residual(crop, own, paint[0], shift[0], fade))[..., :3]
    picture = [
        torch.from_numpy(a[:1].transpose(0, 3, 1, 2) / np.float32(255)) for a in (part.warped, part.source)
    ]
    maps = torch.from_numpy(part.maps[:1].astype(np.float32))
    with torch.no_grad():
        answer = again.mouth(*picture, maps, torch.from_numpy(part.condition[:1]))
        theirs = compose(*picture, *answer, torch.from_numpy(fade)[None, None])
    assert np.abs(ours - 255 * theirs[0].permute(1, 2, 0).numpy()).max() < 4  # cv2 moves by 1/32 of a pixel


def test_refine_writes_a_package_that_runs(
    package: Path, shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personalise, "watch", lambda *a: shots[:100])
    before = load_avatar(package)
    steps: list[int] = []
    avatar, figures = personalise.refine(
        before,
        Path("me.mp4"),
        Path("x"),
        personalise.SHARED,
        lambda s: None,
        lambda a, b: steps.append(a),
        16,
    )
    assert steps[-1] == 16
    assert figures["mouth_psnr"] > figures["mouth_psnr_before"]
    assert avatar.made_with["refined"]["frames"] == 100
    assert avatar.consent == before.consent and avatar.folder == package
    assert set(avatar.files) - set(before.files) == {"refiner.onnx"}  # numbers only: no picture of the video
    assert [p.name for p in package.parent.iterdir()] == [package.name]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_stops_it_leaves_the_avatar_as_it_was(
    package: Path, shots: list[Shot], monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    before = {p.name: sha256(p) for p in package.iterdir()}
    monkeypatch.setattr(personalise, "watch", lambda *a: shots[:60])

    def fail(*a: object) -> None:
        raise error

    monkeypatch.setattr(personalise, "seal", fail)
    with pytest.raises((KeyboardInterrupt, AvatarError)):
        personalise.refine(
            load_avatar(package), Path("me.mp4"), Path("x"), None, lambda s: None, lambda a, b: None, 4
        )
    assert {p.name: sha256(p) for p in package.iterdir()} == before
    assert [p.name for p in package.parent.iterdir()] == [package.name]


def test_other_avatars_are_refused() -> None:
    with pytest.raises(AvatarError, match="no portrait"):
        personalise.parts_of(load_avatar(DATA / "tiny"))


def test_videos_without_enough_of_a_face_are_refused(model: Path, tmp_path: Path) -> None:
    avatar = load_avatar(DATA / "portrait")
    clip = write_clip(tmp_path / "empty.mp4", size=(320, 240))
    with pytest.raises(TrainingError, match="no face was found"):
        personalise.watch(clip, model, avatar, lambda s: None)


def test_another_light_is_matched(shots: list[Shot]) -> None:
    rig, sheet = personalise.parts_of(load_avatar(DATA / "portrait"))
    from dataclasses import replace

    blue = [replace(s, picture=cv2.convertScaleAbs(s.picture, alpha=0.6)) for s in shots[:20]]
    plain, dark = personalise.collect(rig, sheet, shots[:20]), personalise.collect(rig, sheet, blue)
    personalise.match([dark])
    assert np.abs(dark.mouth.true.astype(int) - plain.mouth.true).mean() < 6
