"""Where a run sends what it makes: what the user said about the output, checked before anything large is loaded."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.avatar.card import Avatar
    from liveavatar.media.compositing import Background, Framing
    from liveavatar.media.sound import Sound
    from liveavatar.stages import Output


@dataclass(frozen=True)
class Sink:
    """An output that is not open yet."""

    spec: str
    """As open_output() takes it."""
    background: str | None
    colour_matrix: str
    size: tuple[int, int] | None
    """(width, height) in pixels; None: the avatar's."""
    framing: "Framing"

    @property
    def is_file(self) -> bool:
        """Whether it keeps what is sent."""
        from liveavatar.outputs import kind_of

        return kind_of(self.spec) == "video"

    def check(self, size: tuple[int, int], inputs: Mapping[str, Path | None]) -> None:
        """Raise OutputError where there is no such output, or where a file of this name cannot be written or is one that is
        read. size: the avatar's. inputs: files by option."""
        from liveavatar.media.compositing import TRANSPARENT
        from liveavatar.media.recording import require_writable
        from liveavatar.outputs import refuse_transparency

        if not self.is_file:
            return
        path = expanded(self.spec)
        background = expanded(self.background) if self.background else None
        require_apart(path, {**inputs, "--background": background})
        if self.background == TRANSPARENT and path.suffix.lower() != ".webm":
            raise refuse_transparency(self.spec)
        require_writable(path, self.size or size)

    def backdrop(self, size: tuple[int, int], avatar: "Avatar | None" = None) -> "Background":
        """What stands behind the avatar, and its framing. size: the avatar's. Raises OutputError, AvatarError."""
        from liveavatar.outputs import background_of

        backdrop = background_of(self.spec, self.background, self.size or size, self.framing)
        if avatar is not None and avatar.background:
            self.dress(backdrop, avatar)
        return backdrop

    def dress(self, backdrop: "Background", avatar: "Avatar") -> None:
        """Put what an avatar brings along behind it, or the usual colour, unless the user said what is to be there. Raises
        AvatarError."""
        from liveavatar.renderers.package import read_background

        if self.background is None and not backdrop.transparent:
            backdrop.show(read_background(avatar))

    def open(
        self, backdrop: "Background", fps: float, sound: "Sound | None" = None, live: bool = False
    ) -> "Output":
        """The output, with this behind the avatar."""
        from liveavatar.outputs import open_output

        return open_output(
            self.spec,
            size=backdrop.size,
            fps=fps,
            background=backdrop,
            colour_matrix=self.colour_matrix,
            sound=sound,
            live=live,
        )

    def open_live(self, backdrop: "Background", fps: float) -> "Output":
        """The same for a live show: a device that goes away is opened again, a file holds nothing up."""
        from liveavatar.outputs.hotplug import Hotplug

        opened = partial(self.open, backdrop, fps, live=True)
        return Hotplug(opened) if self.spec == "virtualcam" else opened()


def require_apart(output: str | Path, inputs: Mapping[str, Path | None]) -> None:
    """Raise OutputError where the output is one of the files that are read, under whatever name. inputs: by option."""
    from liveavatar.base.files import same_file
    from liveavatar.errors import OutputError

    for option, path in inputs.items():
        if path is not None and same_file(expanded(output), path):
            raise OutputError(
                tr(
                    f"--output {output} is the file that {option} reads ({path}); it would be lost. "
                    "Give another name.",
                    f"--output {output} 就是 {option} 要读取的文件（{path}），写入会使其丢失。请换一个名称。",
                )
            )


def read_by(camera: str, avatar: "Avatar", model: Path | None) -> dict[str, Path | None]:
    """The user's files that a run reads, by option."""
    from liveavatar.cameras import clip_of

    files = {f"--avatar ({path.name})": path for path in avatar.folder.rglob("*") if path.is_file()}
    return {"--camera": clip_of(camera), "--model": model, **files}


def tell_of_interrupted(output: str | Path) -> None:
    """Say once where recordings lie that an earlier run could not finish."""
    from liveavatar.media.recording import interrupted

    target = expanded(output)
    for path in interrupted(target.parent if target.suffix.lower() in (".mp4", ".webm") else None):
        say(
            tr(
                f"a recording was interrupted; what there is of it can be played: {path}",
                f"有一段录制曾被中断，已录下的部分可以播放：{path}",
            )
        )


@contextmanager
def only_whole(keep: "Callable[[], Path | None]") -> Iterator[None]:
    """An error or Ctrl-C within leaves the part that is written beside the file, and says where: an older file of that
    name is replaced by a whole one only. keep: the output's."""
    try:
        yield
    except BaseException as error:
        part = keep()
        if part is not None and str(part) not in str(error):
            say(
                tr(
                    f"not finished; the part until here can be played: {part}",
                    f"未完成；到此为止的部分可以播放：{part}",
                )
            )
        raise
