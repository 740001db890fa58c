"""Drawing with OpenGL: the pictures of the CPU path, and the CPU path itself where OpenGL is missing, slow, wrong or lost."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.library import find_avatar
from liveavatar.base import opengl as base
from liveavatar.controls import CONTROLS, RANGES, neutral, vector
from liveavatar.errors import ProviderError
from liveavatar.live.loop import Live
from liveavatar.media.compositing import Background
from liveavatar.outputs.memory import Memory
from liveavatar.renderers import open_renderer
from liveavatar.renderers.gan import gl_renderer
from liveavatar.renderers.gan.gl_picture import GlPicture
from liveavatar.renderers.gan.gl_renderer import AFTER, TRIED, GlRenderer
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.drawings import decoded, noise
from tests.helpers.fakes import FakeCamera, FakeRetargeter, FakeTracker
from tests.helpers.opengl import require_opengl

SMILE = Expression(vector(jawOpen=0.7, mouthSmileLeft=0.6, headYaw=0.2), 3.0)


@pytest.fixture(autouse=True)
def unlearnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that knows nothing of OpenGL yet."""
    monkeypatch.setattr(gl_renderer, "learnt", gl_renderer._Learnt())


@pytest.fixture(scope="module")
def opengl() -> None:
    require_opengl()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def drawing(tiny: Avatar, opengl: None, said: list[str]) -> Iterator[GlRenderer]:
    """The tiny avatar, asked for by name, ready before its first picture."""
    with closing(GlRenderer(tiny, "cpu", 1, asked=True, live=False, say=said.append)) as renderer:
        yield renderer


def on_cpu(avatar: Avatar, *expressions: Expression) -> list[np.ndarray]:
    with closing(open_renderer(avatar, "cpu", 1)) as renderer:
        return [renderer.render(e).image for e in expressions]


def decibels(a: np.ndarray, b: np.ndarray) -> float:
    """PSNR over grey."""
    flat = [x[..., :3] + 127.5 * (1 - x[..., 3:] / 255) for x in (a, b)]
    return float(10 * np.log10(255**2 / max(np.mean((flat[0] - flat[1]) ** 2), 1e-6)))


def test_the_cpus_pictures(tiny: Avatar, drawing: GlRenderer) -> None:
    random = np.random.default_rng(0)
    low, high = np.array([RANGES[name] for name in CONTROLS]).T
    noise = [random.uniform(low, high) * (random.random(len(CONTROLS)) < 0.4) for _ in range(8)]
    still = [Expression(values.astype(np.float32), float(i)) for i, values in enumerate(noise)]
    moved = [replace(e, x=random.uniform(-0.2, 0.2), y=0.1, scale=random.uniform(0.8, 1.3)) for e in still]
    found = []
    for expression, expected in zip([*still, *moved], on_cpu(tiny, *still, *moved), strict=True):
        frame = drawing.render(expression)
        assert frame.time == expression.time and frame.image.shape == expected.shape
        assert (frame.image[..., :3] <= frame.image[..., 3:]).all()
        found.append(decibels(frame.image, expected))
    assert drawing.draw == "gpu" and drawing.gpu
    print(f"\ntiny: {min(found[:8]):.1f} dB at least, placed {min(found[8:]):.1f}")
    assert min(found[:8]) > 50 and min(found[8:]) > 45


def test_the_cpus_pictures_of_an_avatar_that_ships(opengl: None) -> None:
    """More than between CPU path and teacher (docs/gpu.md): where they differ most, it is the CPU that is further from it."""
    avatar = find_avatar("hoshi")
    expressions = [SMILE, Expression(neutral(), 0.0, x=0.1, y=0.1, scale=1.3)]
    with closing(open_renderer(avatar, "cpu", 1, draw="gpu")) as renderer:
        pictures = [renderer.render(e).image for e in expressions]
        assert renderer.draw == "gpu"
    found = [decibels(*pair) for pair in zip(pictures, on_cpu(avatar, *expressions), strict=True)]
    print(f"\nhoshi: {found[0]:.1f} dB, placed {found[1]:.1f}")
    assert min(found) > 40


