"""What every output must do. A new output that needs no hardware joins OUTPUTS below."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from liveavatar.errors import OutputError
from liveavatar.outputs import OUTPUTS, Output, open_output
from liveavatar.types import AvatarFrame, Frame

SIZE = (64, 48)
RUNNABLE = ["null", "memory", "browser:0", "{folder}/a.mp4", "{folder}/a.webm"]
PICTURE = np.zeros((48, 64, 4), np.uint8)


@pytest.fixture(params=RUNNABLE)
def output(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Output]:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    output = open_output(request.param.format(folder=tmp_path), size=SIZE, fps=30)
    yield output
    output.close()


@pytest.mark.parametrize(
    "thing",
    [
        PICTURE,
        PICTURE[..., :3],
        Frame(PICTURE[..., :3], 0.0, 0),
        None,
        b"",
        "frame",
        [AvatarFrame(PICTURE, 0.0)],
    ],
    ids=["rgba", "rgb", "Frame", "None", "bytes", "str", "list"],
)
def test_it_refuses_anything_but_avatar_frames(output: Output, thing: Any) -> None:
    with pytest.raises(TypeError, match="AvatarFrame only"):
        output.send(thing)


def test_it_takes_avatar_frames_of_any_size_and_leaves_them_alone(output: Output) -> None:
    for width, height in (SIZE, (32, 32), (200, 100)):
        image = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
        before = image.copy()
        output.send(AvatarFrame(image, 1.0))
        np.testing.assert_array_equal(image, before)


def test_it_takes_the_time_on_its_own_clock_or_none(output: Output) -> None:
    for at in (0.0, 1 / 30, None, 0.5, None):
        output.send(AvatarFrame(PICTURE, 1.0), at)


def test_it_may_be_closed_twice(output: Output) -> None:
    output.send(AvatarFrame(PICTURE, 0.0))
    output.close()
    output.close()


def test_it_says_what_it_is(output: Output) -> None:
    assert output.label


def test_every_output_of_the_dict_exists() -> None:
    from importlib import import_module

    for target in OUTPUTS.values():
        module, name = target.split(":")
        kind = getattr(import_module(module), name)
        assert callable(kind.send) and callable(kind.close)


@pytest.mark.parametrize("spec", ["tv", "video", "browsers", "a.avi", ""])
def test_an_unknown_output_lists_the_known_ones(spec: str) -> None:
    with pytest.raises(OutputError, match=r"virtualcam, window, browser, null, memory.*\.mp4"):
        open_output(spec, size=SIZE, fps=30)
