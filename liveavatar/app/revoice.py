"""`voice`: a sound file in the voice that sliders make of it, by the same engine as live, block for block."""

import io
import wave
from pathlib import Path

import numpy as np

from liveavatar.audio import pitch, vocoder
from liveavatar.audio.clips import Clip, resampled
from liveavatar.audio.features import RATE
from liveavatar.audio.sliders import Sliders
from liveavatar.audio.vocoder import VoiceChanger
from liveavatar.base.files import asset, write_whole
from liveavatar.renderers.sessions import open_session

BLOCK = RATE // 10
"""Samples at a time."""


def open_changer(rate: int, sliders: Sliders | None = None) -> VoiceChanger:
    """The engine, on one thread; where no generator ships, by source and filter alone. Raises ValueError."""
    generator = asset(vocoder.GRAPH)
    return VoiceChanger(
        rate,
        open_session(asset(pitch.GRAPH), "cpu", 1)[0],
        open_session(generator, "cpu", 1)[0] if generator.is_file() else None,
        sliders,
    )


def revoiced(clip: Clip, sliders: Sliders) -> Clip:
    """The clip in another voice, as long as it was, without the engine's delay."""
    sound, changer = resampled(clip.samples, clip.rate, RATE), open_changer(RATE, sliders)
    late = round(changer.delay * RATE)
    whole = np.pad(sound, (0, late + -(len(sound) + late) % BLOCK))
    said = np.concatenate([changer.process(whole[at : at + BLOCK]) for at in range(0, len(whole), BLOCK)])
    return Clip(said[late : late + len(sound)], RATE)


def write_wav(path: Path, clip: Clip) -> None:
    """16 bits, one channel; an older file stays until the new one is complete. Raises OSError."""
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(clip.rate)
        out.writeframes(np.round(clip.samples * 32767).astype("<i2").tobytes())
    write_whole(path, data.getvalue())
