"""The page for OBS in a real Chromium, whose WebGL is software here: what it draws by itself against the CPU's pictures, and when
it takes pictures instead."""

import itertools
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import platformdirs
import pytest

from liveavatar.avatar.library import load_avatar
from liveavatar.controls import neutral, vector
from liveavatar.live.neutral_card import neutral_card
from liveavatar.media.compositing import Framing
from liveavatar.outputs import browser, open_output, page_messages
from liveavatar.renderers import open_renderer
from liveavatar.stages import Output, Renderer
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.chromium import Page
from tests.helpers.drawings import decoded, noise

DATA = Path(__file__).parent.parent / "data"
SIZE = (128, 128)
STATES = (
    Expression(neutral(), 0.0),
    Expression(vector(jawOpen=0.8, eyeBlinkLeft=1.0), 0.0),
    Expression(vector(headYaw=0.4, mouthSmileLeft=1.0), 0.0),
    Expression(vector(headPitch=-0.2, eyeBlinkRight=0.5), 0.0, x=0.1, y=0.1, scale=1.2),
)
"""What is compared: the mesh draws folds, and the textures' edges, otherwise than the CPU does, so their mean."""


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return open_renderer(load_avatar(DATA / "tiny"), "cpu")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Opens outputs; closed at the end."""
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path / "config"))
    outputs: list[Output] = []

    def open_one(port: int = 0, background: str | None = None, size: tuple[int, int] = SIZE) -> Any:
        outputs.append(open_output(f"browser:{port}", size=size, fps=30, background=background))
        return outputs[-1]

    yield open_one
    for output in outputs:
        output.close()


@pytest.fixture
def page_of(tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens Chromium on an output's page; closed at the end."""
    pages: list[Page] = []

    def open_page(output: Any, draw: str = "gpu", size: tuple[int, int] = SIZE) -> Page:
        more = f"&draw={draw}" if draw else ""
        pages.append(Page(output.address + more, tmp_path / f"profile{len(pages)}", webgl=True))
        pages[-1].resize(*size)
        pages[-1].wait("window.liveavatar && liveavatar.connections")
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()


def shows(page: Page, output: Any, frame: AvatarFrame, canvas: str = "drawn") -> None:
    """Send a frame and wait until the page shows it, on this canvas."""
    count = "drawn" if canvas == "drawn" else "pictures"
    before = page.run(f"liveavatar.{count}")
    output.send(frame)
    there = "(!motion.target || motion.head === motion.target.at)"
    page.wait(f"liveavatar.{count} > {before} && !document.getElementById('{canvas}').hidden && {there}")


def over_grey(rgba: np.ndarray, premultiplied: bool) -> np.ndarray:
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * (1 if premultiplied else alpha) + 128 * (1 - alpha)


def psnr(shown: np.ndarray, expected: np.ndarray) -> float:
    """dB over grey. shown: straight alpha, from the page; expected: premultiplied, of the CPU."""
    error = over_grey(shown, False) - over_grey(expected, True)
    return float(10 * np.log10(255**2 / np.mean(error**2)))


def test_it_draws_what_the_cpu_draws(opened: Any, page_of: Any, renderer: Renderer) -> None:
    output = opened()
    page = page_of(output)
    quality = []
    for expression in STATES:
        frame = renderer.sketch(expression)
        shows(page, output, frame)
        assert "image" not in vars(frame)  # nothing was composed for it
        shown = page.pixels()
        quality.append(psnr(shown, frame.image))
        assert (shown[:20, :4, 3] == 0).all()
        assert np.abs(shown[..., 3].astype(int) - frame.image[..., 3]).mean() < 1.5
    assert np.mean(quality) > 45 and min(quality) > 40
    assert page.run("liveavatar.avatars") == 1 and page.run("liveavatar.pictures") == 0

    # The same numbers, three times as large: sharp, where a picture would be enlarged.
    page.resize(3 * SIZE[0], 3 * SIZE[1])
    page.wait("document.getElementById('drawn').width === 384 && motion.drawn.includes('384')")
    large = page.pixels()
    assert large.shape[:2] == (384, 384)
    assert psnr(cv2.resize(large, SIZE, interpolation=cv2.INTER_AREA), frame.image) > 35


