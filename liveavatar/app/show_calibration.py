"""A calibration in the middle of a show: the faces that are tracked anyway are read, the avatar goes on meanwhile."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import now, wall_clock
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.retargeting.profile import Profile
    from liveavatar.trackers.watched import FaceRecord

EVERY = 0.015
"""Seconds between looks for a new face."""
PATIENCE = 20.0
"""Seconds without a face after which it gives up."""


class ShowCalibration:
    """From any thread."""

    def __init__(self, faces: "FaceRecord", name: str, learn: Callable[["Profile"], None]) -> None:
        """faces: of the run's tracker. name: of the profile. learn: given the profile when it is kept."""
        self._faces, self._name, self._learn = faces, name, learn
        self._stop: threading.Event | None = None
        self.state: dict[str, Any] | None = None
        """{"text": what to do now, "done": share, "seen": whether there is a face}, {"missed": [...]} or {"error"} at its
        end; None before the first."""

    def begin(self, glasses: bool) -> None:
        """Begin, from the start where one is under way."""
        self.stop()
        self._stop = stop = threading.Event()
        self.state = {"text": "", "done": 0.0, "seen": False}
        Detached(self._work, stop, glasses, name="calibration")

    def stop(self) -> None:
        """Keep nothing of it."""
        if self._stop is not None:
            self._stop.set()
            self._stop, self.state = None, None

    def _work(self, stop: threading.Event, glasses: bool) -> None:
        try:
            missed = self._fitted(stop, glasses)
            state: dict[str, Any] | None = None if missed is None else {"missed": missed}
        except (LiveAvatarError, OSError) as error:
            state = {"error": str(error)}
        if not stop.is_set():
            self.state = state

    def _fitted(self, stop: threading.Event, glasses: bool) -> list[str] | None:
        """What was asked for and not seen; None where it was stopped. Raises LiveAvatarError, OSError."""
        from liveavatar.retargeting.calibration import fit, unseen
        from liveavatar.retargeting.guide import SECONDS, Guide
        from liveavatar.retargeting.profile import save_profile

        guide, before = Guide(), None
        while (step := guide.step) is not None:
            if stop.wait(EVERY):
                return None
            face = self._faces.last
            if face is not None and face is before:
                continue
            before = face
            guide.see(face, now() if face is None else face.time)
            self.state = {
                "text": step.text,
                "done": round(guide.elapsed / SECONDS, 3),
                "seen": face is not None,
            }
            if guide.lost > PATIENCE:
                raise LiveAvatarError(
                    tr(
                        f"no face was seen for {PATIENCE:.0f} s. See to light from the front, look into the camera, try again.",
                        f"{PATIENCE:.0f} 秒内没有看到人脸。请让光线从正面照来，正视摄像头后重试。",
                    )
                )
        made = wall_clock().astimezone().isoformat(timespec="seconds")
        profile = fit(guide.faces, guide.steps, name=self._name, made=made, glasses=glasses)
        save_profile(profile)
        self._learn(profile)
        return [step.text for step in unseen(profile)]
