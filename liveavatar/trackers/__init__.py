"""What finds the face in a picture."""

from importlib import import_module
from pathlib import Path

from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.stages import Tracker

TRACKERS: dict[str, str] = {
    "mediapipe": "liveavatar.trackers.mediapipe:MediaPipeTracker",
    "recorded": "liveavatar.trackers.recorded:RecordedTracker",
}
"""Name -> "module:Class", imported on use. Each takes the path of its file: the model, the recording."""


def open_tracker(name: str = "mediapipe", model: Path | str | None = None) -> Tracker:
    """The tracker of this name. model: the model file (None: the one models.find_model finds); the recording
    for "recorded".

    Raises TrackerError for an unknown name or an unusable file."""
    if name not in TRACKERS:
        kinds = ", ".join(TRACKERS)
        raise TrackerError(
            tr(f"no tracker {name!r}; there are: {kinds}", f"没有跟踪器 {name!r}；可用的有：{kinds}")
        )
    module, cls = TRACKERS[name].split(":")
    tracker: Tracker = getattr(import_module(module), cls)(model)
    return tracker
