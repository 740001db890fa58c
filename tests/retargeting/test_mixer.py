"""Sources over a face: who lies over whom, and what is left of one that went away."""

import threading

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, RANGES, neutral
from liveavatar.retargeting.mixer import CHANNELS, FADES, MOST, TTL, Layer, Mixer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.stages import Retargeter
from liveavatar.types import Expression, Face
from tests.helpers.fakes import FakeRetargeter
from tests.helpers.running import wait_until

FPS = 60


class Smiling(Retargeter):
    """A face that does always the same."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        controls = neutral()
        controls[INDEX["mouthSmileLeft"]], controls[INDEX["jawOpen"]] = 0.5, 0.2
        return Expression(controls, time, x=0.1)


def at(mixer: Mixer, time: float, control: str) -> float:
    return float(mixer.retarget(None, time).controls[INDEX[control]])


def settle(mixer: Mixer, start: float, seconds: float = 0.5) -> Expression:
    for i in range(round(seconds * FPS) + 1):
        made = mixer.retarget(None, start + i / FPS)
    return made


def test_each_layer_lies_over_the_ones_below() -> None:
    mixer = Mixer(Smiling())
    settle(mixer, 0.0)
    expected = 0.2
    for layer, value in ((Layer.TRACKER, 0.3), (Layer.MOUTH, 0.4), (Layer.SET, 0.6)):
        assert settle(mixer, 1.0).controls[INDEX["jawOpen"]] == pytest.approx(expected)
        mixer.write(layer, "it", {"jawOpen": value})
        expected = value
    mixer.write(Layer.TRACKER, "late", {"jawOpen": 0.9})  # below: changes nothing
    assert settle(mixer, 1.6).controls[INDEX["jawOpen"]] == pytest.approx(0.6)
    mixer.write(Layer.ADD, "one", {"jawOpen": 0.1})
    mixer.write(Layer.ADD, "two", {"jawOpen": 0.1})
    assert settle(mixer, 1.7, 0.3).controls[INDEX["jawOpen"]] == pytest.approx(0.8)
    mixer.reactions.perform("puff")  # shuts the jaw; what is added is added to that
    assert settle(mixer, 2.0, 0.3).controls[INDEX["jawOpen"]] == pytest.approx(0.2)


def test_a_weight_is_a_share_and_other_controls_stay() -> None:
    mixer = Mixer(Smiling())
    mixer.write(Layer.SET, "it", {"jawOpen": 1.0, "x": 0.3}, {"jawOpen": 0.25})
    made = settle(mixer, 0.0)
    assert made.controls[INDEX["jawOpen"]] == pytest.approx(0.2 + 0.25 * 0.8)
    assert made.x == pytest.approx(0.3) and made.controls[INDEX["mouthSmileLeft"]] == 0.5


def test_who_falls_silent_holds_for_a_second_and_fades_without_a_jump() -> None:
    mixer = Mixer(Smiling())
    settle(mixer, 0.0)
    mixer.write(Layer.SET, "it", {"jawOpen": 1.0})
    fall = FADES[Layer.SET][1]
    seen = np.array([at(mixer, 0.5 + i / FPS, "jawOpen") for i in range(round(2 * FPS))])
    held = seen >= 1 - 1e-6
    assert held.sum() / FPS == pytest.approx(TTL, abs=0.1)
    assert np.abs(np.diff(seen[held.argmax() :])).max() < 1.6 * 0.8 / (fall * FPS)
    assert seen[-1] == pytest.approx(0.2) and not mixer._rows.keys  # nothing is kept of it


def test_who_is_cleared_fades_at_once() -> None:
    mixer = Mixer(Smiling())
    mixer.write(Layer.SET, "it", {"jawOpen": 1.0}, ttl=60)
    settle(mixer, 0.0)
    mixer.clear("it")
    assert settle(mixer, 0.6).controls[INDEX["jawOpen"]] == pytest.approx(0.2)


def test_a_written_value_is_in_the_very_next_picture() -> None:
    mixer = Mixer(Smiling())
    mixer.write(Layer.SET, "it", {"jawOpen": 0.3})
    settle(mixer, 0.0)
    mixer.write(Layer.SET, "it", {"jawOpen": 0.9})
    assert at(mixer, 0.52, "jawOpen") == pytest.approx(0.9)


def test_nothing_leaves_its_range_nor_the_avatars_head() -> None:
    mixer = Mixer(Smiling())
    mixer.limit_head({"headYaw": 0.3})
    mixer.write(Layer.ADD, "it", {name: 1e6 for name in CHANNELS})
    made = settle(mixer, 0.0)
    for name, value in zip(CONTROLS, made.controls, strict=True):
        assert value == pytest.approx(0.3 if name == "headYaw" else RANGES[name][1])
    assert (made.x, made.y, made.scale) == (0.5, 0.5, 2.0)


def test_hair_follows_a_head_that_was_pushed_and_a_source_may_hold_it() -> None:
    free, held = Mixer(FaceRetargeter()), Mixer(FaceRetargeter())
    swings = []
    for i in range(60):
        free.write(Layer.ADD, "it", {"headYaw": 0.4})
        held.write(Layer.ADD, "it", {"headYaw": 0.4})
        held.write(Layer.SET, "it", {"hairX": 0.0})
        swings.append([at(free, i / FPS, "hairX"), at(held, i / FPS, "hairX")])
    assert np.abs(np.array(swings)[:, 0]).max() > 0.3 and abs(swings[-1][1]) < 1e-6


def test_without_sources_it_changes_nothing() -> None:
    mixer, bare = Mixer(FaceRetargeter()), FaceRetargeter()
    for i in range(90):
        a, b = mixer.retarget(None, i / 30), bare.retarget(None, i / 30)
        assert np.array_equal(a.controls, b.controls) and a.x == b.x


def test_what_cannot_be_written_is_refused() -> None:
    mixer = Mixer(FakeRetargeter())
    with pytest.raises(KeyError):
        mixer.write(Layer.SET, "it", {"tail": 1.0})
    for wrong in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            mixer.write(Layer.SET, "it", {"jawOpen": wrong})
    for i in range(MOST):
        mixer.write(Layer.ADD, str(i), {"jawOpen": 0.01})
    with pytest.raises(ValueError, match="too many"):
        mixer.write(Layer.ADD, "one more", {"jawOpen": 0.01})


def test_many_threads_may_write_while_it_is_drawn() -> None:
    mixer, over = Mixer(FakeRetargeter()), threading.Event()

    def write(name: str) -> None:
        while not over.is_set():
            mixer.write(Layer.ADD, name, {"headYaw": 0.01}, ttl=60)

    threads = [threading.Thread(target=write, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(mixer._rows.fresh) == 8)
    made = settle(mixer, 0.0, 2.0)
    over.set()
    for thread in threads:
        thread.join()
    assert made.controls[INDEX["headYaw"]] == pytest.approx(0.08)
