"""The Python API: an avatar that draws what it is told or what a camera sees, and a clip in one call. `import liveavatar` offers
all of it, loaded on use. Nothing inside liveavatar imports this module.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from liveavatar import pipeline
from liveavatar.app.demo import render_clip
from liveavatar.avatar.library import DEFAULT, Avatar, find_avatar
from liveavatar.base.messages import say
from liveavatar.controls import INDEX, vector
from liveavatar.language import tr
from liveavatar.media.compositing import DEFAULT as BACKGROUND
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_retargeter
from liveavatar.retargeting.profile import load_profile
from liveavatar.stages import Camera, Tracker
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model
from liveavatar.types import AvatarFrame, Expression, Face, Frame


class Player:
    """An avatar that is loaded, warm and ready to draw; see open_avatar. Use it with `with`, or close it. For one thread."""

    def __init__(
        self,
        avatar: Avatar,
        provider: str,
        profile: str | None,
        model: Path | str | None,
        tracker: Tracker | None,
    ) -> None:
        """See open_avatar."""
        self.avatar = avatar
        """What its card says: name, controls with their trained ranges, licence, credits."""
        self.retargeter = open_retargeter(avatar, load_profile(profile) if profile else None)
        """What fits a face to the avatar; `mirror` and `recenter()` may be used meanwhile."""
        self._model = model
        self._tracker = tracker
        self._renderer = open_renderer(avatar, provider)
        self.size = self._renderer.size
        """(width, height) in pixels of the pictures."""

    def render(self, expression: Expression | None = None, /, **controls: float) -> AvatarFrame:
        """The picture of an expression, or of controls by name: render(jawOpen=0.5, headYaw=-0.2). What is not named rests.

        Names, signs and ranges: liveavatar.controls. The picture is (height, width, 4) uint8 RGBA, alpha premultiplied.
        Raises TypeError for a control that is not known, or where both are given."""
        if expression is None:
            if unknown := sorted(set(controls) - set(INDEX)):
                known = ", ".join(INDEX)
                raise TypeError(
                    tr(
                        f"no control {unknown[0]!r}; there are: {known}",
                        f"没有控制量 {unknown[0]!r}；可用的有：{known}",
                    )
                )
            expression = Expression(vector(**controls), time=0.0)
        elif controls:
            raise TypeError(
                tr(
                    "give an expression or controls by name, not both",
                    "请给出表情或按名称给出控制量，不要同时给出",
                )
            )
        return self._renderer.render(expression)

    def drive(self, seen: Frame | Face) -> AvatarFrame:
        """The picture for what a camera or a tracker saw at that time. Frames come with increasing times.

        Where no face is seen the avatar idles. The first frame opens the tracker, which fetches the face model where it is
        missing (3.8 MB, announced on stderr). Raises TrackerError."""
        face = seen if isinstance(seen, Face) else self._open_tracker().track(seen)
        return self.render(self.retargeter.retarget(face, seen.time))

    def follow(self, camera: Camera) -> Iterator[AvatarFrame]:
        """One picture for each frame of the camera; the next ones are tracked while this one is drawn."""
        return pipeline.animate(camera, self._open_tracker(), self.retargeter, self._renderer, overlap=True)

    def record(
        self,
        clip: Path | str,
        output: Path | str,
        *,
        background: str | None = None,
        on_frame: Callable[[int], None] | None = None,
    ) -> int:
        """See liveavatar.animate."""
        return render_clip(
            Path(clip),
            Path(output),
            self._open_tracker(),
            self.retargeter,
            self._renderer,
            background=background or BACKGROUND,
            on_frame=on_frame,
        )

    def close(self) -> None:
        """Release tracker and renderer. May be called twice."""
        if self._tracker is not None:
            self._tracker.close()
        self._renderer.close()

    def _open_tracker(self) -> Tracker:
        if self._tracker is None:
            self._tracker = open_tracker(model=find_model(self._model, fetch=True, announce=say))
        return self._tracker

    def __enter__(self) -> "Player":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_avatar(
    name: str | Path = DEFAULT,
    *,
    provider: str = "auto",
    profile: str | None = None,
    model: Path | str | None = None,
    tracker: Tracker | None = None,
) -> Player:
    """The avatar of this name, or in this folder, ready to draw.

    provider: what computes: "auto", "cpu", "cuda", "tensorrt", "dml". profile: whose face drives it, a name given to
    `liveavatar calibrate`; without one it fits whoever it sees. model: the face model's file, where it is not to be looked for.
    tracker: in place of MediaPipe's; it is closed with the avatar. Raises AvatarError, ProviderError, ProfileError."""
    return Player(find_avatar(name), provider, profile, model, tracker)


def animate(
    clip: Path | str,
    output: Path | str,
    avatar: str | Path = DEFAULT,
    *,
    background: str | None = None,
    provider: str = "auto",
    profile: str | None = None,
    model: Path | str | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> int:
    """Animate every frame of a clip into an .mp4 or .webm file, with the clip's sound; returns how many frames it has.

    background: "#rrggbb", "green", "blue", "transparent" (.webm) or a picture's path; None is a plain light colour.
    on_frame: called with the number of frames done. The rest as in open_avatar.
    Raises CameraError when the clip is no readable file, OutputError when the output cannot be written."""
    with open_avatar(avatar, provider=provider, profile=profile, model=model) as player:
        return player.record(clip, output, background=background, on_frame=on_frame)
