"""What an avatar does on demand: emotes, held or timed, and impulses, which spring back by themselves. Reads no clock."""

import math
import threading
from collections import deque
from dataclasses import dataclass

from liveavatar.base.curves import smoothstep
from liveavatar.controls import both
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

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
"""What ends every emote by name."""
ALIASES = {"happy": "joy", "angry": "anger", "sad": "sadness", "surprised": "surprise", "neutral": NONE}
"""What programs that send emotions call them."""
IMPULSES = {"flinch": 1.0, "nod": 1.0, "shake": 1.1}
"""Name -> seconds until the head is back."""

SECONDS = 0.1, 600.0
"""How long a timed emote may last."""
WAITING = 8
"""Timed emotes that may wait for their turn."""
COOLDOWN = 0.5
"""Seconds between two timed emotes, in which the face is its own again; an impulse comes again after as many."""


def impulse(name: str, t: float) -> dict[str, float]:
    """What the impulse adds to the controls `t` seconds after it began; nothing before and after, with no jump at either end."""
    length = IMPULSES[name]
    if not 0 < t < length:
        return {}
    if name == "nod":
        dip = math.sin(math.pi * t / 0.5) ** 2 * (1.0 if t < 0.5 else 0.7)
        return {"headPitch": -0.26 * dip, **both(eyeBlink=0.25 * dip)}
    if name == "shake":
        swing = math.sin(2 * math.pi * t / 0.5) * math.sin(math.pi * t / length) ** 2
        return {"headYaw": 0.34 * swing, "headRoll": -0.05 * swing}
    # Thrown back in 80 ms, and home again by a spring that swings over once.
    back = smoothstep(t / 0.08) * math.exp(-t / 0.22) * math.cos(2 * math.pi * max(t - 0.08, 0) / 0.75)
    back *= smoothstep((length - t) / 0.3)
    start = smoothstep(t / 0.06) * smoothstep((0.45 - t) / 0.25)
    return {
        "headPitch": 0.24 * back, "headYaw": 0.12 * back, "headRoll": 0.1 * back, "y": -0.012 * back, "scale": -0.04 * back,
        **both(eyeBlink=start, mouthStretch=0.5 * start, browDown=0.4 * start),
    }  # fmt: skip


@dataclass
class _Timed:
    name: str
    seconds: float
    until: float | None = None
    """None: it has not begun."""


class Reactions:
    """What is on. perform() may be called from any thread, at() by the one that draws; time goes on by at() alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = ""
        self._timed: deque[_Timed] = deque()
        """The first is on once it has begun; the others wait."""
        self._time = -math.inf
        self._free = -math.inf
        """When the next timed emote may begin."""
        self._impulses: dict[str, float | None] = {}
        """When each began; None: it begins with the next picture."""

    @property
    def active(self) -> str:
        """The emote that is on or about to be, empty when none is."""
        with self._lock:
            return self._active()

    @property
    def remaining(self) -> float:
        """Seconds that the emote will stay on by itself; 0.0 for one that is held, and for none."""
        with self._lock:
            if not self._timed:
                return 0.0
            first = self._timed[0]
            return first.seconds if first.until is None else max(first.until - self._time, 0.0)

    def perform(self, name: str, seconds: float | None = None) -> str:
        """An impulse; or an emote: on until it is asked for again, or NONE is, or for `seconds`. Timed ones asked for meanwhile
        follow one by one; one that is held comes back after them. Returns the impulse, or the emote that is on.

        Raises LiveAvatarError for what there is not, for a time out of range, and where too many wait."""
        name = ALIASES.get(name.lower(), name.lower())
        if name not in EMOTES and name not in IMPULSES and name != NONE:
            known = ", ".join((*EMOTES, *IMPULSES))
            raise LiveAvatarError(
                tr(
                    f"no emote named {name[:40]!r}; there are: {known}, {NONE}",
                    f"没有名为 {name[:40]!r} 的表情；现有：{known}、{NONE}",
                )
            )
        if seconds is not None and not SECONDS[0] <= seconds <= SECONDS[1]:
            low, high = SECONDS
            raise LiveAvatarError(
                tr(
                    f"an emote lasts from {low:g} to {high:g} seconds, not {seconds:g}.",
                    f"表情持续时间应为 {low:g} 到 {high:g} 秒，实际为 {seconds:g}。",
                )
            )
        with self._lock:
            if name in IMPULSES:
                self._impulses.setdefault(name, None)
                return name
            if seconds is None or name == NONE:
                self._held = "" if name in (NONE, self._active()) else name
                self._timed.clear()
                return self._held
            if len(self._timed) > WAITING:
                raise LiveAvatarError(
                    tr(
                        f"{WAITING} emotes wait already; this one is left out.",
                        f"已有 {WAITING} 个表情在排队，此表情未加入。",
                    )
                )
            self._timed.append(_Timed(name, seconds))
            return self._active()

    def at(self, time: float) -> tuple[str, list[dict[str, float]]]:
        """The emote that is on at `time` (seconds), or "", and what impulses add to the controls."""
        with self._lock:
            self._time = time
            while self._timed:
                first = self._timed[0]
                if first.until is None:
                    if time < self._free:
                        break
                    first.until = time + first.seconds
                if time < first.until:
                    break
                self._timed.popleft()
                self._free = time + COOLDOWN
            on = self._held if not self._timed or self._timed[0].until is None else self._timed[0].name
            added = []
            for name, began in list(self._impulses.items()):
                if began is None:
                    began = self._impulses[name] = time
                if not 0 <= time - began < max(IMPULSES[name], COOLDOWN):
                    del self._impulses[name]
                elif move := impulse(name, time - began):
                    added.append(move)
            return on, added

    def _active(self) -> str:
        return self._timed[0].name if self._timed else self._held
