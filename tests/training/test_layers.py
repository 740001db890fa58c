"""A small training of the layer network: it goes on where it stopped, and what it writes takes a picture apart."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from liveavatar.media.blend import stack  # noqa: E402
from liveavatar.rigs.picture.parts import HIDDEN, VISIBLE, take_apart  # noqa: E402
from liveavatar.training.layers.characters import PARTS, SIZE, draw_parts  # noqa: E402
from liveavatar.training.layers.examples import example  # noqa: E402
from liveavatar.training.layers.trainer import Options, Trainer  # noqa: E402


def test_parts_of_a_character_are_whole_below_one_another() -> None:
    parts = draw_parts(3)
    assert parts is not None
    alpha = {name: parts[k, ..., 3] > 128 for k, name in enumerate(PARTS)}
    assert (alpha["face"] & alpha["front"]).sum() > 200  # a forehead under the fringe
    assert (alpha["body"] & alpha["face"]).sum() > 50  # a neck behind the chin
    assert (alpha["back"] & (alpha["face"] | alpha["front"])).sum() > 500


def test_what_is_asked_of_an_example_adds_up() -> None:
    parts = np.stack([part for seed in (1, 2, 3) if (part := draw_parts(seed)) is not None])
    for seed in range(4):
        one = example(parts, np.arange(len(parts)), np.random.default_rng(seed))
        assert one.picture.shape == (4, SIZE, SIZE) and 0 <= one.picture.min() <= one.picture.max() <= 1
        assert np.allclose(one.seen.sum(0), 1, atol=0.02)
        for k, name in enumerate(HIDDEN):  # nothing is seen where it is not
            assert (one.seen[VISIBLE.index(name)] <= one.shapes[k] + 0.02).all()


def test_it_goes_on_where_it_stopped_and_its_file_takes_pictures_apart(tmp_path: Path) -> None:
    def trainer() -> Trainer:
        return Trainer(Options(steps=4, characters=24, batch=2, run=tmp_path), lambda done, total: None)

    first = trainer()
    for _ in range(2):
        first.train_step()
    first.save()
    second = trainer()
    assert second.step == 2
    assert first.train_step() == pytest.approx(second.train_step(), abs=1e-3)
    second.run(lambda done, total: None)
    assert set(second.quality(2)) == {*VISIBLE, "colours"}
    second.write_network(tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").stat().st_size < 4_200_000
    parts = draw_parts(3)
    assert parts is not None
    picture = stack([(0, 0, part) for part in parts], (SIZE, SIZE))
    points = np.random.default_rng(1).uniform(90, 160, (46, 2))
    found = take_apart(picture, points, tmp_path / "net.onnx")
    assert found.seen.shape == (len(VISIBLE), SIZE, SIZE) and np.allclose(found.seen.sum(0), 1, atol=0.05)
    assert found.seen[0][picture[..., 3] == 0].min() > 0.95  # what is clear is nothing
