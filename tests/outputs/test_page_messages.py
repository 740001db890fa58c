"""What a page gets: what it lacks, once, and then little."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.library import load_avatar
from liveavatar.controls import vector
from liveavatar.media.compositing import Background, Framing
from liveavatar.media.png import decode_png
from liveavatar.outputs.page_messages import VERSION, Drawings, hello, picture, where
from liveavatar.renderers import open_renderer
from liveavatar.stages import Renderer
from liveavatar.types import Expression
from tests.helpers.page import parsed

TINY = Path(__file__).parent.parent / "data" / "tiny"


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    return load_avatar(TINY)


@pytest.fixture(scope="module")
def renderer(avatar: Avatar) -> Renderer:
    return open_renderer(avatar, "cpu")


def drawing(renderer: Renderer, **controls: float) -> LayersDrawing:
    made = renderer.sketch(Expression(vector(**controls), 0.0, x=0.1)).drawing
    assert isinstance(made, LayersDrawing)
    return made


def test_an_avatar_comes_once_with_the_textures_as_they_are(avatar: Avatar, renderer: Renderer) -> None:
    page, first = Drawings(), drawing(renderer, jawOpen=0.5)
    once, frame = page.messages(first, {"number": 1})
    head, payload = parsed(once)
    assert head["kind"] == "avatar" and len(head["layers"]) == len(avatar.gan.layers)
    assert all(source.startswith("#version 300 es") for pair in head["shaders"].values() for source in pair)
    assert sum(told["count"] for told in head["layers"]) * head["width"] in range(
        head["indices"] - 3, head["indices"] + 1
    )
    rest = payload[head["indices"] :]
    for layer, told, pixels in zip(avatar.gan.layers, head["layers"], first.textures(), strict=True):
        stored = decode_png(avatar.read(layer.file))
        assert (
            pixels.shape == stored.shape and np.abs(pixels.astype(int) - stored).max() <= 8
        )  # nearly opaque is opaque
        assert told["pixels"] == [side + 2 * head["border"] for side in pixels.shape[1::-1]]
        assert rest[: pixels.nbytes] == pixels.tobytes()
        rest = rest[pixels.nbytes :]
    assert not rest
    assert parsed(frame)[0]["kind"] == "frame"
    (again,) = page.messages(drawing(renderer, jawOpen=0.6), {"number": 2})
    assert parsed(again)[0]["kind"] == "frame"
    assert len(list(page.messages(replace(first, avatar=load_avatar(TINY)), {"number": 3}))) == 2


def test_a_frame_holds_the_motion_and_the_patches_that_changed(renderer: Renderer) -> None:
    page, first = Drawings(), drawing(renderer, jawOpen=0.5, headYaw=0.3)
    head, payload = parsed(list(page.messages(first, {"number": 7}))[-1])
    assert head["number"] == 7 and head["patches"] == list(range(len(first.patches)))
    assert head["place"] == pytest.approx(list(first.placement)) and head["place"] != [1, 0, 0]
    motion = np.frombuffer(payload, np.float16, first.motion.size).astype(np.float32)
    np.testing.assert_allclose(motion, first.motion.ravel(), atol=2e-3)
    rest = payload[2 * first.motion.size :]
    assert len(rest) == sum(patch.size for patch in first.patches)  # a byte for each number, of residuals too
    turned = drawing(renderer, jawOpen=0.5, headYaw=-0.3)
    (message,) = page.messages(replace(turned, patches=first.patches), {"number": 8})
    head, payload = parsed(message)
    assert head["patches"] == [] and len(payload) == 2 * turned.motion.size


def test_where_the_avatar_is_in_the_output(renderer: Renderer) -> None:
    framing = Framing(zoom=1.5, x=0.25, mirror=True)
    place = where(drawing(renderer), (320, 180), framing)
    left, top, width, height = place["rect"]
    assert place["mirror"] and (width, height) == (270, 270)
    assert left + width / 2 == pytest.approx(320 * 0.75) and top + height >= 180


def test_the_hello_tells_version_and_backdrop(tmp_path: Path) -> None:
    head, payload = parsed(hello(Background("transparent", (64, 48))))
    assert head["version"] == VERSION and head["size"] == [64, 48] and "backdrop" not in head and not payload
    head, payload = parsed(hello(Background("#102030", (64, 48))))
    assert head["backdrop"] == [1, 1] and payload == bytes([0x10, 0x20, 0x30, 255])
    file = tmp_path / "room.png"
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    file.write_bytes(cv2.imencode(".png", noise[..., ::-1])[1].tobytes())
    head, payload = parsed(hello(Background(str(file), (64, 48))))
    assert head["backdrop"] == [64, 48]
    np.testing.assert_array_equal(np.frombuffer(payload, np.uint8).reshape(48, 64, 4)[..., :3], noise)


def test_a_picture_says_its_size() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (3, 5, 4), np.uint8)
    head, payload = parsed(picture(rgba, 9))
    assert head == {"kind": "picture", "number": 9, "size": [5, 3]} and payload == rgba.tobytes()
