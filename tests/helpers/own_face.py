"""A portrait that learned from the driver clip, whose first frame it is made of."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from liveavatar.avatar.library import load_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.fitting.own_look import fit_likeness
from liveavatar.fitting.own_motion import Shot, shot
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.portrait.likeness import Likeness
from liveavatar.renderers.portrait.rig import PortraitRig, read_rig
from liveavatar.retargeting.retargeter import FaceRetargeter
from tests.helpers.driver_clip import driver_faces

PORTRAIT = Path(__file__).parents[1] / "data" / "portrait"


@lru_cache(maxsize=1)
def portrait() -> tuple[PortraitRig, np.ndarray]:
    """Rig and texture of the tests' portrait."""
    avatar = load_avatar(PORTRAIT)
    return read_rig(avatar.read(avatar.portrait.rig)), read_rgba(avatar, avatar.portrait.sheet)


@lru_cache(maxsize=1)
def driver_shots(model: Path) -> tuple[Shot, ...]:
    """Every sixth frame of the clip's first 16 seconds."""
    retargeter, found = FaceRetargeter(), []
    for frame, face in zip(open_camera(str(SYNTHETIC), paced=False), driver_faces(model), strict=True):
        expression = retargeter.retarget(face, frame.time)
        if face is not None and frame.index % 6 == 0 and frame.time < 16:
            found.append(shot(frame, face, expression))
    return tuple(found)


@lru_cache(maxsize=1)
def driver_likeness(model: Path) -> Likeness:
    """What three quarters of the shots teach."""
    shots = driver_shots(model)
    return fit_likeness(*portrait(), list(shots[: len(shots) * 3 // 4]), lambda done, of: None)
