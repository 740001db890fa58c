"""Makes the avatar of a drawn character, with its progress shown: what `new` does, and whatever else has one to make."""

from pathlib import Path
from typing import TYPE_CHECKING

from liveavatar.cli.options import require_writable, say_made
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar


def make(rig: str, name: str, output: Path | None, replace: bool, workers: int | None) -> "Avatar":
    """Make the avatar of a rig's character in about a minute, without training, and tell how to play it. output: a folder, or
    among the user's avatars. Raises AvatarError, OutputError, TrainingError, OSError; then nothing is left."""
    import multiprocessing

    from liveavatar.app.console import ProgressBars, ending_politely
    from liveavatar.avatar.library import destination
    from liveavatar.base.timing import now
    from liveavatar.fitting.create import Told, create

    folder = destination(name, output, replace)
    require_writable(folder.absolute().parent)
    start = now()
    with ProgressBars(keep=True) as bars, ending_politely():
        told = Told(
            points=bars.task(tr("motion", "运动")),
            stills=bars.task(tr("drawing", "绘制")),
            patches=bars.task(tr("patches", "局部贴图")),
        )
        try:
            avatar = create(rig, name, folder, workers or multiprocessing.cpu_count(), told)
        except KeyboardInterrupt:
            bars.say(tr("stopped; nothing was made.", "已停止；没有制作任何内容。"))
            raise
    say_made(avatar, output, f"{now() - start:.0f}")
    return avatar


def rig_of(avatar: "Avatar") -> str:
    """The rig that an avatar was made of; empty where it was made of none."""
    return str(avatar.made_with.get("options", {}).get("rig", ""))


def made_before(rig: str | None, name: str, output: Path | None) -> "Avatar | None":
    """The avatar that stands where this one would be made, if it is of the same rig; of any rig where None is asked for."""
    from liveavatar.avatar.card import CARD
    from liveavatar.avatar.library import avatar_folders, load_avatar
    from liveavatar.base.files import expanded
    from liveavatar.base.names import check_name
    from liveavatar.errors import AvatarError

    check_name(name, AvatarError)
    folder = expanded(output or avatar_folders()[0] / name)
    if not (folder / CARD).is_file():
        return None
    avatar = load_avatar(folder)
    return avatar if (rig_of(avatar) == rig if rig is not None else rig_of(avatar)) else None
