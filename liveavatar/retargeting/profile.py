"""What a calibration found out about a person, kept in the user's folder for all avatars.

Numbers of a face, no picture: profiles/<name>.json. Values are kept by name, so another vocabulary is noticed.
"""

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.files import Unreadable, user_folder
from liveavatar.base.names import check_name, is_name
from liveavatar.base.settings import write_setting
from liveavatar.base.strict_json import read_json
from liveavatar.controls import BLENDSHAPES, HEAD
from liveavatar.errors import ProfileError
from liveavatar.language import tr
from liveavatar.retargeting.landmarks import MEASURES

FORMAT = 1
DEFAULT = "default"
"""The profile that `run` takes when none is named, if there is one."""
NEUTRAL = (*MEASURES, *(f"blendshape.{name}" for name in BLENDSHAPES))
"""Names of the values of the neutral: the first features of a vector, see features.py."""


@dataclass(frozen=True)
class Profile:
    """One person in front of one camera. Reaches are shares of an average person's full expression."""

    name: str
    made: str
    """When, as ISO 8601 text."""
    template: np.ndarray
    """(478, 3) float64: the neutral head, nose bridge at 0, face height 1, y up, z towards the camera."""
    neutral: dict[str, float]
    """Value at rest by name of NEUTRAL."""
    reach: dict[str, float] = field(default_factory=dict)
    """By blendshape that was seen in use: what the full expression reads as; others are the average person's."""
    blink: float = 1.0
    """What shut eyes read as, see features.Deviation.closed."""
    gaze: dict[str, float] = field(default_factory=dict)
    """What a full look reads as, see eyes.look: "across", "up", "down", where it was seen."""
    head: dict[str, float] = field(default_factory=dict)
    """How far the head turns in comfort, radians by name of controls.HEAD, where the person was asked to turn."""
    glasses: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As written to the file."""
        return {"format": FORMAT, **asdict(self), "template": np.round(self.template, 5).tolist()}

    @classmethod
    def from_dict(cls, data: Any) -> "Profile":
        """Raises ValueError, TypeError, AttributeError or KeyError when a field is missing, of another form or out of range."""
        template = np.array(data["template"], np.float64)
        # A head that is flat or without size has no angles.
        if (
            template.shape != (478, 3)
            or not (np.abs(template) < 5).all()
            or (np.ptp(template, axis=0) < 0.1).any()
        ):
            raise ValueError(
                tr("template must be the 478 points of a head", "template 应为一个头部的 478 个点")
            )
        if not (
            isinstance(data["name"], str)
            and isinstance(data["made"], str)
            and isinstance(data["glasses"], bool)
        ):
            raise ValueError(
                tr("name, made or glasses is of another kind", "name、made 或 glasses 的类型不符")
            )
        profile = cls(
            name=data["name"],
            made=data["made"],
            template=template,
            neutral=_numbers(data, "neutral", NEUTRAL, -10.0, 10.0),
            reach=_numbers(data, "reach", BLENDSHAPES, 0.05, 3.0),
            blink=_numbers(data, "", ("blink",), 0.3, 2.0)["blink"],
            gaze=_numbers(data, "gaze", ("across", "up", "down"), 0.05, 3.0),
            head=_numbers(data, "head", HEAD, 0.01, 2.0),
            glasses=data["glasses"],
        )
        if set(profile.neutral) != set(NEUTRAL):
            raise ValueError(tr("neutral lacks a value", "neutral 缺少数值"))
        return profile


def _numbers(data: Any, key: str, names: tuple[str, ...], low: float, high: float) -> dict[str, float]:
    """The numbers under `key` ("": the data's own, of these names only)."""
    values = data[key] if key else {name: data[name] for name in names}
    result = {name: float(value) for name, value in values.items()}
    for name, value in result.items():
        if name not in names or not (math.isfinite(value) and low <= value <= high):
            raise ValueError(tr(f"{key} {name[:40]!r} is {value}", f"{key} {name[:40]!r} 为 {value}"))
    return result


def folder() -> Path:
    """Where profiles are kept."""
    return user_folder("config") / "profiles"


def list_profiles() -> list[str]:
    """Names of the profiles there are."""
    return sorted(path.stem for path in folder().glob("*.json") if is_name(path.stem))


def save_profile(profile: Profile) -> Path:
    """Write it; an older one of that name is replaced once the new one is complete. Raises ProfileError."""
    check_name(profile.name, ProfileError)
    path = folder() / f"{profile.name}.json"
    return write_setting(path, json.dumps(profile.to_dict(), ensure_ascii=False).encode())


def load_profile(name: str) -> Profile:
    """The profile of that name. Raises ProfileError when there is none, or it is damaged or of another version."""
    check_name(name, ProfileError)
    path = folder() / f"{name}.json"
    try:
        data = read_json(path)
    except Unreadable as error:
        missing = isinstance(error.__cause__, FileNotFoundError)
        raise _unknown(name) if missing else _damaged(path, str(error)) from error
    version = data.get("format") if isinstance(data, dict) else None
    if version != FORMAT or isinstance(version, bool):
        raise _other_version(path, version)
    try:
        return Profile.from_dict(data)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise _damaged(path, str(error)[:200]) from error


def usual_profile() -> Profile | None:
    """The profile DEFAULT, None where there is none. Raises ProfileError like load_profile."""
    return load_profile(DEFAULT) if os.path.exists(folder() / f"{DEFAULT}.json") else None


def _unknown(name: str) -> ProfileError:
    listed = ", ".join(list_profiles()) or tr("none", "无")
    return ProfileError(
        tr(
            f"no profile named {name!r}; there are: {listed}. Make it: liveavatar calibrate --profile {name}",
            f"没有名为 {name!r} 的配置；现有：{listed}。创建：liveavatar calibrate --profile {name}",
        )
    )


def _damaged(path: Path, reason: str) -> ProfileError:
    again = _again(path)
    return ProfileError(tr(f"{path} is damaged: {reason}. {again}", f"{path} 已损坏：{reason}。{again}"))


def _other_version(path: Path, version: object) -> ProfileError:
    shown, again = repr(version)[:40], _again(path)
    return ProfileError(
        tr(
            f"{path} is of version {shown}; this liveavatar reads version {FORMAT}. {again}",
            f"{path} 的版本为 {shown}，此 liveavatar 读取版本 {FORMAT}。{again}",
        )
    )


def _again(path: Path) -> str:
    return tr(
        f"Calibrate again: liveavatar calibrate --profile {path.stem}",
        f"请重新校准：liveavatar calibrate --profile {path.stem}",
    )
