"""A calibration: guided with a camera, where an avatar shows what to do; a video file is read as it is."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from liveavatar.app.console import ending_politely, progress, tell_notes
from liveavatar.app.parts import frame_count, renderer_of
from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    import numpy as np

    from liveavatar.avatar.card import Avatar
    from liveavatar.retargeting.profile import Profile
    from liveavatar.stages import Camera, Tracker
    from liveavatar.types import Face

PATIENCE = 20.0
"""Seconds without a face after which a guided calibration gives up."""


@dataclass(frozen=True)
class Calibrated:
    """What a calibration gave."""

    profile: "Profile"
    path: Path
    """Where it is kept."""
    faces: int
    """How many it was fitted to."""
    missed: list[str]
    """What the guide asked for and did not see, for the user."""


def calibrate(
    camera: str, avatar: "Avatar", model: Path, name: str, glasses: Callable[[bool], bool]
) -> Calibrated:
    """Fit a profile to a person and keep it under this name. avatar: who shows what to do. glasses: gives whether the person
    wears any; called with whether they can be asked, for a file cannot.

    Raises LiveAvatarError, with nothing kept."""
    from liveavatar.base.timing import wall_clock
    from liveavatar.cameras import SYNTHETIC, clip_of, open_camera
    from liveavatar.retargeting.calibration import fit, unseen
    from liveavatar.retargeting.profile import save_profile
    from liveavatar.trackers import open_tracker

    clip = SYNTHETIC if camera == "synthetic" else clip_of(camera)
    steps: list[str] | None = None
    with ending_politely(), closing(open_tracker("mediapipe", model)) as tracker:
        if clip is not None:
            worn = glasses(False)
            with closing(open_camera(str(clip), paced=False)) as source:
                faces = list(_read(source, tracker, frame_count(clip)))
                tell_notes(source.notes)
        else:
            with closing(open_camera(camera)) as source:
                worn = glasses(True)
                faces, steps = _guided(source, tracker, avatar)
    made = wall_clock().astimezone().isoformat(timespec="seconds")
    profile = fit(faces, steps, name=name, made=made, glasses=worn)
    path = save_profile(profile)
    missed = [] if steps is None else [step.text for step in unseen(profile)]
    return Calibrated(profile, path, len(faces), missed)


def _read(source: "Camera", tracker: "Tracker", total: int | None) -> "Iterator[Face]":
    """Every face of a file."""
    with progress(tr("Reading", "读取中"), total) as advance:
        for frame in source:
            if (face := tracker.track(frame)) is not None:
                yield face
            advance(frame.index + 1)


def _guided(source: "Camera", tracker: "Tracker", avatar: "Avatar") -> "tuple[list[Face], list[str]]":
    """Prompt by prompt, in the terminal and, where there is a desktop, by an avatar that does it first."""
    from liveavatar.errors import ProfileError
    from liveavatar.retargeting.guide import GUIDE, SECONDS, Guide

    guide = Guide()
    parts = [step.seconds for step in GUIDE]
    with showing(avatar, parts) as show, progress(GUIDE[0].text, round(10 * SECONDS)) as advance:
        for frame in source:
            face = tracker.track(frame)
            guide.see(face, frame.time)
            step = guide.step
            if step is None:
                return guide.faces, guide.steps
            if guide.lost > PATIENCE:
                raise ProfileError(
                    tr(
                        f"no face was seen for {PATIENCE:.0f} s. See to light from the front, look into the camera, try again.",
                        f"{PATIENCE:.0f} 秒内没有看到人脸。请让光线从正面照来，正视摄像头后重试。",
                    )
                )
            waiting = tr("looking for your face", "正在寻找你的脸")
            advance(round(10 * guide.elapsed), step.text if face is not None else waiting)
            show(guide.shown, guide.elapsed, face)
    raise ProfileError(
        tr(
            "the camera ended before the calibration did; nothing was saved.",
            "摄像头提前结束，未保存任何内容。",
        )
    )


@contextmanager
def showing(avatar: "Avatar", parts: list[float]) -> "Iterator[Callable[..., None]]":
    """Gives what shows in a window, where one can be opened, an avatar with these controls, how much of the parts (seconds each)
    is over after so many seconds, and the landmarks of a face."""
    from liveavatar.errors import OutputError
    from liveavatar.outputs import open_output
    from liveavatar.outputs.preview import with_landmarks, with_progress
    from liveavatar.retargeting.mirror import mirrored
    from liveavatar.types import Expression

    try:
        window = open_output("window", size=avatar.size, fps=30)
    except OutputError as error:
        say(tr(f"prompts in the terminal only: {error}", f"仅在终端显示提示：{error}"))
        yield lambda controls, elapsed, face: None
        return
    with closing(window), closing(renderer_of(avatar, "auto")) as renderer:

        def show(controls: "np.ndarray", elapsed: float, face: "Face | None") -> None:
            # Like a mirror: the user turns to the side the avatar turns to.
            picture = renderer.render(mirrored(Expression(controls, elapsed)))
            window.send(with_landmarks(with_progress(picture, parts, elapsed), face, mirror=True))

        yield show