@pytest.fixture
def context(opengl: None) -> Iterator[Any]:
    made, _ = base.open_context()
    with made:
        yield made
    made.release()


def made(context: Any, drawing: LayersDrawing) -> GlPicture:
    picture = GlPicture(context, drawing.avatar)
    assert len(list(picture.build(drawing))) > len(drawing.avatar.gan.layers)
    return picture


def painted(picture: GlPicture, i: int) -> np.ndarray:
    """What the layer's texture shows where a patch is: (h, w, 4) uint8."""
    patch = picture._patches[i].place
    (x, y), (width, height) = patch.corner, patch.size
    texture = picture._layers[patch.layer].texture
    texels = np.frombuffer(texture.read(), np.uint8).reshape(texture.height, texture.width, 4)
    return texels[y : y + height, x : x + width]


def test_patches_are_decoded_to_the_bytes_of_the_definition(context: Any) -> None:
    drawing = noise()
    picture = made(context, drawing)
    random = np.random.default_rng(2)
    apart = []
    for scale in (0.0, 0.3, 1.0, 3.0):  # amounts beyond 1 count as 1
        coefficients = random.uniform(-scale, scale, drawing.coefficients.shape).astype(np.float32)
        picture.draw(replace(drawing, coefficients=coefficients))
        _, shown = drawing.dictionaries.split(coefficients)
        for i, (dictionary, amounts) in enumerate(zip(drawing.dictionaries.patches, shown, strict=True)):
            expected, found = decoded(dictionary, amounts), painted(picture, i)
            assert (found[~dictionary.varies] == dictionary.low[~dictionary.varies]).all()
            assert len(np.unique(found)) > 100
            apart.append(np.abs(found.astype(int) - expected))
    # A sum beyond 2 ** 24 is rounded on its way to a float, and half a level may go either way.
    assert max(a.max() for a in apart) <= 1 and np.mean([a.mean() for a in apart]) < 1e-3


