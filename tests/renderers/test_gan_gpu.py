"""The graph for GPUs, run by ONNX Runtime's CPU provider, against the CPU path: the same pictures."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from liveavatar import renderers
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import find_avatar
from liveavatar.controls import CONTROLS, RANGES
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.types import Expression
from tests.helpers.driver_clip import driver_faces
from tests.helpers.fakes import FakeRenderer

pytest.importorskip("onnx")
from liveavatar.renderers.gan import gpu
from liveavatar.renderers.gan.gpu import GraphRenderer, cached_graph


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *a, **k: str(tmp_path / "缓存"))
    return tmp_path / "缓存"


def psnr(avatar: Avatar, expressions: list[Expression]) -> list[float]:
    """dB between both paths, for each expression."""
    cpu, whole = GanRenderer(avatar, "cpu"), GraphRenderer(avatar, "cpu")
    result = []
    for expression in expressions:
        a, b = cpu.render(expression), whole.render(expression)
        assert b.image.shape == a.image.shape and b.image.dtype == np.uint8 and b.time == expression.time
        assert (b.image[..., :3] <= b.image[..., 3:]).all()
        error = float(np.mean((a.image.astype(float) - b.image) ** 2))
        result.append(10 * np.log10(255**2 / max(error, 1e-6)))
    cpu.close()
    whole.close()
    return result


def test_parity_on_a_tracked_clip(model: Path) -> None:
    """The shipped avatar, driven by the shipped clip, the head's place and size in the picture included."""
    retargeter = FaceRetargeter()
    driven = [retargeter.retarget(face, i / 30) for i, face in enumerate(driver_faces(model))]
    found = psnr(find_avatar("hoshi"), driven[40::60])
    print(f"parity on the driver clip: mean {np.mean(found):.1f} dB, worst {min(found):.1f}")
    assert np.mean(found) >= 50 and min(found) >= 40


def test_parity_on_random_controls(tiny: Avatar) -> None:
    random = np.random.default_rng(0)
    low, high = np.array([RANGES[name] for name in CONTROLS]).T
    noise = [random.uniform(low, high) * (random.random(len(CONTROLS)) < 0.4) for _ in range(30)]
    still = [Expression(values.astype(np.float32), 0.0) for values in noise]
    assert min(psnr(tiny, still)) >= 50
    # The CPU path starts the enlarged flow on whole pixels, half a pixel off at most: seen where the flow is steep.
    moved = [replace(e, x=random.uniform(-0.2, 0.2), scale=random.uniform(0.8, 1.3)) for e in still]
    assert np.mean(psnr(tiny, moved)) >= 40


def test_the_graph_is_built_once_and_for_each_content(
    tiny: Avatar, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cached_graph(tiny)
    assert cache in first.parents and [p.name for p in first.parent.iterdir()] == [first.name]
    monkeypatch.setattr(gpu, "build", lambda avatar: pytest.fail("built again"))
    assert cached_graph(tiny) == first
    other = replace(tiny, files={**tiny.files, "face.png": "0" * 64})
    with pytest.raises(pytest.fail.Exception, match="built again"):
        cached_graph(other)


def test_where_it_cannot_be_kept_it_serves_this_run(
    tiny: Avatar, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "user_folder", lambda kind: Path(os.devnull, "liveavatar"))
    assert cached_graph(tiny).stat().st_size > 1000
    assert "for this run only" in capsys.readouterr().err


def test_a_gpu_that_does_not_start_is_told_and_one_asked_for_is_an_error(
    tiny: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a GPU build of ONNX Runtime on a machine whose driver is too old."""
    from liveavatar import renderers
    from liveavatar.errors import ProviderError
    from liveavatar.renderers import sessions

    monkeypatch.setattr(sessions, "available", lambda: ["cuda", "cpu"])
    drawn = renderers.open_renderer(tiny, "auto")
    assert drawn.provider == "cpu" and isinstance(drawn, GanRenderer)
    assert "cuda" in drawn.fallback  # type: ignore[attr-defined]
    with pytest.raises(ProviderError, match="cuda"):
        renderers.open_renderer(tiny, "cuda")


def test_frames_that_may_be_drawn_elsewhere_come_from_no_whole_graph(
    tiny: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, str]] = []
    monkeypatch.setattr(renderers, "candidates", lambda provider: ["cuda", "cpu"])
    monkeypatch.setattr(renderers, "_make", lambda kinds, *a, **k: made.append(kinds) or FakeRenderer())
    for sketch in (False, True):
        renderers.make_renderer(tiny, "auto", 1, live=True, sketch=sketch)
    assert made == [renderers.GPU_RENDERERS, renderers.GL_RENDERERS]
