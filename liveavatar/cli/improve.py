"""Makes an avatar better that is there already: trains on the rig it was made of, and takes what came out if it is truer."""

from typing import TYPE_CHECKING, Any

from liveavatar.app.console import ProgressBars, ending_politely
from liveavatar.base.messages import say
from liveavatar.cli.making import rig_of
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar


def improve(avatar: "Avatar", workers: int | None = None, **budget: Any) -> "Avatar":
    """Train the recipe of the avatars that ship on an avatar's rig. Where the trained one's figures are higher it takes the
    avatar's place whole, and a program that shows it goes on with the new one. Returns the avatar that stands there then.

    budget: frames, steps and the like of training's Options. May be stopped at any moment: asked again it goes on from there.
    Raises TrainingError, AvatarError, OSError; then the avatar is as it was."""
    from liveavatar.cli.train import taught
    from liveavatar.cli.trainings import get_ready

    rig = _untrained_rig(avatar)
    try:
        get_ready()
    except Exception:
        say(
            tr(
                f"{avatar.name!r} stays as it is: made, and ready to be played.",
                f"{avatar.name!r} 保持不变，可以正常使用。",
            )
        )
        raise
    from liveavatar.avatar.library import take_place
    from liveavatar.base.folders import workspace
    from liveavatar.training.evaluate import default_workers, save_figures
    from liveavatar.training.evaluate import evaluate as measure
    from liveavatar.training.package import write_package
    from liveavatar.training.schedule import Options

    workers = workers or default_workers()
    options = Options(rig=rig, size=avatar.size[0], workers=workers, **budget)
    with ProgressBars(keep=True) as bars, ending_politely(), workspace(avatar.folder.parent) as work:
        trainer = taught(options, bars)
        trained, _ = write_package(trainer, avatar.name, work / "trained")
        bars.say(tr("measuring both on held-out expressions", "用未训练过的表情评估两者"))
        told = bars.task(tr("teacher", "教师画面"))
        before, after = (measure(one, None, 1, workers, None, told) for one in (avatar, trained))
        bars.say(_figures(tr("as it is", "现有"), before))
        bars.say(_figures(tr("trained", "训练后"), after))
        if _worth(after) <= _worth(before):
            bars.say(
                tr(
                    f"{avatar.name!r} stays as it is: the trained one is not truer. Its run is kept in {options.folder()}.",
                    f"{avatar.name!r} 保持不变：训练后并没有更逼真。训练保存在 {options.folder()}。",
                )
            )
            return avatar
        save_figures(trained, after)
        _require_unchanged(avatar)
        better = take_place(trained.folder, avatar.folder)
    say(tr(f"{better.name!r} is the trained one now.", f"{better.name!r} 现在是训练后的版本。"))
    show_anew(better)
    return better


def show_anew(avatar: "Avatar") -> None:
    """Have a program that shows the avatar go on with what stands in its folder now; never fails."""
    from liveavatar.app.remote import renew
    from liveavatar.errors import LiveAvatarError

    try:
        answer = renew(avatar.folder)
    except LiveAvatarError as error:
        say(
            tr(
                f"the running program still shows the older one: {error}",
                f"正在运行的程序仍显示旧版本：{error}",
            )
        )
        return
    if answer is not None:
        say(
            tr(
                f"the running program shows it ({answer['seconds']} s to load and check)",
                f"正在运行的程序已换用它（加载与校验 {answer['seconds']} 秒）",
            )
        )


def _untrained_rig(avatar: "Avatar") -> str:
    """The rig of an avatar that `new` made. Raises AvatarError for others."""
    from liveavatar.errors import AvatarError

    if avatar.made_with.get("command") == "new" and (rig := rig_of(avatar)):
        return rig
    raise AvatarError(
        tr(
            f"{avatar.name!r} cannot be improved: it was not made by `liveavatar new`, or is trained already.",
            f"{avatar.name!r} 无法提升：它不是由 `liveavatar new` 制作的，或已经训练过。",
        )
    )


def _require_unchanged(avatar: "Avatar") -> None:
    """Raise AvatarError where another avatar has taken this one's place since."""
    from liveavatar.avatar.library import load_avatar
    from liveavatar.errors import AvatarError

    if load_avatar(avatar.folder).digest != avatar.digest:
        rig = rig_of(avatar)
        raise AvatarError(
            tr(
                f"{avatar.name!r} was changed meanwhile and stays as it is. `liveavatar export --rig {rig} --name NAME` "
                "writes what was trained.",
                f"{avatar.name!r} 在此期间已被更改，保持不变。`liveavatar export --rig {rig} --name 名称` 可写出训练结果。",
            )
        )


def _worth(result: dict[str, Any]) -> float:
    """What decides which of two is truer: dB of the head and of eyes and mouth, together."""
    return float(result["psnr"]["head"] + result["psnr"]["crops"])


def _figures(which: str, result: dict[str, Any]) -> str:
    psnr = result["psnr"]
    return tr(
        f"{which}: head {psnr['head']:.2f} dB, eyes and mouth {psnr['crops']:.2f} dB",
        f"{which}：头部 {psnr['head']:.2f} dB，眼和嘴 {psnr['crops']:.2f} dB",
    )
