"""What a page gets: what it lacks, once, and then little."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import AMOUNT, Dictionaries
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.library import load_avatar
from liveavatar.avatar.mesh import mode_planes
from liveavatar.controls import vector
from liveavatar.media.compositing import Background, Framing
from liveavatar.media.png import decode_png
from liveavatar.outputs.page_messages import VERSION, Drawings, hello, picture, where
from liveavatar.renderers import open_renderer
from liveavatar.stages import Renderer
from liveavatar.types import Expression
from tests.helpers.drawings import PICTURES, noise
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
    columns, rows = head["cells"]
    rest = payload[head["indices"] + 8 * columns * rows * head["planes"] :]
    for layer, told, pixels in zip(avatar.gan.layers, head["layers"], first.textures(), strict=True):
        stored = decode_png(avatar.read(layer.file))
        assert (
            pixels.shape == stored.shape and np.abs(pixels.astype(int) - stored).max() <= 8
        )  # nearly opaque is opaque
        assert told["pixels"] == [side + 2 * head["border"] for side in pixels.shape[1::-1]]
        assert rest[: pixels.nbytes] == pixels.tobytes()
        rest = rest[pixels.nbytes :]
    assert parsed(frame)[0]["kind"] == "frame"
    (again,) = page.messages(drawing(renderer, jawOpen=0.6), {"number": 2})
    assert parsed(again)[0]["kind"] == "frame"
    assert len(list(page.messages(replace(first, avatar=load_avatar(TINY)), {"number": 3}))) == 2


def test_dictionaries_come_with_the_avatar_of_texels_that_vary() -> None:
    sketch = noise(modes=6)
    head, payload = parsed(next(Drawings().messages(sketch, {})))
    assert (head["modes"], head["planes"], head["cells"]) == (8, 8, [8, 6])
    at = head["indices"]
    planes = np.frombuffer(payload, np.float16, 8 * 6 * 8 * 4, at)
    np.testing.assert_array_equal(planes.reshape(8, 6, 8, 4), mode_planes(sketch.dictionaries.modes))
    at += planes.nbytes + sum(texture.nbytes for texture in sketch.textures())
    for told, patch in zip(head["patches"], sketch.dictionaries.patches, strict=True):
        assert at % 4 == 0  # the page reads numbers of so many bytes
        assert told["step"] == patch.step and told["size"] == [*patch.low.shape[1::-1]]
        assert len(patch.mean) < patch.low[..., 0].size and told["count"] == len(patch.pictures)
        for array in (patch.low, patch.high, patch.mean, patch.pictures):
            assert payload[at : at + array.nbytes] == array.tobytes()
            at += array.nbytes
    assert at == len(payload)


def test_a_frame_holds_how_far_modes_go_and_how_much_is_shown_of_pictures(renderer: Renderer) -> None:
    page, first = Drawings(), drawing(renderer, jawOpen=0.5, headYaw=0.3)
    head, payload = parsed(list(page.messages(first, {"number": 7}))[-1])
    assert head["number"] == 7
    assert head["place"] == pytest.approx(list(first.placement)) and head["place"] != [1, 0, 0]
    moved, shown = first.dictionaries.split(first.coefficients)
    np.testing.assert_array_equal(np.frombuffer(payload, np.float32, moved.size), moved.ravel())
    amounts = np.frombuffer(payload, np.int16, offset=moved.nbytes)
    np.testing.assert_array_equal(amounts, np.concatenate(shown))
    assert np.abs(amounts).max() > 1000

    odd = noise(modes=6)
    beyond = replace(odd, coefficients=odd.coefficients * 100)
    _, payload = parsed(list(Drawings().messages(beyond, {}))[-1])
    moved = np.frombuffer(payload, np.float32, 16).reshape(2, 8)
    np.testing.assert_array_equal(moved[:, :6].ravel(), beyond.coefficients[:12])
    assert not moved[:, 6:].any()
    amounts = np.frombuffer(payload, np.int16, offset=64)
    assert len(amounts) == sum(PICTURES) and abs(amounts.astype(int)).max() == AMOUNT


def test_a_frame_is_at_most_four_kilobytes(renderer: Renderer) -> None:
    """Of the tiny avatar, and of one with as many modes and pictures as the largest that ships; the head with long numbers."""
    where_to = {
        "number": 10**7,
        "at": 123456789.1,
        "rect": (1 / 3, 1e-3 / 7, 2000 / 3, 4000 / 7),
        "mirror": False,
    }
    first = drawing(renderer, jawOpen=0.5)
    sizes = [len(list(Drawings().messages(first, where_to))[-1])]
    patches = tuple(
        replace(p, pictures=np.zeros((64, *p.pictures.shape[1:]), np.int8))
        for p in noise().dictionaries.patches
    )
    large = Dictionaries(np.zeros((12, 32, 2, 6, 8), np.float16), patches * 2)
    page, length = Drawings(), large.length
    page._avatar = first.avatar  # that it has
    frame = replace(
        first, dictionaries=large, coefficients=np.full(length, 1 / 3, np.float32), placement=(1 / 3,) * 3
    )
    sizes.append(len(next(page.messages(frame, where_to))))
    print(f"\nbytes a frame: {sizes}")
    assert max(sizes) <= 4096 and sizes[1] > 4 * 12 * 32 + 2 * 4 * 64


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
