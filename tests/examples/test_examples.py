"""Every example runs, is short and says what it is for."""

import ast
import importlib
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from liveavatar.controls import neutral, vector
from liveavatar.trackers.model_files import FACE
from liveavatar.types import Face
from tests.helpers.clips import write_person

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*.py"))


@pytest.fixture
def clip(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A short clip of a person, and a place where the examples find the face model."""
    monkeypatch.setenv(FACE.variable, str(model))
    return write_person(tmp_path / "clip.mp4", frames=9)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert f"examples/{path.name}" in (ast.get_docstring(tree) or "")
    told = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() and n not in told]
    assert len(code) <= (130 if path.stem == "textbook_gan" else 40)


def test_the_page_lists_them_all() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"]({path.name})" in page for path in FILES)
    assert {path.stem for path in FILES} == {n[5:] for n in globals() if n[5:] in {p.stem for p in FILES}}


def test_webcam_to_window(clip: Path) -> None:
    assert importlib.import_module("examples.webcam_to_window").main(str(clip), "null") > 0


def test_clip_to_video(clip: Path, tmp_path: Path) -> None:
    made = importlib.import_module("examples.clip_to_video").main(str(clip), str(tmp_path / "out.webm"))
    with av.open(str(tmp_path / "out.webm")) as container:
        assert made == sum(1 for _ in container.decode(video=0)) == 9


def test_own_output(clip: Path, tmp_path: Path) -> None:
    module = importlib.import_module("examples.own_output")
    module.main(str(clip), str(tmp_path / "out.gif"))
    with Image.open(tmp_path / "out.gif") as gif:
        assert gif.n_frames == 3 and gif.size == (256, 256)
    with pytest.raises(TypeError, match="AvatarFrame only"):
        module.Gif("never.gif", (64, 64), 30).send(np.zeros((64, 64, 4), np.uint8))


def test_own_tracker(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("examples.own_tracker")
    faces: list[Face | None] = []
    track = module.RightHalf.track
    monkeypatch.setattr(
        module.RightHalf, "track", lambda self, frame: (faces.append(track(self, frame)), faces[-1])[1]
    )
    assert module.main(str(clip), str(tmp_path / "out.mp4")) == len(faces) == 9
    seen = [face for face in faces if face is not None]
    width = seen[0].size[0] if seen else 0
    assert all(face.landmarks[:, 0].mean() > width / 2 for face in seen)


def test_own_rig(tmp_path: Path) -> None:
    module = importlib.import_module("examples.own_rig")
    rig = module.Coin()
    rest = rig.render(neutral(), 128)
    assert rest.shape == (128, 128, 4) and (rest[..., :3] <= rest[..., 3:]).all()  # premultiplied
    for name in rig.controls:
        assert np.abs(rig.render(vector(**{name: 0.3}), 128).astype(int) - rest).max() > 40, name
    turned = vector(headYaw=0.3)
    still, moved = rig.motion(neutral(), 128), rig.motion(turned, 128)
    assert [points.shape for points in moved] == [points.shape for points in still]
    assert moved[1][0, 0] - still[1][0, 0] == pytest.approx(7.2)  # the nose goes to the right of the picture
    assert [p.name for p in module.write_sheets(rig, tmp_path, 64)] == [
        "expressions.png",
        "turns.png",
        "controls.png",
    ]


@pytest.mark.train
def test_textbook_gan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module("examples.textbook_gan")

    def widths(network: Iterable[object]) -> list[int]:
        linear = [layer for layer in network if hasattr(layer, "in_features")]
        return [linear[0].in_features, *(layer.out_features for layer in linear)]

    assert widths(module.generator(28)) == [100, 256, 512, 1024, 28 * 28 * 3]
    assert widths(module.discriminator(28)) == [28 * 28 * 3, 1024, 512, 256, 1]
    kinds = [str(layer) for layer in module.discriminator(28)]
    assert sum(kind.startswith("Dropout(p=0.3") for kind in kinds) == 3 and kinds[-1] == "Sigmoid()"
    assert str(module.generator(28)[-1]) == "Tanh()"

    face = module.face(1)
    assert face.shape == (64, 64, 3) and len(np.unique(face)) > 50
    tints = np.linspace(0.3, 1, 16)[:, None, None, None]
    np.savez(tmp_path / "faces-16.npz", faces=(face * tints).astype(np.uint8))
    losses = module.main(tmp_path, size=12, steps=4, every=2, count=16)
    assert losses.shape == (4, 2) and np.isfinite(losses).all() and (losses > 0).all()
    out = tmp_path / "size-12"
    assert {p.name for p in out.iterdir()} == {"drawn.png", "losses.png", "step-00002.png", "step-00004.png"}
    grids = [np.array(Image.open(out / f"step-0000{n}.png")) for n in (2, 4)]
    assert grids[0].shape == (48, 120, 3) and (grids[0] != grids[1]).any()  # ten in a row; it learns
    assert "diversity" in capsys.readouterr().out
