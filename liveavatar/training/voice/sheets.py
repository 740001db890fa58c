"""What a voice's training shows: spectrograms and sounds of utterances left out, and curves."""

import io
import wave
from pathlib import Path

import numpy as np
import torch

from liveavatar.audio.features import HOP, RATE, Features
from liveavatar.audio.sliders import Mover, Sliders
from liveavatar.base.files import write_whole
from liveavatar.training import report
from liveavatar.training.voice.corpus import Corpus
from liveavatar.training.voice.losses import log_mel
from liveavatar.training.voice.networks import VoiceNet
from liveavatar.training.voice.sources import spoken

MOVED = Sliders(pitch=5.0, body=-0.35)
_FRAMES, _SHOWN = 300, 3
_MEL = 1024, 80


def distances(net: VoiceNet, corpus: Corpus, most: int = 8) -> dict[str, float]:
    """Mean absolute difference of log-mel spectrograms to the people's, dB: without the network, and with it."""
    found: dict[str, list[float]] = {"prior_db": [], "voice_db": []}
    for sound, features in _left_out(corpus, most):
        for name, made in zip(found, spoken(net, features), strict=True):
            found[name].append(distance(sound, made))
    return {name: float(np.mean(values)) for name, values in found.items()}


def distance(sound: np.ndarray, made: np.ndarray) -> float:
    """dB between two sounds (n,) that start together, where the first is within 45 dB of its loudest."""
    count = min(len(sound), len(made))
    a, b = (20 / np.log(10) * log_mel(torch.from_numpy(s[None, :count]), *_MEL)[0] for s in (sound, made))
    loud = a.amax(1) > a.max() - 45
    return float((a - b)[loud].abs().mean())


def write(net: VoiceNet, corpus: Corpus, path: Path) -> None:
    """A PNG: a column an utterance; from above the person, the sources alone, the network, and both of a moved voice. A wav
    of each beside it."""
    columns = []
    for k, (sound, features) in enumerate(_left_out(corpus, _SHOWN)):
        moved = spoken(net, Mover().move(features, MOVED))
        plain = spoken(net, features)
        sounds = [sound[: (_FRAMES - 1) * HOP], *plain, *moved]
        for name, samples in zip(
            ("person", "sources", "copy", "moved-sources", "moved"), sounds, strict=True
        ):
            write_wav(path.with_name(f"{path.stem}-{k}-{name}.wav"), samples)
        columns.append(np.concatenate([picture(samples) for samples in sounds]))
    report.write_png(path, np.concatenate(columns, 1))


def picture(sound: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: a spectrogram, 80 dB from black to white, to 12 kHz."""
    z = torch.stft(torch.from_numpy(sound), 960, HOP, window=torch.hann_window(960), return_complex=True)
    level = 20 * (z.abs() + 1e-6).log10().numpy()[::-1][-320:]
    grey = ((level - 25 + 65) / 80).clip(0, 1) * 255
    return np.repeat(grey[..., None], 3, 2).astype(np.uint8)


def write_wav(path: Path, sound: np.ndarray) -> None:
    """(n,) float32 at RATE, 16 bits."""
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.round(sound.clip(-1, 1) * 32767).astype("<i2").tobytes())
    write_whole(path, data.getvalue())


def _left_out(corpus: Corpus, most: int) -> list[tuple[np.ndarray, Features]]:
    """The first frames of utterances that were left out, of as many speakers as there are."""
    held = np.flatnonzero(corpus.held)
    if not len(held):
        held = np.arange(len(corpus.spans))[-most:]
    rows = held[np.linspace(0, len(held) - 1, min(most, len(held))).astype(int)]
    return [corpus.taken(int(first), min(int(count), _FRAMES)) for _, first, count in corpus.spans[rows]]


def write_curve(log: Path, path: Path) -> None:
    """Losses and distances against the step."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = report.read_log(log)
    figure, axes = plt.subplots(1, 3, figsize=(13, 4))
    for ax, names in zip(
        axes, (("mel", "coarse"), ("critic", "adversarial", "feature"), ("prior_db", "voice_db")), strict=True
    ):
        for name in names:
            part = [row for row in rows if name in row]
            ax.plot([row["step"] for row in part], [row[name] for row in part], label=name)
        ax.set(xlabel="step")
        ax.legend()
    figure.tight_layout()
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=90)
    plt.close(figure)
    write_whole(path, data.getvalue())
