import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, RANGES
from liveavatar.errors import LiveAvatarError
from liveavatar.retargeting.emotes import EMOTES, FADE, EmoteRetargeter
from tests.helpers.fakes import FakeRetargeter


def run(emoting: EmoteRetargeter, start: float, seconds: float, fps: float = 60.0) -> np.ndarray:
    """(n, controls) of a face that is lost, so everything but the emote is at rest."""
    steps = round(seconds * fps)
    return np.array([emoting.retarget(None, start + i / fps).controls for i in range(1, steps + 1)])


@pytest.mark.parametrize("name", EMOTES)
def test_an_emote_is_in_range_and_reached_without_a_jump(name: str) -> None:
    emoting = EmoteRetargeter(FakeRetargeter())
    emoting.retarget(None, 0.0)
    assert emoting.toggle(name) == name
    seen = run(emoting, 0.0, 0.5)
    for control, value in EMOTES[name].items():
        assert RANGES[control][0] <= value <= RANGES[control][1]
        assert seen[-1, INDEX[control]] == pytest.approx(value)
    assert np.abs(np.diff(seen, axis=0)).max() < 1.6 / (FADE * 60)  # smoothstep: 1.5 times the mean speed
    others = [i for i, control in enumerate(CONTROLS) if control not in EMOTES[name]]
    assert not seen[:, others].any()
    assert emoting.toggle(name) == ""
    assert not run(emoting, 0.5, 0.5)[-1].any()


def test_another_emote_takes_over_and_none_ends_it() -> None:
    emoting = EmoteRetargeter(FakeRetargeter())
    emoting.toggle("joy")
    run(emoting, 0.0, 1.0)
    emoting.toggle("anger")
    seen = run(emoting, 1.0, 1.0)
    assert seen[-1, INDEX["browDownLeft"]] == 1.0 and seen[-1, INDEX["mouthSmileLeft"]] == 0.0
    assert emoting.toggle("none") == ""


def test_the_face_goes_on_under_an_emote() -> None:
    from liveavatar.types import Face
    from tests.helpers.fakes import LANDMARKS, POSE, SIZE

    shapes = np.zeros(51, np.float32)
    shapes[24] = 0.6  # jawOpen
    emoting = EmoteRetargeter(FakeRetargeter())
    emoting.toggle("joy")
    for i in range(30):
        made = emoting.retarget(Face(LANDMARKS, shapes, POSE, SIZE, i / 30), i / 30)
    assert (
        made.controls[INDEX["jawOpen"]] == pytest.approx(0.6)
        and made.controls[INDEX["mouthSmileLeft"]] == 1.0
    )


def test_an_unknown_emote_lists_those_there_are() -> None:
    with pytest.raises(LiveAvatarError, match="there are: joy, anger"):
        EmoteRetargeter(FakeRetargeter()).toggle("ennui")
