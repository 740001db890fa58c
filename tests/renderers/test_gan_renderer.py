"""The GAN renderer refuses packages whose parts do not fit together."""

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.card import CARD
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.library import load_avatar, sha256
from liveavatar.controls import vector
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.media.png import encode_png
from liveavatar.renderers import make_renderer, open_renderer
from liveavatar.renderers.gan.gl_renderer import GlRenderer
from liveavatar.renderers.sessions import available, open_session
from liveavatar.types import Expression


def rehash(folder: Path, **fields: object) -> None:
    """Make the card agree with changed files, as an attacker or a mistaken tool would."""
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card.update(fields)
    card["files"] = {name: sha256(folder / name) for name in card["files"]}
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def test_a_graph_that_does_not_fit_its_card(tiny_folder: Path) -> None:
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    rehash(tiny_folder, controls=card["controls"][:-1])
    with pytest.raises(AvatarError, match=r"does not fit its card: expected .*controls"):
        open_renderer(load_avatar(tiny_folder))


def test_a_graph_that_is_no_graph(tiny_folder: Path) -> None:
    (tiny_folder / "generator.onnx").write_bytes(b"no graph")
    rehash(tiny_folder)
    with pytest.raises(AvatarError, match="not a graph ONNX Runtime can run"):
        open_renderer(load_avatar(tiny_folder))


def test_a_sheet_that_is_no_picture(tiny_folder: Path) -> None:
    (tiny_folder / "face.png").write_bytes(b"no picture")
    rehash(tiny_folder)
    with pytest.raises(AvatarError, match=r"face\.png is not an RGBA PNG"):
        open_renderer(load_avatar(tiny_folder))


def test_a_wrong_golden_frame_stops_the_avatar(tiny_folder: Path) -> None:
    import cv2

    path = tiny_folder / "golden.png"
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    path.write_bytes(cv2.imencode(".png", 255 - image)[1].tobytes())
    rehash(tiny_folder)
    with pytest.raises(AvatarError, match="differs from the one in the package"):
        open_renderer(load_avatar(tiny_folder))


def test_an_unknown_kind(tiny_folder: Path) -> None:
    rehash(tiny_folder, kind="hologram")
    with pytest.raises(AvatarError, match="is of kind 'hologram'"):
        open_renderer(load_avatar(tiny_folder))


def test_a_provider_that_is_not_there_is_never_replaced_silently(tiny_folder: Path) -> None:
    if "cuda" in available():
        pytest.skip("this ONNX Runtime offers CUDA")
    with pytest.raises(ProviderError, match=r"'cuda' was asked for, but .* offers only: cpu"):
        open_session(tiny_folder / "generator.onnx", "cuda")
    with pytest.raises(ProviderError, match="unknown provider 'npu'"):
        open_session(tiny_folder / "generator.onnx", "npu")


def test_auto_says_what_runs(tiny_folder: Path) -> None:
    _, name = open_session(tiny_folder / "generator.onnx", "auto")
    assert name in ("cuda", "dml", "cpu")


def test_a_label_is_in_every_picture_and_nobody_draws_it_without(tiny_folder: Path) -> None:
    label = np.zeros((12, 30, 4), np.uint8)
    label[..., 1:] = 255
    (tiny_folder / "label.png").write_bytes(encode_png(label))
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    rehash(tiny_folder, golden={**card["golden"], "tolerance": 16.0})
    bare = load_avatar(tiny_folder)
    card["files"]["label.png"] = sha256(tiny_folder / "label.png")
    card["golden"]["tolerance"] = 16.0
    (tiny_folder / CARD).write_text(json.dumps({**card, "label": "label.png"}), encoding="utf-8")
    labelled = load_avatar(tiny_folder)
    assert labelled.gan.label == "label.png"
    moved = Expression(vector(jawOpen=0.5), 0.0, x=0.2, scale=1.4)
    with (
        closing(make_renderer(bare, "cpu", 1)) as other,
        closing(make_renderer(labelled, "cpu", 1, draw="auto", live=True)) as renderer,
    ):
        expected, frame = other.render(moved).image.copy(), renderer.sketch(moved)
        assert not isinstance(frame.drawing, LayersDrawing)  # a page would leave the label out
        expected[-12:, :30] = label
        np.testing.assert_array_equal(frame.image, expected)
        assert not isinstance(renderer, GlRenderer)
