import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, RANGES
from liveavatar.errors import LiveAvatarError
from liveavatar.retargeting.mixer import FADES, Layer, Mixer
from liveavatar.retargeting.reactions import COOLDOWN, EMOTES, IMPULSES, WAITING, Reactions, impulse
from tests.helpers.fakes import FakeRetargeter

FADE = FADES[Layer.EMOTE][0]


def run(mixer: Mixer, start: float, seconds: float, fps: float = 60.0) -> np.ndarray:
    """(n, controls) of a face that is lost, so everything but the emote is at rest."""
    steps = round(seconds * fps)
    return np.array([mixer.retarget(None, start + i / fps).controls for i in range(1, steps + 1)])


@pytest.mark.parametrize("name", EMOTES)
def test_an_emote_is_in_range_and_reached_without_a_jump(name: str) -> None:
    mixer = Mixer(FakeRetargeter())
    mixer.retarget(None, 0.0)
    assert mixer.reactions.perform(name) == name
    seen = run(mixer, 0.0, 0.5)
    for control, value in EMOTES[name].items():
        assert RANGES[control][0] <= value <= RANGES[control][1]
        assert seen[-1, INDEX[control]] == pytest.approx(value)
    assert np.abs(np.diff(seen, axis=0)).max() < 1.6 / (FADE * 60)  # smoothstep: 1.5 times the mean speed
    others = [i for i, control in enumerate(CONTROLS) if control not in EMOTES[name]]
    assert not seen[:, others].any()
    assert mixer.reactions.perform(name) == ""
    assert not run(mixer, 0.5, 0.5)[-1].any()


def test_another_emote_takes_over_and_none_ends_it() -> None:
    mixer = Mixer(FakeRetargeter())
    mixer.reactions.perform("joy")
    run(mixer, 0.0, 1.0)
    mixer.reactions.perform("angry")
    seen = run(mixer, 1.0, 1.0)
    assert seen[-1, INDEX["browDownLeft"]] == 1.0 and seen[-1, INDEX["mouthSmileLeft"]] == 0.0
    assert mixer.reactions.perform("none") == ""


def test_the_face_goes_on_under_an_emote() -> None:
    from liveavatar.types import Face
    from tests.helpers.fakes import LANDMARKS, POSE, SIZE

    shapes = np.zeros(51, np.float32)
    shapes[24] = 0.6  # jawOpen
    mixer = Mixer(FakeRetargeter())
    mixer.reactions.perform("joy")
    for i in range(30):
        made = mixer.retarget(Face(LANDMARKS, shapes, POSE, SIZE, i / 30), i / 30)
    assert (
        made.controls[INDEX["jawOpen"]] == pytest.approx(0.6)
        and made.controls[INDEX["mouthSmileLeft"]] == 1.0
    )


def test_timed_emotes_follow_one_by_one_and_a_held_one_comes_back() -> None:
    reactions = Reactions()
    reactions.perform("smug")
    assert reactions.at(0.0)[0] == "smug"
    for name in ("joy", "anger"):
        assert reactions.perform(name, 2.0) == "joy"
    on = [reactions.at(t)[0] for t in np.arange(0.1, 6.0, 0.1)]
    order = [name for i, name in enumerate(on) if i == 0 or on[i - 1] != name]
    assert order == ["joy", "smug", "anger", "smug"]
    assert on.count("joy") == 20 and on[20:].index("anger") == pytest.approx(COOLDOWN / 0.1, abs=1)


def test_none_ends_all_that_waits_and_no_more_than_so_many_wait() -> None:
    reactions = Reactions()
    for _ in range(WAITING + 1):
        reactions.perform("joy", 1.0)
    with pytest.raises(LiveAvatarError, match="wait already"):
        reactions.perform("joy", 1.0)
    assert reactions.remaining == 1.0
    assert reactions.perform("none") == "" and reactions.at(0.0) == ("", [])


@pytest.mark.parametrize("name", IMPULSES)
def test_an_impulse_moves_the_head_and_springs_back(name: str) -> None:
    mixer = Mixer(FakeRetargeter())
    mixer.retarget(None, 0.0)
    assert mixer.reactions.perform(name) == name
    seen = run(mixer, 0.0, IMPULSES[name] + 0.3)[:, [INDEX["headYaw"], INDEX["headPitch"]]]
    assert 0.1 < np.abs(seen).max() < 0.4 and not seen[-1].any()
    assert np.abs(np.diff(seen, axis=0)).max() < 0.08  # 270 degrees a second
    assert (np.diff(np.sign(np.diff(seen[:, :].sum(axis=1)))) != 0).sum() >= 3  # it swings
    assert impulse(name, 0.0) == impulse(name, IMPULSES[name]) == {}


def test_an_impulse_asked_for_again_and_again_is_one_until_it_is_over() -> None:
    reactions = Reactions()
    most = 0
    for i in range(100):
        reactions.perform("flinch")
        most = max(most, len(reactions.at(i / 30)[1]))
    assert most == 1


def test_what_there_is_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(LiveAvatarError, match=r"there are: joy, anger.*shake, none"):
        Reactions().perform("ennui")
    for seconds in (0.0, 1e9, float("nan")):
        with pytest.raises(LiveAvatarError, match="lasts from"):
            Reactions().perform("joy", seconds)
