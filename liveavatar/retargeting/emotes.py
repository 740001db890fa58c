"""Named expressions on a key: eased in over what the face does, eased out again. Speech goes on under most of them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import INDEX, both
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr
from liveavatar.stages import Retargeter
from liveavatar.types import Expression, Face

FADE = 0.22
"""Seconds to ease in or out."""


EMOTES: dict[str, dict[str, float]] = {
    "joy": {**both(mouthSmile=1.0, eyeSquint=1.0, cheekSquint=0.8, eyeBlink=0.0, mouthFrown=0.0),
            "browInnerUp": 0.3, "ears": 0.7},
    "anger": {**both(browDown=1.0, mouthFrown=0.8, noseSneer=0.6, eyeSquint=0.3, mouthPress=0.4, mouthSmile=0.0,
                      browOuterUp=0.0), "browInnerUp": 0.0, "ears": -0.6},
    "sadness": {**both(mouthFrown=0.9, eyeLookDown=0.3, eyeLookUp=0.0, browDown=0.0, mouthSmile=0.0, browOuterUp=0.0),
                "browInnerUp": 1.0, "ears": -0.9},
    "surprise": {**both(eyeWide=1.0, browOuterUp=1.0, eyeBlink=0.0, eyeSquint=0.0, browDown=0.0, mouthSmile=0.0),
                 "browInnerUp": 0.8, "jawOpen": 0.5, "mouthFunnel": 0.5, "ears": 1.0},
    "smug": {**both(eyeSquint=0.55, mouthFrown=0.0), "mouthSmileLeft": 0.9, "mouthSmileRight": 0.25,
             "mouthDimpleLeft": 0.8, "browDownRight": 0.5, "browOuterUpLeft": 0.9},
    "wink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 0.0, **both(mouthSmile=0.8)},
    "tongue": {"tongueOut": 1.0, "jawOpen": 0.3, **both(mouthSmile=0.6, mouthFrown=0.0), "mouthClose": 0.0},
    "puff": {"cheekPuff": 1.0, "mouthPucker": 0.25, "jawOpen": 0.0, **both(browDown=0.6, mouthSmile=0.0)},
    "sleepy": {**both(eyeBlink=0.75, browOuterUp=0.0, eyeWide=0.0), "browInnerUp": 0.4, "ears": -0.5},
}  # fmt: skip
"""Name -> the controls it holds, those at 0.0 too; all others stay with the face: head, gaze, and the jaw in most."""

NONE = "none"
"""What ends an emote by name."""


class EmoteRetargeter:
    """A retargeter with emotes on top of what another one gives. toggle() may be called from any thread."""

    def __init__(self, retargeter: Retargeter, emotes: Mapping[str, Mapping[str, float]] = EMOTES) -> None:
        self._retargeter = retargeter
        self._emotes = {
            name: (np.array([INDEX[c] for c in controls]), np.array(list(controls.values()), np.float32))
            for name, controls in emotes.items()
        }
        self._weight = dict.fromkeys(emotes, 0.0)
        self._time: float | None = None
        self.active = ""
        """The emote that is on, empty when none is."""

    def toggle(self, name: str) -> str:
        """Turn this emote on, and any other off; off if it was on. Returns `active`. Raises LiveAvatarError."""
        if name not in self._emotes and name != NONE:
            known = ", ".join(self._emotes)
            raise LiveAvatarError(
                tr(
                    f"no emote named {name!r}; there are: {known}, {NONE}",
                    f"没有名为 {name!r} 的表情；现有：{known}、{NONE}",
                )
            )
        self.active = "" if name in (NONE, self.active) else name
        return self.active

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self.finish(self.read(face, time))

    def read(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self._retargeter.read(face, time)

    def finish(self, expression: Expression) -> Expression:
        """See stages.Retargeter."""
        expression = self._retargeter.finish(expression)
        dt = 0.0 if self._time is None else max(expression.time - self._time, 0.0)
        self._time = expression.time
        active, controls = self.active, expression.controls
        for name, (which, values) in self._emotes.items():
            step = dt / FADE if name == active else -dt / FADE
            weight = self._weight[name] = min(max(self._weight[name] + step, 0.0), 1.0)
            if weight:
                if controls is expression.controls:
                    controls = controls.copy()
                controls[which] += np.float32(smoothstep(weight)) * (values - controls[which])
        return expression if controls is expression.controls else replace(expression, controls=controls)
