"""The generator of gestures: what it is taught from, and that it goes on where it stopped."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.retargeting.manner import CHANNELS, FPS, Manner
from liveavatar.training.gestures.blinks import blinks, onsets
from liveavatar.training.gestures.judge import Performance, alignment, figures, split
from liveavatar.training.gestures.lesson import folder_of, learn
from liveavatar.training.gestures.recording import Recording
from liveavatar.training.gestures.trainer import Trainer, material


def recording(seconds: float = 24.0) -> Recording:
    """Somebody whose head goes with the voice, and who blinks each two seconds."""
    rng, count = np.random.default_rng(1), round(seconds * FPS)
    loud = np.clip(np.convolve(rng.normal(0.7, 0.6, count), np.hanning(9) / 4, "same"), 0, 1)
    motion = np.sin(np.cumsum(rng.normal(0, 0.1, (count, len(CHANNELS))), 0)) * 0.02
    motion[:, 1] = 0.2 * np.sin(0.5 * np.cumsum(loud))
    speech = np.zeros((count, 6))
    speech[:, 0], speech[:, 5] = loud, np.sign(loud - 0.2)
    lids = np.zeros(count)
    for at in range(20, count, 2 * FPS):
        lids[at : at + 5] = 1
    return Recording(
        "made", motion.astype(np.float32), lids, speech.astype(np.float32), np.zeros((count * 10 // 3, 2))
    )


def test_training_goes_on_where_it_stopped_and_a_manner_comes_of_it(tmp_path: Path) -> None:
    taught, judged = split(recording(), 0.75)

    def trainer(folder: str = "stopped") -> Trainer:
        (tmp_path / folder).mkdir(exist_ok=True)
        return Trainer(material([taught]), judged, blinks([taught]), tmp_path / folder)

    trainer().run(2, lambda done, total: None)
    again, straight = trainer(), trainer("straight")
    assert again.step == 2
    again.run(4, lambda done, total: None)
    straight.run(4, lambda done, total: None)
    kept = Manner.from_bytes(again.manner().to_bytes())
    for name, array in straight.manner().arrays.items():
        np.testing.assert_allclose(kept.arrays[name], array, atol=1e-6)
    assert (kept.bounds[0] < kept.bounds[1]).all()
    assert {"curve.png", "samples-000004.png"} <= {path.name for path in (tmp_path / "stopped").iterdir()}


def test_a_lesson_is_judged_by_what_it_did_not_learn(tmp_path: Path) -> None:
    whole = recording()
    learned = learn([whole], 1, 1, tmp_path, lambda done, total: None)
    assert len(learned.judged) == pytest.approx(len(whole) / 4, abs=8)
    assert set(learned.figures) == {"person", "manner", "rules"}
    assert folder_of([whole], 1) == folder_of([whole], 1) != folder_of([whole], 2)


def test_blinks_are_counted_and_keep_their_shape() -> None:
    found = blinks([recording(60.0)])
    assert len(onsets(recording(60.0).lids)) == 30
    assert 0.4 < found.rate[0] < 2 and found.shape.max() == 1 and found.shape[0] == found.shape[-1] == 0
    shut = np.zeros(300)
    shut[50:200] = 1
    assert len(onsets(shut)) == 0, "who looks down does not blink"


def test_figures_tell_who_moves_with_the_voice() -> None:
    one = recording()
    found = figures(one, Performance(one.motion, one.lids))
    assert found["aligned"] > found["aligned_elsewhere"] + 0.2
    assert found["blinks"] == pytest.approx(30, abs=3)
    assert alignment(np.zeros(99), np.zeros(99)) == -1