def test_it_decodes_to_the_bytes_of_the_definition(opened: Any, page_of: Any) -> None:
    drawing = noise()
    output = opened(size=(64, 48))
    page = page_of(output, size=(64, 48))
    shows(page, output, AvatarFrame(drawing, 0.0))
    read = """(patch) => {
      const gl = drawer.gl, [width, height] = patch.size, texels = new Uint8Array(4 * width * height);
      gl.bindFramebuffer(gl.FRAMEBUFFER, drawer.frameBuffer);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, drawer.layers[patch.layer].texels, 0);
      gl.readPixels(...patch.corner, width, height, gl.RGBA, gl.UNSIGNED_BYTE, texels);
      return [...texels];
    }"""
    _, shown = drawing.dictionaries.split(drawing.coefficients)
    for i, (dictionary, amounts) in enumerate(zip(drawing.dictionaries.patches, shown, strict=True)):
        found = np.array(page.run(f"({read})(drawer.patches[{i}])")).reshape(dictionary.low.shape)
        apart = np.abs(found - decoded(dictionary, amounts).astype(int))
        assert len(np.unique(found)) > 100
        assert apart.max() <= 1 and apart.mean() < 1e-3


def whole_numbers(drawing: Any) -> np.ndarray:
    """Coefficients (C,) as the page keeps them: those of patches as their pictures' amounts."""
    moved, shown = drawing.dictionaries.split(drawing.coefficients)
    return np.concatenate([moved.ravel(), *shown])


def test_motion_and_patches_go_from_frame_to_frame_at_the_rate_of_the_screen(
    opened: Any, page_of: Any, renderer: Renderer
) -> None:
    """Patches are painted where their amounts are others, and nowhere else."""
    output = opened()
    page = page_of(output)
    first, second = renderer.sketch(STATES[0]), renderer.sketch(STATES[1])
    shows(page, output, first)
    page.run("window.held = tick; held.count = 0; requestAnimationFrame = (f) => { held.count += 1; }")
    page.wait("held.count > 0")
    page.run("window.painted = 0; window.paint = drawer.paint")
    page.run("drawer.paint = (...a) => { painted += 1; paint.apply(drawer, a); }")
    output.send(second)
    page.wait("liveavatar.number === 2")
    page.run("motion.target.at = motion.from.at + 40; motion.head = motion.from.at; motion.ticked = 1000")
    page.run("held(1020)")
    between = page.run("[...motion.kept[2].coefficients]")
    a, b = (whole_numbers(frame.drawing) for frame in (first, second))
    share = 20 * 1.02 / 40
    np.testing.assert_allclose(between, a + (b - a) * share, rtol=1e-3, atol=1e-3 * np.abs(b - a).max())
    patches = len(renderer.avatar.gan.patches)
    assert page.run("painted") == patches
    page.run("motion.drawn = ''; held(1020)")
    assert page.run("painted") == patches  # nothing new
    page.run("held(1100); held(1200)")
    assert page.run("painted") == 2 * patches
    assert psnr(page.pixels(), second.image) > 40


