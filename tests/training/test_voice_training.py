"""What a voice's generator learns from, and that its training goes on where it stopped."""

import wave
from pathlib import Path

import numpy as np
import pytest

from liveavatar.audio.features import HOP, RATE
from liveavatar.training.voice.corpus import Corpus, prepared, sped, speeds_of
from liveavatar.training.voice.trainer import Options, Trainer
from tests.audio.test_vocoder import vowels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people's speech."""
    place = tmp_path_factory.mktemp("speech")
    for name, pitch in (("anna", 220.0), ("bert", 110.0)):
        with wave.open(str(place / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            pause = np.zeros(RATE, np.float32)
            said = [part for _ in range(12) for part in (vowels(pitch, 3.0), pause)]
            file.writeframes((np.concatenate(said) * 20000).astype("<i2").tobytes())
    return place


@pytest.fixture(scope="module")
def corpus(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return prepared(folder, tmp_path_factory.mktemp("run"), lambda done, total: None)


def pitch_of(corpus: Corpus, who: int) -> np.ndarray:
    """Median pitch of each utterance of this one."""
    found = []
    for _, first, count in corpus.spans[(corpus.spans[:, 0] == who) & ~corpus.held]:
        _, features = corpus.taken(int(first), int(count))
        found.append(np.median(features.pitch[features.voiced > 0.7]))
    return np.array(found)


def test_each_speaker_is_another_one_at_another_speed(corpus: Corpus) -> None:
    anna = corpus.names.index("anna")
    assert corpus.names[anna + 2] == "anna@speed" and len(corpus.names) == 4
    np.testing.assert_allclose(pitch_of(corpus, anna), 220, rtol=0.03)
    moved = pitch_of(corpus, anna + 2) / 220
    assert ((moved > 0.75) & (moved < 0.96) | (moved > 1.05) & (moved < 1.31)).all()
    assert not corpus.held[corpus.spans[:, 0] >= 2].any(), "what is left out is heard as it is"
    assert len(corpus.sound) == len(corpus.features) * HOP


def test_long_utterances_at_another_speed_are_as_long_as_told() -> None:
    for speed in speeds_of(12, np.random.default_rng(1)):
        assert 0 <= 20 * RATE / speed - len(sped(np.zeros(20 * RATE, np.float32), speed)) < HOP


def test_training_goes_on_where_it_stopped(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    trainer = Trainer(Options(folder, 1, 2, 1, tmp_path), corpus)
    losses = trainer.train_step()
    assert np.isfinite(list(losses.values())).all()
    trainer.save()
    assert Trainer(Options(folder, 1, 2, 1, tmp_path), corpus).step == 1
