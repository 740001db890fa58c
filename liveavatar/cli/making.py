"""Makes the avatar of a drawn character, with its progress shown: what `new` does, and whatever else has one to make."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveavatar.cli.options import require_writable, say_made
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar

Told = Callable[[str, int, int], None]


def quiet(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


def make(
    rig: str, name: str, output: Path | None, replace: bool, workers: int | None, told: Told = quiet
) -> "Avatar":
    """Make the avatar of a rig's character in about a minute, without training, and tell how to play it. output: a folder, or
    among the user's avatars. told: see fitted().

    Raises AvatarError, OutputError, TrainingError, OSError; then nothing is left."""
    from liveavatar.avatar.library import destination
    from liveavatar.base.timing import now

    folder = destination(name, output, replace)
    missing = [parent for parent in folder.absolute().parents if not parent.exists()]
    require_writable(folder.absolute().parent)
    start = now()
    try:
        avatar = fitted(rig, name, folder, workers, tr("nothing was made", "没有制作任何内容"), told)
    except BaseException:
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
        raise
    say_made(avatar, output, f"{now() - start:.0f}")
    return avatar


def fitted(
    rig: str,
    name: str,
    folder: Path,
    workers: int | None,
    stopped: str,
    told: Told = quiet,
    **own: Any,
) -> "Avatar":
    """The avatar of a rig's character, in place of what stood in its folder, with its progress shown.

    stopped: what is so after Ctrl-C. told: with a stage of create's Told, how much is done, of how much.
    own: extras, and of its card, see create()."""
    import multiprocessing

    from liveavatar.app.console import ProgressBars, ending_politely
    from liveavatar.fitting.create import Told as Stages
    from liveavatar.fitting.create import create

    labels = {
        "points": tr("motion", "运动"),
        "stills": tr("drawing", "绘制"),
        "patches": tr("patches", "局部贴图"),
    }
    with ProgressBars(keep=True) as bars, ending_politely():

        def teller(stage: str) -> Callable[[int, int], None]:
            bar = bars.task(labels[stage])

            def tell(done: int, total: int) -> None:
                bar(done, total)
                told(stage, done, total)

            return tell

        stages = {stage: teller(stage) for stage in labels}
        try:
            return create(rig, name, folder, workers or multiprocessing.cpu_count(), Stages(**stages), **own)
        except KeyboardInterrupt:
            bars.say(tr(f"stopped; {stopped}.", f"已停止；{stopped}。"))
            raise


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