def test_framing_and_background_are_drawn_in_the_page(
    opened: Any, page_of: Any, renderer: Renderer, tmp_path: Path
) -> None:
    noise = cv2.resize(np.random.default_rng(0).integers(0, 256, (9, 16, 3), np.uint8), (192, 108))
    file = tmp_path / "room.png"
    file.write_bytes(cv2.imencode(".png", noise)[1].tobytes())
    for background in ("#204060", str(file)):
        output = opened(background=background, size=(192, 108))
        page = page_of(output, size=(192, 108))
        for framing in (Framing(), Framing(zoom=1.5, x=0.25, mirror=True), Framing(zoom=0.7, x=-0.2, y=0.1)):
            output.background.framing = framing
            frame = renderer.sketch(STATES[2])
            shows(page, output, frame)
            shown = page.pixels()
            assert (shown[..., 3] == 255).all()
            expected = output.background.composite_rgba(frame)
            assert np.abs(shown[:, :, :3].astype(int) - expected[..., :3]).mean() < 2.5
        page.close()


def test_card_and_swap(opened: Any, page_of: Any, renderer: Renderer) -> None:
    output = opened()
    page = page_of(output)
    shows(page, output, renderer.sketch(STATES[0]))
    card = neutral_card(SIZE)
    shows(page, output, card, "flat")
    assert page.run("document.getElementById('drawn').hidden")
    assert psnr(page.pixels(), card.image) > 45
    portrait = open_renderer(load_avatar(DATA / "portrait"), "cpu").sketch(STATES[1])
    assert portrait.drawing is None
    shows(page, output, portrait, "flat")
    other = open_renderer(load_avatar(DATA / "tiny"), "cpu")
    frame = other.sketch(STATES[1])
    shows(page, output, frame)
    assert page.run("document.getElementById('flat').hidden") and page.run("liveavatar.avatars") == 2
    assert psnr(page.pixels(), frame.image) > 40


def test_frames_that_come_before_the_page_draws_are_drawn_by_the_last(
    opened: Any, page_of: Any, renderer: Renderer
) -> None:
    output = opened()
    page = page_of(output)
    page.run("window.held = tick; held.count = 0; requestAnimationFrame = (f) => { held.count += 1; }")
    page.wait("held.count > 0")  # nothing is drawn any more
    frames = [renderer.sketch(state) for state in STATES[:3]]
    for number, frame in enumerate(frames, 1):
        if number == 3:
            time.sleep(0.3)
        output.send(frame)
        if number < 3:
            page.wait(f"liveavatar.number === {number}")
    assert page.run("liveavatar.number") == 2  # no more are asked for
    page.run("held(performance.now())")
    page.wait("liveavatar.number === 3")
    # A long time between two frames is none to creep from one to the other.
    page.run("motion.ticked = 1000; held(1016); held(1100)")
    assert page.run("liveavatar.drawn") == 3
    assert psnr(page.pixels(), frames[2].image) > 40


def test_it_comes_back_after_a_restart_and_a_reload(opened: Any, page_of: Any, renderer: Renderer) -> None:
    output = opened()
    page = page_of(output)
    frame = renderer.sketch(STATES[1])
    shows(page, output, frame)
    port = urlsplit(output.address).port
    output.close()
    page.wait("document.getElementById('drawn').hidden")
    assert not page.pixels().any()  # nothing, rather than a frozen face
    output = opened(port)
    page.wait("liveavatar.connections === 2")
    shows(page, output, renderer.sketch(STATES[1]))
    assert psnr(page.pixels(), frame.image) > 40
    page.call("Page.reload")
    page.wait("window.liveavatar && liveavatar.connections === 1 && liveavatar.drawn > 0")
    assert psnr(page.pixels(), frame.image) > 40


def test_a_page_that_lost_its_gpu_takes_pictures_until_it_is_back(
    opened: Any, page_of: Any, renderer: Renderer
) -> None:
    output = opened()
    page = page_of(output)
    shows(page, output, renderer.sketch(STATES[0]))
    page.run(
        "window.lose = drawn.getContext('webgl2').getExtension('WEBGL_lose_context'); lose.loseContext()"
    )
    page.wait("liveavatar.why === 'lost'")
    frame = renderer.sketch(STATES[1])
    shows(page, output, frame, "flat")
    assert output.needs_pictures
    assert psnr(page.pixels(), frame.image) > 45
    page.run("lose.restoreContext()")
    page.wait("liveavatar.mode === 'draw'")
    shows(page, output, renderer.sketch(STATES[1]))
    assert psnr(page.pixels(), frame.image) > 40 and not output.needs_pictures