def test_a_patch_is_painted_when_its_amounts_changed(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = noise()
    picture = made(context, drawing)
    done: list[str] = []
    paint = picture._paint
    monkeypatch.setattr(
        picture, "_paint", lambda patch, amounts: (done.append(patch.place.name), paint(patch, amounts))
    )
    picture.draw(drawing)
    moved, mouth = drawing.coefficients.copy(), drawing.coefficients.copy()
    moved[0] += 1
    mouth[-1] /= 2
    for coefficients in (moved, mouth, mouth, moved):
        picture.draw(replace(drawing, coefficients=coefficients))
    assert done == ["eyes", "mouth", "mouth", "mouth"]


def test_modes_move_a_layer_by_their_sum(context: Any) -> None:
    """Modes that move all cells alike move the picture; a number that is no multiple of four is filled up."""
    drawing = noise(modes=6)
    modes = np.zeros_like(drawing.dictionaries.modes)
    modes[:, 0, 0], modes[:, 5, 0], modes[:, 4, 1] = 0.5, 0.25, 1
    still = replace(drawing, dictionaries=replace(drawing.dictionaries, modes=modes))
    picture = made(context, still)

    def at(*amounts: float) -> np.ndarray:
        coefficients = drawing.coefficients.copy()
        coefficients[:12] = [*amounts, *amounts]
        return picture.draw(replace(still, coefficients=coefficients))

    rest, moved = at(0, 0, 0, 0, 0, 0), at(1, 0, 0, 0, 0.25, -1)  # a quarter of a cell each way is two pixels
    assert rest[10:30, 12:40].std() > 20
    assert np.abs(moved[12:, 2:].astype(int) - rest[10:-2, :-2]).max() <= 1


def test_dictionaries_that_no_card_holds_are_refused(context: Any) -> None:
    drawing = noise(modes=6)
    deep = np.zeros((2, 3 * context.info["GL_MAX_ARRAY_TEXTURE_LAYERS"], 2, 6, 8), np.float16)
    with pytest.raises(ProviderError, match="has room for"):
        made(context, replace(drawing, dictionaries=replace(drawing.dictionaries, modes=deep)))
    assert context.error == "GL_NO_ERROR"


def test_software_is_for_those_who_ask_for_it(tiny: Avatar, opengl: None, said: list[str]) -> None:
    if not base.is_software(base.open_context()[1]):
        pytest.skip("there is a GPU")
    with closing(open_renderer(tiny, "cpu", 1, said.append, live=True)) as renderer:
        pictures = [renderer.render(SMILE).image for _ in range(AFTER + 30)]
        assert (renderer.draw, said) == ("cpu", [])
    assert all(np.array_equal(p, pictures[0]) for p in pictures)
    with closing(open_renderer(tiny, "cpu", 1, said.append, draw="gpu", live=True)) as renderer:
        for _ in range(AFTER + 30):
            renderer.render(SMILE)
        assert renderer.draw == "gpu"
    assert len(said) == 1 and "is no GPU but a program on the processor" in said[0]


def test_without_being_asked_it_is_used_where_it_is_real_and_no_slower(
    tiny: Avatar, opengl: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gl_renderer, "is_software", lambda name: False)
    for fastest, expected in ((float("inf"), "gpu"), (0.0, "cpu")):
        with closing(GlRenderer(tiny, "cpu", 1, live=False)) as renderer:
            renderer._fastest["cpu"] = fastest
            for _ in range(TRIED):
                assert renderer.render(SMILE).image.any()
            assert renderer.draw == expected
    assert (
        "takes" in gl_renderer.learnt.declined
    )  # and no other avatar of this process is slowed down by trying
    with closing(GlRenderer(tiny, "cpu", 1, live=False)) as renderer:
        renderer.render(SMILE)
        assert (renderer.draw, renderer.gpu) == ("cpu", "")


def test_it_is_made_ready_step_by_step_while_the_cpu_draws(
    tiny: Avatar, opengl: None, said: list[str]
) -> None:
    [expected] = on_cpu(tiny, SMILE)
    with closing(GlRenderer(tiny, "cpu", 1, asked=True, say=said.append)) as renderer:
        before = 0
        while renderer.draw == "cpu":
            assert np.array_equal(renderer.render(SMILE).image, expected) or renderer.draw == "gpu"
            before += 1
        assert before > AFTER + len(tiny.gan.layers) + len(tiny.gan.patches)
        assert decibels(renderer.render(SMILE).image, expected) > 50


def test_a_lost_context_is_told_once_and_the_cpu_draws_on(
    tiny: Avatar, drawing: GlRenderer, said: list[str]
) -> None:
    drawing.render(SMILE)
    said.clear()
    assert drawing._opengl is not None
    drawing._opengl.context.release()
    pictures = [drawing.render(SMILE).image for _ in range(3)]
    assert all(np.array_equal(p, on_cpu(tiny, SMILE)[0]) for p in pictures)
    assert drawing.draw == "cpu" and len(said) == 1 and "drawing on the CPU" in said[0]


def test_a_read_back_of_nothing_is_a_lost_context(
    tiny: Avatar, drawing: GlRenderer, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some drivers answer every call with success when the card is gone."""
    drawing.render(SMILE)
    picture = drawing._picture
    assert picture is not None

    class Gone:
        def __getattr__(self, name: str) -> Any:
            return lambda *arguments, **options: None

    monkeypatch.setattr(picture, "_frame", Gone())
    assert np.array_equal(drawing.render(SMILE).image, on_cpu(tiny, SMILE)[0])
    assert drawing.draw == "cpu" and "nothing was read back" in said[-1]


def test_a_driver_that_draws_wrong_is_refused(
    tiny: Avatar, opengl: None, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gl_renderer, "golden_error", lambda avatar, image: 3.0)
    with closing(GlRenderer(tiny, "cpu", 1, asked=True, live=False, say=said.append)) as renderer:
        assert np.array_equal(renderer.render(SMILE).image, on_cpu(tiny, SMILE)[0])
        assert renderer.draw == "cpu"
    assert len(said) == 1 and "draws the test picture wrong by 3.00 levels" in said[0]


@pytest.mark.parametrize(
    ("missing", "told"),
    [("moderngl", "pip install moderngl"), ("version", "there is no OpenGL 3.3")],
)
def test_where_there_is_no_opengl_the_cpu_draws(
    tiny: Avatar, said: list[str], monkeypatch: pytest.MonkeyPatch, missing: str, told: str
) -> None:
    monkeypatch.setattr(base, "_shared", [])
    if missing == "moderngl":
        monkeypatch.setattr(base, "_probed", {})
        monkeypatch.setitem(sys.modules, "moderngl", None)
    else:
        require_opengl()
        monkeypatch.setattr(base, "VERSION", 990)
    for asked in (False, True):
        with closing(GlRenderer(tiny, "cpu", 1, asked=asked, live=False, say=said.append)) as renderer:
            assert renderer.render(SMILE).image.any() and renderer.draw == "cpu"
        assert len(said) == asked
    assert told in said[0]


def test_sketches_are_drawn_in_other_threads_and_after_close(tiny: Avatar, drawing: GlRenderer) -> None:
    expected = drawing.render(SMILE).image
    first, second = drawing.sketch(SMILE), drawing.sketch(SMILE)
    with ThreadPoolExecutor(1) as other:
        assert np.array_equal(other.submit(lambda: first.image).result(), expected)
    drawing.close()
    drawing.close()
    assert decibels(second.image, expected) > 50


def test_a_driver_that_hangs_is_not_called_again(
    tiny: Avatar, drawing: GlRenderer, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing.render(SMILE)
    assert drawing._picture is not None
    inside, over = threading.Event(), threading.Event()

    def hang(sketch: object) -> None:
        inside.set()
        over.wait(60)

    monkeypatch.setattr(drawing._picture, "draw", hang)
    stuck = threading.Thread(target=lambda: drawing.sketch(SMILE).image)
    stuck.start()
    inside.wait(60)
    drawing.close()  # as the watchdog does, from another thread
    over.set()
    stuck.join(60)
    assert drawing._opengl is None  # released by the thread that hung
    said.clear()
    with closing(GlRenderer(tiny, "cpu", 1, asked=True, live=False, say=said.append)) as renderer:
        assert renderer.render(SMILE).image.any() and renderer.draw == "cpu"
    assert len(said) == 1 and "hung" in said[0]


def test_a_swap_leaves_no_gap(tiny: Avatar, opengl: None) -> None:
    """Every frame shows the avatar while the new one's objects are made, and both are drawn on the GPU in the end."""
    opened: list[GlRenderer] = []

    def open_one() -> GlRenderer:
        opened.append(GlRenderer(tiny, "cpu", 1, asked=True))
        return opened[-1]

    class Sink(Memory):
        empty = 0

        def send(self, frame: AvatarFrame, at: float | None = None) -> None:
            self.empty += bool(self.drawn) and not frame.image.any()
            self.drawn = self.drawn or bool(frame.image.any())
            if opened and opened[-1].draw == "gpu":
                if len(opened) == 2:
                    live.stop()
                elif swapping.ident is None:
                    swapping.start()

        drawn = False

    sink = Sink("memory", size=tiny.size, fps=60, background=Background("black", tiny.size))
    live = Live(
        open_camera=lambda: FakeCamera(frames=None, fps=60), open_tracker=FakeTracker, retargeter=FakeRetargeter(),
        open_renderer=open_one, output=sink, size=tiny.size, fps=60,
    )  # fmt: skip
    swapping = threading.Thread(target=lambda: live.swap(open_one))
    guard = threading.Timer(30, live.stop)
    guard.start()
    report = live.run()
    guard.cancel()
    assert [renderer.draw for renderer in opened] == ["gpu", "gpu"]
    assert sink.empty == 0 and not report.troubles
