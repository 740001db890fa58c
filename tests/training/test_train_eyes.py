"""Eyes put together of the population's parts: lessons and pairs are whole, training goes on where it stopped."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from liveavatar.controls import CONTROLS, both, neutral, vector
from liveavatar.rigs.drawn.rig import flatten
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape
from liveavatar.rigs.picture.eyeguide import CROP, MAPS, guide
from liveavatar.rigs.picture.eyelines import REST
from liveavatar.rigs.picture.eyemasks import grown
from liveavatar.rigs.picture.eyemorpher import EyeMorpher, state
from liveavatar.rigs.picture.eyeparts import Apart, read
from liveavatar.rigs.population.character import character
from liveavatar.training.eyes import lids, population, trainer
from liveavatar.training.eyes.augment import lesson
from liveavatar.training.eyes.parts import PARTS, PartsRig
from liveavatar.training.eyes.trainer import Options, Trainer


def silent(_: int, __: int) -> None:
    """No progress is shown."""


def test_a_lesson_that_is_not_hard_is_the_eye_as_it_is_drawn(tmp_path: Path) -> None:
    eyes = population.draw(1, tmp_path, silent)
    made = lesson(eyes, 1, 1, np.random.default_rng(1), hard=0.0)
    hole, told = made.masks[4], made.given[3]
    assert (
        np.minimum(hole, told).sum() / np.maximum(hole, told).sum() > 0.85
    )  # the points say where the lids are
    iris = (made.masks[5] * hole) > 0.9
    clear = iris & (made.masks[0] < 0.02) & (made.masks[1] < 0.02)
    assert (
        np.abs(made.given[:3] - made.colours[6:9])[:, clear].mean() < 0.03
    )  # what is seen of the iris is the iris's colour


def test_training_goes_on_and_its_graph_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "HELD_OUT", 2)
    options = Options(steps=3, characters=2, batch=2, run=tmp_path)
    first = Trainer(options, silent)
    first.run(silent)
    again = Trainer(options, silent)
    assert again.step == 3
    given = torch.rand(1, 3 + MAPS, CROP, CROP)
    again.write_network(tmp_path / "eyes.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "eyes.onnx")
    (parts,) = session.run(None, {"given": given.numpy()})
    with torch.no_grad():
        assert np.abs(np.asarray(parts) - first.average(given).numpy()).max() < 0.01
    assert set(again.quality(2)) == {"front", "lash", "brow", "lines", "hole", "iris", "skin"}


def test_pairs_show_the_same_face_before_and_after() -> None:
    def as_told(rgb: np.ndarray, shape: EyeShape, frame: EyeFrame) -> Apart:
        answer = np.full((16, CROP, CROP), 0.01, np.float32)
        answer[4], answer[5] = guide(shape)[[0, 2]]
        answer[6] = 1.0
        return read(answer, shape, frame)

    pairs = lids.draw(1, as_told, silent)
    assert len(pairs.source) == 2
    assert len(pairs.draft) == 2 * lids.EACH
    alpha = (pairs.draft[..., 3] > 127) == (pairs.truth[..., 3] > 127)
    assert alpha.mean() > 0.9  # lids are drawn about where they are
    below = np.abs(pairs.draft[:, -12:, 8:40].astype(int) - pairs.truth[:, -12:, 8:40])
    assert below.mean() < 6  # and the cheek is the same


def test_the_networks_that_ship_shut_an_eye_as_it_is_drawn() -> None:
    """A character that was not learned from."""
    rig = PartsRig(character(11))
    layers = [name for name in rig.LAYERS if name not in PARTS]
    points = lids.landmarks(rig)

    def drawn(controls: np.ndarray) -> np.ndarray:
        return flatten(rig.render_layers(controls, lids.SIZE, layers)[: len(layers)])

    picture, shut = drawn(neutral()), vector(**both(eyeBlink=1.0))
    true = drawn(shut)[..., :3] / 255
    for side, eye in EyeMorpher(picture, points).eyes.items():
        (x, y), (w, h) = eye.place.corner, eye.place.size
        lid = grown(eye.was[..., 0], 6 * eye.place.unit) > 0.5

        def far(made: np.ndarray, wanted: np.ndarray, where: np.ndarray = lid) -> float:
            return float(((made - wanted)[where] ** 2).mean())

        rest = far(eye.flat(eye.whole(REST)), eye.place.rgb)
        assert rest < 1e-4  # the picture stays as it is
        e = state(dict(zip(CONTROLS, shut.tolist(), strict=True)), side)
        wanted = true[y : y + h, x : x + w]
        assert far(eye.flat(eye.whole(e)), wanted) < 0.25 * far(eye.place.rgb, wanted)
        assert eye.whole(e)["lashes"][..., 3].max() > 0.9  # a line is left
