"""One person's way of moving while speaking, learned from their own recordings: a small recurrent generator, run frame by frame.

Speech features, an emotion and slow noise go in; head, brows, gaze and smile come out. Blinks are events: drawn with the rate
that the person had in speech and in pauses, in the person's own shape. Numbers only; no clock, no torch. Gated recurrent unit:
Cho et al. 2014, in the form of PyTorch's GRU.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from liveavatar.base.files import Unreadable, read_whole, user_folder
from liveavatar.base.names import check_name
from liveavatar.base.npz import read_npz
from liveavatar.base.settings import write_setting
from liveavatar.errors import ProfileError
from liveavatar.language import tr
from liveavatar.retargeting.gestures import FRAMES

FPS = 30
"""Frames a second."""
CHANNELS = (
    "headYaw", "headPitch", "headRoll", "browInnerUp", "browOuterUp", "browDown", "gazeAcross", "gazeUp", "mouthSmile",
)  # fmt: skip
"""What it moves: radians and controls; those that have a side, both sides alike."""
_GAZE = slice(CHANNELS.index("gazeAcross"), CHANNELS.index("gazeUp") + 1)
HEARD = 6
"""Speech features of a frame: see SpeechView."""
EMOTIONS = 2
"""Numbers of an emotion: how much one smiles, how far the brows are up (below 0: down), in spreads of the person."""
NOISE_S = (0.25, 0.25, 0.7, 0.7, 2.0, 2.0, 5.0, 5.0)
"""Time constants of the noises, seconds."""
GIVEN = HEARD + EMOTIONS + len(NOISE_S)
HIDDEN = 64
AHEAD = 4
"""Frames by which the speech is known before it is moved to."""
FORMAT = 1
LARGEST = 1 << 20
"""Bytes of a file."""
JUMP = 0.25
"""By how far what is looked at has to be elsewhere before the eyes follow."""
QUICK = 0.75
"""Of the way to it, each frame: a saccade takes two or three."""
BLINK = 16
"""Frames of a blink's shape."""
_SHAPES = {
    "gate_in": (3 * HIDDEN, GIVEN), "gate_hidden": (3 * HIDDEN, HIDDEN), "gate_in_bias": (3 * HIDDEN,),
    "gate_hidden_bias": (3 * HIDDEN,), "out": (len(CHANNELS), HIDDEN), "out_bias": (len(CHANNELS),),
    "mean": (len(CHANNELS),), "spread": (len(CHANNELS),), "low": (len(CHANNELS),), "high": (len(CHANNELS),),
    "blink": (BLINK,), "blink_rate": (2,), "blink_rest": (),
}  # fmt: skip
LIMIT = 0.4
"""Radians and controls beyond which no head turns, whatever a file says; other channels end at 1."""


class SpeechView:
    """Frames of audio.prosody in, features at FPS out, as they come: how loud, 0..1 of the loudest lately; how that changes;
    whether there is a voice; its pitch, octaves about the usual; how that stands out; how long one has spoken or paused."""

    def __init__(self) -> None:
        self._held = np.zeros((0, 2))
        self._count = 0
        self._top, self._usual, self._slow, self._run = -30.0, 0.0, 0.0, 0.0
        self._before, self._heard_pitch = 0.0, False
        self._rows: list[np.ndarray] = []

    def hear(self, frames: np.ndarray) -> None:
        """(n, 2): loudness in dB, pitch in octaves, NaN where there is none."""
        self._held = np.concatenate([self._held, np.asarray(frames, float)])
        while True:
            first, last = (round(k * FRAMES / FPS) for k in (self._count, self._count + 1))
            if len(self._held) < last - first:
                return
            self._rows.append(self._row(self._held[: last - first]))
            self._held = self._held[last - first :]
            self._count += 1

    def frames(self) -> np.ndarray:
        """(T, HEARD) of what was heard since the last call."""
        rows, self._rows = self._rows, []
        return np.array(rows).reshape(-1, HEARD)

    def _row(self, frames: np.ndarray) -> np.ndarray:
        level = float(10 * np.log10(np.mean(10 ** (frames[:, 0] / 10))))
        self._top = max(self._top - 0.03, level)
        loud = min(max(1 + (level - self._top) / 30.0, 0.0), 1.0)
        known = frames[~np.isnan(frames[:, 1]), 1]
        pitch = 0.0
        if len(known):
            heard = float(np.median(known))
            self._usual = heard if not self._heard_pitch else self._usual + 0.02 * (heard - self._usual)
            self._heard_pitch = True
            pitch = min(max(heard - self._usual, -1.0), 1.0)
        self._slow += 0.1 * (loud - self._slow)
        speaking = self._slow > 0.3
        self._run = max(self._run, 0.0) + 1 / FPS if speaking else min(self._run, 0.0) - 1 / FPS
        change, self._before = loud - self._before, loud
        return np.array(
            [
                loud,
                3 * change,
                len(known) / len(frames),
                2 * pitch,
                3 * (loud - self._slow),
                np.tanh(self._run),
            ]
        )


