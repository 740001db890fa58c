"""`run --camera none`: an avatar without a camera."""

from typing import Any

import numpy as np
import pytest

from liveavatar.app import live_session
from liveavatar.app.live_session import DesktopOptions, play_live
from liveavatar.app.parts import LineOptions
from liveavatar.app.sink import Sink
from liveavatar.avatar.card import Avatar
from liveavatar.base.mailbox import Closed
from liveavatar.media.compositing import Background, Framing
from liveavatar.outputs.memory import Memory
from liveavatar.retargeting import open_retargeter
from liveavatar.trackers import model_files


class Watched(Memory):
    """Closed by its user after so many frames."""

    def send(self, frame: Any, at: float | None = None) -> None:
        if len(self.frames) == 75:
            raise Closed
        super().send(frame, at)


def test_the_avatar_idles_without_a_camera_and_without_a_face_model(
    tiny: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*a: object, **k: object) -> None:
        raise AssertionError("neither a face model nor a camera is needed")

    monkeypatch.setattr(model_files, "find_model", never)
    monkeypatch.setattr("liveavatar.cameras.open_camera", never)
    monkeypatch.setattr(live_session, "tell_of_another", lambda: None)
    output = Watched("memory", size=tiny.size, fps=30.0, background=Background("white", tiny.size))
    monkeypatch.setattr(Sink, "open_live", lambda *a: output)
    line = LineOptions("none", tiny, "cpu", "cpu", None, open_retargeter(tiny))
    assert play_live(
        line, Sink("null", None, "bt709", None, Framing()), None, DesktopOptions(False, False, False)
    )
    pictures = np.array(output.pictures[10:], np.int16)
    assert np.abs(np.diff(pictures, axis=0)).max() > 0, "it breathes and blinks"
