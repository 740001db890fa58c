"""`learn-gestures`: videos in, a manner out, and how like the person it is on what it did not learn from."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from liveavatar.retargeting.manner import Manner
from liveavatar.training.dataset import cache_folder
from liveavatar.training.gestures.blinks import blinks
from liveavatar.training.gestures.judge import compared, split
from liveavatar.training.gestures.recording import Recording
from liveavatar.training.gestures.trainer import Trainer, material

TAUGHT = 0.75
"""Share of each recording that is learned from; its end judges."""


@dataclass(frozen=True)
class Learned:
    """What came of it."""

    manner: Manner
    figures: dict[str, dict[str, float]]
    """See judge.compared(), of the end of the longest recording."""
    judged: Recording


def folder_of(recordings: Sequence[Recording], seed: int) -> Path:
    """Where the training on exactly these keeps its work."""
    digest = hashlib.sha256(str(seed).encode())
    for recording in recordings:
        digest.update(recording.motion.tobytes())
    return cache_folder() / "runs" / f"gestures-{digest.hexdigest()[:8]}"


def learn(
    recordings: Sequence[Recording], steps: int, seed: int, folder: Path, tell: Callable[[int, int], None]
) -> Learned:
    """Train to the last step, from wherever an earlier call was stopped. Raises TrainingError."""
    parts = [split(recording, TAUGHT) for recording in recordings]
    taught = [first for first, _ in parts]
    judged = max((last for _, last in parts), key=len)
    folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(material(taught), judged, blinks(taught), folder, seed)
    trainer.run(steps, tell)
    manner = trainer.manner()
    return Learned(manner, compared(judged, manner), judged)