@dataclass(frozen=True)
class Manner:
    """What was learned. All arrays float32."""

    arrays: Mapping[str, np.ndarray]
    """Of _SHAPES."""

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """(CHANNELS,) lowest and highest that come out: the person's own, and never more than is decent."""
        limit = np.where([name.startswith("head") for name in CHANNELS], LIMIT, 1.0)
        return np.maximum(self.arrays["low"], -limit), np.minimum(self.arrays["high"], limit)

    def to_bytes(self) -> bytes:
        """As written to the file."""
        data = io.BytesIO()
        np.savez_compressed(data, format=np.array(FORMAT), **self.arrays)  # type: ignore[arg-type]
        return data.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manner":
        """Raises ProfileError."""
        try:
            read = read_npz(io.BytesIO(data), ["format", *_SHAPES], 2 * LARGEST)
            if int(read["format"]) != FORMAT:
                raise ValueError(tr(f"version {int(read['format'])}", f"版本 {int(read['format'])}"))
            arrays = {name: np.asarray(read[name], np.float32) for name in _SHAPES}
            for name, array in arrays.items():
                if array.shape != _SHAPES[name] or not np.isfinite(array).all() or np.abs(array).max() > 1e4:
                    raise ValueError(name)
        except (ValueError, TypeError) as error:
            raise ProfileError(
                tr(f"no file of gestures: {str(error)[:100]}", f"不是手势文件：{str(error)[:100]}")
            ) from error
        return cls(arrays)


def _file(name: str) -> Path:
    check_name(name, ProfileError)
    return user_folder("config") / "gestures" / f"{name}.npz"


def save_manner(name: str, manner: Manner) -> Path:
    """Keep it for the profile of this name; an older one is replaced once the new one is complete. Raises ProfileError."""
    return write_setting(_file(name), manner.to_bytes())


def load_manner(name: str) -> Manner | None:
    """Of the profile of this name; None where nothing was learned. Raises ProfileError when it is damaged."""
    path = _file(name)
    if not path.exists():
        return None
    try:
        return Manner.from_bytes(read_whole(path, LARGEST))
    except (Unreadable, ProfileError) as error:
        raise ProfileError(
            tr(
                f"{path} is damaged: {str(error)[:200]}. Learn anew with `liveavatar learn-gestures`, or delete it.",
                f"{path} 已损坏：{str(error)[:200]}。请用 `liveavatar learn-gestures` 重新学习，或删除该文件。",
            )
        ) from error


class Mover:
    """A manner that moves, frame by frame."""

    def __init__(self, manner: Manner, emotion: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> None:
        """emotion: see EMOTIONS. seed: the same speech and seed are accompanied the same way."""
        self._manner, self._emotion = manner, np.array(emotion, np.float32)
        self._chance = np.random.default_rng(seed)
        self._keep = np.exp(-1 / (FPS * np.array(NOISE_S)))
        self._noise = self._chance.normal(size=len(NOISE_S))
        self._hidden = np.zeros(HIDDEN, np.float32)
        self._eyes = self._looked_at = np.zeros(2)
        self._since = BLINK
        """Frames since a blink began."""

    def step(self, speech: np.ndarray) -> np.ndarray:
        """(len(CHANNELS) + 1,) for the next frame, whose features are (HEARD,): what moves, and the lids, 0 open .. 1 shut."""
        fresh = self._chance.normal(size=len(NOISE_S))
        self._noise = self._keep * self._noise + np.sqrt(1 - self._keep**2) * fresh
        moved = self._moved(np.concatenate([speech, self._emotion, self._noise]).astype(np.float32))
        moved = moved.clip(*self._manner.bounds)
        moved[_GAZE] = self._looks(moved[_GAZE])
        return np.append(moved, self._lids(speech))

    def _moved(self, given: np.ndarray) -> np.ndarray:
        a = self._manner.arrays
        x = a["gate_in"] @ given + a["gate_in_bias"]
        h = a["gate_hidden"] @ self._hidden + a["gate_hidden_bias"]
        reset, update = (1 / (1 + np.exp(-(x[s] + h[s]))) for s in (slice(HIDDEN), slice(HIDDEN, 2 * HIDDEN)))
        new = np.tanh(x[2 * HIDDEN :] + reset * h[2 * HIDDEN :])
        self._hidden = ((1 - update) * new + update * self._hidden).astype(np.float32)
        found: np.ndarray = (a["out"] @ self._hidden + a["out_bias"]) * a["spread"] + a["mean"]
        return found

    def _looks(self, wanted: np.ndarray) -> np.ndarray:
        """(2,) where the eyes are: they rest, and jump after what the generator, which moves smoothly, looks at."""
        if np.linalg.norm(wanted - self._looked_at) > JUMP:
            self._looked_at = wanted
        self._eyes = self._eyes + QUICK * (self._looked_at - self._eyes)
        return self._eyes

    def _lids(self, speech: np.ndarray) -> float:
        """Blinks as a renewal process: none within the person's shortest pause, then at the rate of speech or silence."""
        a = self._manner.arrays
        self._since += 1
        rate = float(a["blink_rate"][int(speech[5] < 0)])
        if self._chance.random() < rate / FPS and self._since >= max(BLINK, float(a["blink_rest"]) * FPS):
            self._since = 0
        return float(a["blink"][self._since]) if self._since < BLINK else 0.0
