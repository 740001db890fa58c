"""A folder of speech as samples: decoded once, kept in the user's cache as 16-bit numbers that are read where they lie.

Files directly in the folder are a speaker each, and so is each folder in it. `samples`, where there is such a folder, is never
trained on: figures and samples are made of it. Beside NAME.opus may lie NAME.json, {title: [[name, start s, length s], ...]}.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.media.libav import av
from liveavatar.training import checkpoint

KINDS = {".wav": "wav", ".mp3": "mp3", ".flac": "flac", ".ogg": "ogg", ".opus": "ogg"}
SAMPLES = "samples"
"""The folder that is left out."""
_HELD_OUT = 40
"""One of so many utterances is left out as well, where there is a list of them."""


@dataclass(frozen=True)
class Speech:
    """All of it, at one rate."""

    rate: int
    samples: np.ndarray
    """(n,) int16, one utterance after the other."""
    spans: np.ndarray
    """(utterances, 3) int64: whose, first sample, how many."""
    held: np.ndarray
    """(utterances,) bool: left out of training."""
    names: tuple[str, ...]
    """Of speakers."""

    def sound(self, utterance: int) -> np.ndarray:
        """(n,) float32."""
        _, first, count = self.spans[utterance]
        return self.samples[first : first + count].astype(np.float32) / 32768

    def __len__(self) -> int:
        return len(self.spans)


def sounds_in(folder: Path) -> dict[str, list[Path]]:
    """Speaker -> files, in order. Raises TrainingError where there are none."""
    found: dict[str, list[Path]] = {}
    try:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in KINDS and path.is_file():
                inside = path.relative_to(folder).parts
                found.setdefault(path.stem if len(inside) == 1 else inside[0], []).append(path)
    except OSError as error:
        raise TrainingError(
            tr(f"{folder} cannot be read: {error.strerror}", f"无法读取 {folder}：{error.strerror}")
        ) from error
    if not set(found) - {SAMPLES}:
        kinds = " ".join(KINDS)
        raise TrainingError(
            tr(
                f"no speech in {folder}: sound files ({kinds}) in it, or in a folder for each speaker, are needed",
                f"{folder} 中没有语音：需要声音文件（{kinds}），直接放入或每位说话人一个文件夹",
            )
        )
    return found


def decoded(path: Path, rate: int) -> np.ndarray:
    """(n,) float32, one channel. Raises TrainingError."""
    pieces = []
    try:
        with av.open(str(path), format=KINDS[path.suffix.lower()], metadata_errors="ignore") as container:
            mix: Any = av.AudioResampler(format="flt", layout="mono", rate=rate)
            for frame in container.decode(container.streams.audio[0]):
                frame.pts = None
                pieces += [piece.to_ndarray()[0] for piece in mix.resample(frame)]
            pieces += [piece.to_ndarray()[0] for piece in mix.resample(None)]
    except (OSError, IndexError, ValueError, av.FFmpegError) as error:
        raise TrainingError(
            tr(f"{path} cannot be read as sound: {error}", f"无法将 {path} 作为声音读取：{error}")
        ) from error
    return np.concatenate([np.zeros(0, np.float32), *pieces])


def _parts(path: Path, sound: np.ndarray, rate: int) -> Iterator[tuple[np.ndarray, bool]]:
    """The utterances of a file, and whether each is left out."""
    listed = path.with_suffix(".json")
    if not listed.is_file():
        yield sound, False
        return
    try:
        (rows,) = json.loads(listed.read_text(encoding="utf-8")).values()
        times = [(float(start), float(length)) for _, start, length in rows]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise TrainingError(
            tr(f"{listed} lists no utterances: {error}", f"{listed} 不是语句列表：{error}")
        ) from error
    for k, (start, length) in enumerate(times):
        first = max(round((start - 0.1) * rate), 0)
        yield sound[first : round((start + length + 0.15) * rate)], k % _HELD_OUT == _HELD_OUT - 1


def read_speech(
    folder: Path, rate: int, cache: Path, tell: Callable[[int, int], None] = lambda done, total: None
) -> Speech:
    """All speech of a folder, decoded on the first call. Raises TrainingError."""
    found = sounds_in(folder)
    files = [(name, path) for name, paths in found.items() for path in paths]
    stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for _, path in files]
    key = hashlib.sha256(repr((rate, stamps)).encode()).hexdigest()[:16]
    data, index = cache / f"speech-{key}.i16", cache / f"speech-{key}.json"
    names = tuple(found)
    try:
        if not index.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            spans, at = [], 0
            with open(data.with_suffix(".new"), "wb") as out:
                for done, (name, path) in enumerate(files):
                    tell(done, len(files))
                    for part, held in _parts(path, decoded(path, rate), rate):
                        numbers = np.round(part.clip(-1, 1) * 32767).astype("<i2")
                        out.write(numbers.tobytes())
                        spans.append((names.index(name), at, len(numbers), int(held or name == SAMPLES)))
                        at += len(numbers)
            data.with_suffix(".new").replace(data)
            index.write_text(json.dumps(spans), encoding="utf-8")
            tell(len(files), len(files))
        rows = np.array(json.loads(index.read_text(encoding="utf-8")), np.int64)
        samples = np.memmap(data, "<i2", "r")
    except OSError as error:
        raise checkpoint.unwritable(data, error) from error
    return Speech(rate, samples, rows[:, :3], rows[:, 3] > 0, names)