@pytest.mark.parametrize(("draw", "why"), [("", "software"), ("pictures", "asked")])
def test_without_a_gpu_and_on_request_it_takes_pictures(
    draw: str, why: str, opened: Any, page_of: Any
) -> None:
    """Pictures flow, with their alpha."""
    output = opened(size=(64, 48))
    image = np.zeros((48, 64, 4), np.uint8)
    image[:, 32:] = (200, 30, 60, 255)
    image[:, 28:32] = (100, 15, 30, 128)
    page = page_of(output, draw, size=(64, 48))
    assert page.run("liveavatar.why") == why
    stop = threading.Event()

    def feed() -> None:
        while not stop.wait(1 / 30):
            output.send(AvatarFrame(image, 0.0))

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        page.wait("liveavatar.pictures > 20")
    finally:
        stop.set()
        feeder.join()
    shown = page.pixels()
    assert not shown[:, :27].any() and (shown[:, 33:] == (200, 30, 60, 255)).all()
    half = shown[20, 30]
    assert half[3] == 128 and np.abs(half[:3].astype(int) - (200, 30, 60)).max() <= 2
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("program", ["99", "older"])
def test_a_page_of_another_version_reloads_itself_once_and_then_says_what_to_do(
    program: str, opened: Any, page_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program == "older":  # it answered anything with a bare picture
        monkeypatch.setattr(
            browser, "hello", lambda background: struct.pack("<HHI", 64, 48, 1) + bytes(4 * 64 * 48)
        )
    else:
        monkeypatch.setattr(page_messages, "VERSION", int(program))
    output = opened()
    page = page_of(output)
    page.wait(
        f"sessionStorage.getItem('reloaded') === '{program}' && window.liveavatar && liveavatar.connections > 0"
    )
    page.wait("!document.querySelector('p').hidden")
    assert "another version" in page.run("document.querySelector('p').textContent")
    output.send(AvatarFrame(np.full((128, 128, 4), 255, np.uint8), 0.0))
    assert not output.needs_pictures and page.run("liveavatar.pictures") == 0


def test_motion_between_two_frames(opened: Any, page_of: Any) -> None:
    page = page_of(opened())
    ends = "{coefficients: [0, 4], place: [1, 0, 0]}, {coefficients: [2, 0], place: [2, 1, 0]}"
    mixed = page.run(f"(m => [...m.coefficients, ...m.place])(mix({ends}, .25, {{coefficients: [0, 0]}}))")
    assert mixed == [0.5, 3, 1.25, 0.25, 0]
    # 30 frames a second, each 5 ms after `at`, on screens of 60, 120 and 25 Hz: even steps, and the least delay.
    shown = """(rate, first, heads = [], head = 0) => {
      for (let t = first; t < 4000; t += 1000 / rate) {
        const n = Math.floor((t - 5) / (1000 / 30));
        heads.push([t, head = played(head, 1000 / rate, (n - 1) * 1000 / 30, n * 1000 / 30)]);
      }
      return heads;
    }"""
    period = 1000 / 30
    for rate, phase in itertools.product((60, 120, 25), (6, 11, 16)):
        times, heads = np.array(page.run(f"({shown})({rate}, {phase})"))[rate:].T
        delay, refresh = np.mean(times - heads), 1000 / rate
        if refresh < period:
            np.testing.assert_allclose(np.diff(heads), refresh, atol=0.6)
            last = (
                (phase - 5) % refresh + period - refresh
            )  # when the screen is drawn last before another frame comes
            assert delay == pytest.approx(5 + last, abs=0.5)
        else:
            assert 5 <= delay < 5 + period
