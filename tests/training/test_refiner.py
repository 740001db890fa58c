"""The refiner: a network that learns, and its graph, on the driver clip."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import cv2
import torch

from liveavatar.avatar.library import load_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.fitting.own_motion import Shot, shot
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.portrait import crops
from liveavatar.renderers.portrait.rig import read_rig
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.training.refiner.lesson import Lesson, judge
from liveavatar.training.refiner.networks import Refiner, compose
from liveavatar.training.refiner.onnx import read_onnx, write_onnx
from liveavatar.training.refiner.pairs import Pairs, load_pairs
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
            found.append(shot(frame, face, expression))
    return found


def test_a_lesson_learns_and_its_graph_draws_the_same(shots: list[Shot], tmp_path: Path) -> None:
    torch.set_num_threads(1)
    avatar = load_avatar(DATA / "portrait")
    rig, sheet = read_rig(avatar.read(avatar.portrait.rig)), read_rgba(avatar, avatar.portrait.sheet)
    pairs = Pairs()
    pairs.add_source(rig, sheet)
    for s in shots[::4]:
        pairs.add(s.expression, s.landmarks, s.picture)
    pairs.close()
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
