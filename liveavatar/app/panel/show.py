"""What a panel tells of the show: one table of plain values, the same for every page."""

import math
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from liveavatar.app.actions import Actions
from liveavatar.app.camera_desk import CameraDesk
from liveavatar.app.microphone_desk import MicrophoneDesk
from liveavatar.app.panel.errands import Errands
from liveavatar.app.panel.remembered import Remembered
from liveavatar.audio.voices import NAMES
from liveavatar.base.timing import now, process_seconds
from liveavatar.errors import LiveAvatarError
from liveavatar.live.report import Report
from liveavatar.media.compositing import Framing
from liveavatar.retargeting.reactions import Reactions

Command = dict[str, Any]
RECENT, MINUTE = 150, 1800
"""Pictures from the camera over which the age is told, and the microphone's delay, which should stand still."""
LOOKED = 1.0
"""Seconds between looks at what costs more: folders, files, processor time."""


class Show:
    """From any thread. Tells time to nobody: what it reads of the clock is how old its own looks are."""

    def __init__(
        self,
        *,
        actions: Actions,
        reactions: Reactions,
        report: Report,
        size: tuple[int, int],
        fps: float,
        output: str,
        avatars: Callable[[], dict[str, str]],
        cameras: CameraDesk,
        microphones: MicrophoneDesk,
        remembered: Remembered,
        handle: Callable[[Command], Command],
    ) -> None:
        """size: of the output, (width, height) in pixels. fps: frames a second that are sent. output: its name for people.
        avatars: see Gallery.listed(). remembered: from other runs. handle: answers a command of the control
        channel; may raise LiveAvatarError."""
        self._actions, self._reactions, self._report = actions, reactions, report
        self._size, self._fps, self._output = size, fps, output
        self._avatars, self._handle = avatars, handle
        self._cameras, self._remembered = cameras, remembered
        self.microphones = microphones
        self.errands = Errands()
        self._still: Framing | None = None
        """The framing at the last look."""
        self._lock = threading.Lock()
        self._looked = -math.inf
        self._slow: dict[str, Any] = {}
        self._processor = now(), process_seconds()

    def state(self) -> dict[str, Any]:
        """All there is to tell."""
        return {
            "avatar": self._actions.current,
            "emote": self._reactions.active,
            "remaining": round(self._reactions.remaining, 1),
            "card": self._report.card,
            "framing": asdict(self._actions.frame()),
            "size": self._size,
            "output": self._output,
            "like_mirror": self._cameras.mirror,
            "calibration": None if self._cameras.calibration is None else self._cameras.calibration.state,
            "calibrates": self._cameras.calibration is not None,
            "microphone": self.microphones.wanted,
            "heard": self.microphones.name,
            "voice": self.microphones.voice,
            "voices": NAMES,
            "sliders": self.microphones.sliders,
            "monitored": self.microphones.monitored,
            "making": self.errands.making,
            "seconds": self._remembered.choice("seconds") or 0,
            **self._seen_now_and_then(),
        }

    def handle(self, command: Command) -> Command:
        """Answer what a page asks: the commands of the control channel, and errands. Raises LiveAvatarError, and ValueError or
        KeyError for what no page of ours says."""
        match command.get("command"):
            case "doctor":
                return {"findings": self.errands.doctor()}
            case "stop":
                self.errands.stop()
                return {}
            case "remember":
                self._remembered.choose(str(command["name"]), command["value"])
                return {}
            case "camera" | "microphone" | "voice" as chosen:
                answer = self._handle(command)
                self._remembered.choose(chosen, answer[chosen])
                return answer
            case "speak" if command.get("stop") is not True:
                raise ValueError(command)  # a page speaks what it hands over, see speak()
        return self._handle(command)

    def speak(self, sound: bytes, suffix: str, emotion: str | None) -> Command:
        """Say a sound file's bytes, as `speak` does. Raises LiveAvatarError."""
        with tempfile.TemporaryDirectory(prefix="liveavatar-", ignore_cleanup_errors=True) as folder:
            path = Path(folder, f"sound{suffix}")
            path.write_bytes(sound)
            return self._handle({"command": "speak", "path": str(path), "emotion": emotion})

    def keep(self) -> None:
        """Remember how the avatar that plays is framed."""
        self._remembered.keep(self._actions.current, self._actions.frame())

    def _seen_now_and_then(self) -> dict[str, Any]:
        with self._lock:
            time = now()
            if time - self._looked >= LOOKED:
                self._looked = time
                self._slow = {
                    "avatars": self._avatars(),
                    "plugins": self._plugins(),
                    "health": self._health(time),
                    "camera": self._cameras.camera,
                    "changeable": self._cameras.changeable,
                }
                framing = self._actions.frame()
                if framing == self._still:
                    self.keep()
                self._still = framing
            return self._slow

    def _plugins(self) -> dict[str, Any] | None:
        """Who may drive the avatar, and who asks; None where the door is shut."""
        try:
            answer = self._handle({"command": "plugins", "do": "list"})
        except (LiveAvatarError, OSError):
            return None
        return None if answer.get("closed") else answer

    def _health(self, time: float) -> dict[str, Any]:
        report, ages, delayed = self._report, self._report.ages, self._report.delayed
        before, spent = self._processor
        self._processor = time, process_seconds()
        share = (self._processor[1] - spent) / max(time - before, 1e-3) / (os.cpu_count() or 1)
        return {
            "fps": round(report.fps, 1),
            "wanted": self._fps,
            "age": round(ages.ms(50, last=RECENT)) if ages.count else None,
            "delay": round(delayed.ms(50, last=MINUTE)) if delayed.count and not report.voice else None,
            "voice": report.voice,
            "late": report.voice_late,
            "processor": round(100 * share),
            "drops": sum(report.drops.values()),
            "stalls": report.stalls,
            "provider": report.provider,
            "troubles": list(report.troubles.values()),
            "notes": [*report.notes.values(), *filter(None, [report.governor.message])],
        }
