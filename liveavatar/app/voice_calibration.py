"""The voice's part of a calibration: a quiet room, then five vowels, ten seconds in all."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from liveavatar.app.console import ending_politely, progress
from liveavatar.app.guided_calibration import showing
from liveavatar.audio.mel import MelStream
from liveavatar.audio.microphone import Microphone
from liveavatar.audio.own_vowels import save_voice, voice_of
from liveavatar.base.timing import wall_clock
from liveavatar.controls import VOWELS, vector
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar

QUIET_S, VOWEL_S = 1.5, 1.7
"""Seconds of the quiet room and of each vowel."""
LATE_S = 0.35
"""Seconds at the beginning of each in which nobody has read it yet."""
PICTURES = 15
"""A second, of the avatar that shows the mouths."""


def _prompts() -> list[tuple[str, float, np.ndarray]]:
    """Text, seconds, and the controls that the avatar shows."""
    said = {
        "a": tr("say “aah”, as in father, and hold it", "请持续发“啊——”"),
        "i": tr("say “ee”, as in see, and hold it", "请持续发“衣——”"),
        "u": tr("say “oo”, as in moon, and hold it", "请持续发“乌——”"),
        "e": tr("say “eh”, as in bed, and hold it", "请持续发“诶——”"),
        "o": tr("say “oh”, as in more, and hold it", "请持续发“喔——”"),
    }
    quiet = (tr("be quiet for a moment", "请先安静片刻"), QUIET_S, vector())
    return [quiet, *((said[name], VOWEL_S, vector(**mouth)) for name, mouth in VOWELS.items())]


def calibrate_voice(spec: str, avatar: "Avatar", name: str) -> Path:
    """Hear the user's vowels and keep them under this name; where. avatar: who shows the mouths. Raises SoundError, or
    ProfileError where not all were heard; then nothing is kept."""
    prompts = _prompts()
    heard: list[list[np.ndarray]] = [[] for _ in prompts]
    parts = [seconds for _, seconds, _ in prompts]
    starts = np.cumsum([0.0, *parts])
    with (
        ending_politely(),
        closing(Microphone(spec)) as microphone,
        showing(avatar, parts) as show,
        progress(prompts[0][0], round(10 * starts[-1])) as advance,
    ):
        stream, elapsed, shown = MelStream(microphone.rate), 0.0, -1.0
        for block in microphone:
            elapsed += len(block.samples) / block.rate
            if elapsed >= starts[-1]:
                break
            step = int(np.searchsorted(starts, elapsed, side="right")) - 1
            power = stream.hear(block.samples)
            if elapsed - starts[step] > LATE_S:
                heard[step].append(power)
            if elapsed - shown > 1 / PICTURES:
                shown = elapsed
                advance(round(10 * elapsed), prompts[step][0])
                show(prompts[step][2], elapsed, None)
    room, *vowels = (np.concatenate(frames) for frames in heard)
    made = wall_clock().astimezone().isoformat(timespec="seconds")
    return save_voice(voice_of(name, made, room, dict(zip(VOWELS, vowels, strict=True))))
