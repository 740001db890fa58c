"""One person's vowels, from a calibration of ten seconds: what the network is fitted to. Numbers of held sounds, no speech."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.audio.ear import FEATURES, QUIETEST, Ear
from liveavatar.audio.mel import BANDS
from liveavatar.audio.vowels import AGO, CLASSES, Network, shares
from liveavatar.base.files import Unreadable, user_folder
from liveavatar.base.names import check_name
from liveavatar.base.settings import write_setting
from liveavatar.base.strict_json import read_json
from liveavatar.controls import VOWELS
from liveavatar.errors import ProfileError
from liveavatar.language import tr

FORMAT = 1
KEPT = 16
"""Frames of each vowel that are kept."""
LOWEST, HIGHEST = -120.0, 20.0
"""dB that a band can be."""
_PRIOR = 0.02
"""How much the network for everybody is held to, against what was said."""
_STEPS, _RATE = 300, 0.5


@dataclass(frozen=True)
class OwnVowels:
    """How one person says the five vowels."""

    name: str
    made: str
    """When, as ISO 8601 text."""
    floor: np.ndarray
    """(BANDS,) dB: the room."""
    vowels: Mapping[str, np.ndarray]
    """Of each of controls.VOWELS: (KEPT, BANDS) dB."""

    def to_dict(self) -> dict[str, Any]:
        """As written to the file."""
        vowels = {name: np.round(frames, 1).tolist() for name, frames in self.vowels.items()}
        return {
            "format": FORMAT, "name": self.name, "made": self.made,
            "floor": np.round(self.floor, 1).tolist(), "vowels": vowels,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Any) -> "OwnVowels":
        """Raises ValueError, TypeError, KeyError or AttributeError where it is no voice."""
        if data["format"] != FORMAT or isinstance(data["format"], bool):
            raise ValueError(tr(f"version {str(data['format'])[:20]}", f"版本 {str(data['format'])[:20]}"))
        vowels = {name: np.array(data["vowels"][name], np.float32) for name in VOWELS}
        floor = np.array(data["floor"], np.float32)
        shapes = {frames.shape for frames in vowels.values()} | {(KEPT, *floor.shape)}
        if shapes != {(KEPT, BANDS)} or not all(
            ((frames > LOWEST) & (frames < HIGHEST)).all() for frames in (*vowels.values(), floor)
        ):
            raise ValueError(tr("numbers of another kind", "数值不符"))
        return cls(str(data["name"]), str(data["made"]), floor, vowels)


def voice_of(name: str, made: str, room: np.ndarray, said: Mapping[str, np.ndarray]) -> OwnVowels:
    """room, and what was said of each vowel: (frames, BANDS) power. Raises ProfileError, with the vowels that were not heard."""
    floor = np.maximum(np.median(10 * np.log10(room), axis=0), QUIETEST)
    kept = {}
    for vowel, power in said.items():
        levels = np.maximum(10 * np.log10(power), QUIETEST)
        over = levels.max(axis=1) - floor.max()
        loud = levels[(power.sum(axis=1) > 0.1 * np.quantile(power.sum(axis=1), 0.9)) & (over > 6)]
        # A voice that begins and ends is heard between.
        loud = loud[len(loud) // 6 : len(loud) - len(loud) // 6]
        if len(loud) >= 2 * KEPT:
            kept[vowel] = loud[np.linspace(0, len(loud) - 1, KEPT).round().astype(int)]
    if missed := [vowel.upper() for vowel in VOWELS if vowel not in kept]:
        raise ProfileError(
            tr(
                f"not heard: {', '.join(missed)}. Say each while it is shown, nearer to the microphone; nothing was kept.",
                f"没有听到：{'、'.join(missed)}。请靠近麦克风，在提示期间持续发声；未保存任何内容。",
            )
        )
    return OwnVowels(name, made, floor, kept)


def fitted(network: Network, voice: OwnVowels) -> Network:
    """The network with its last layer drawn towards this voice's vowels: ridge-held logistic regression by gradient descent."""
    frames, targets = _lesson(voice)
    hidden = np.concatenate([network.hidden(frames), np.ones((len(frames), 1), np.float32)], axis=1)
    weights, bias = network.layers[-1]
    usual = np.concatenate([weights, bias[None]])
    change = np.zeros_like(usual)
    scale = 1 / np.square(hidden).sum(axis=1).mean()
    for _ in range(_STEPS):
        wrong = shares(hidden @ (usual + change)) - targets
        change -= _RATE * scale * (hidden.T @ wrong / len(hidden) * len(CLASSES) + _PRIOR * change)
    own = (usual + change).astype(np.float32)
    return Network((*network.layers[:-1], (own[:-1], own[-1])))


def _lesson(voice: OwnVowels) -> tuple[np.ndarray, np.ndarray]:
    """What a network sees of the vowels, at several loudnesses, and what it should say."""
    frames, targets = [], []
    for k, name in enumerate(VOWELS):
        power = 10 ** (voice.vowels[name] / 10)
        loudest = 10 * np.log10(power.sum(axis=1))
        for quieter in (0.0, 4.0, 10.0):
            ear = Ear(np.tile(voice.floor, (KEPT, 1)), loudest + quieter)
            seen = ear.hear(power.astype(np.float32))
            frames.append(np.tile(seen, len(AGO)))
            targets.append(np.tile(np.eye(len(CLASSES))[k], (KEPT, 1)))
    assert frames[0].shape == (KEPT, len(AGO) * FEATURES)
    return np.concatenate(frames), np.concatenate(targets).astype(np.float32)


def _file(name: str) -> Path:
    check_name(name, ProfileError)
    return user_folder("config") / "voices" / f"{name}.json"


def save_voice(voice: OwnVowels) -> Path:
    """Write it; an older one of that name is replaced once the new one is complete. Raises ProfileError."""
    return write_setting(_file(voice.name), json.dumps(voice.to_dict()).encode())


def load_voice(name: str) -> OwnVowels | None:
    """The voice of that name; None where there is none. Raises ProfileError when it is damaged."""
    path = _file(name)
    if not path.exists():
        return None
    try:
        return OwnVowels.from_dict(read_json(path))
    except (Unreadable, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProfileError(
            tr(
                f"{path} is damaged: {str(error)[:200]}. Calibrate again: liveavatar calibrate --microphone default",
                f"{path} 已损坏：{str(error)[:200]}。请重新校准：liveavatar calibrate --microphone default",
            )
        ) from error
