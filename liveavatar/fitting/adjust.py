"""Changes a character from noise: what an avatar of one was made of, and the page on which it becomes another."""

from collections.abc import Callable
from contextlib import ExitStack, closing

from liveavatar.avatar.card import Avatar
from liveavatar.base.local_page import open_page
from liveavatar.errors import AvatarError, Cancelled, LiveAvatarError
from liveavatar.fitting.editor import Editor
from liveavatar.fitting.saving import saved
from liveavatar.language import tr
from liveavatar.rigs.generated.recipe import PREFIX, Recipe, parse

Save = Callable[[Recipe, Callable[[str, int, int], None]], Avatar]
"""Makes the package of a recipe; tells which stage of editor_texts.STAGES is how far, of how much."""


def recipe_of(avatar: Avatar) -> Recipe:
    """What an avatar was made of. Raises AvatarError where that is no character from noise, or is damaged."""
    options = avatar.made_with.get("options")
    rig = options.get("rig") if isinstance(options, dict) else None
    if not isinstance(rig, str) or not rig.startswith(PREFIX):
        raise AvatarError(
            tr(
                f"{avatar.name!r} is no character from noise: it has no seed that could be adjusted. Make one with "
                "`liveavatar new --seed 17 --name NAME`.",
                f"{avatar.name!r} 不是由种子生成的角色，没有可调整的种子。请先制作一个："
                "`liveavatar new --seed 17 --name 名称`。",
            )
        )
    try:
        return parse(rig.removeprefix(PREFIX))
    except LiveAvatarError as error:
        raise AvatarError(
            tr(
                f"the card of {avatar.name!r} names a character that cannot be read: {error}",
                f"{avatar.name!r} 的说明文件中的角色无法读取：{error}",
            )
        ) from error


def edit(name: str, recipe: Recipe, save: Save, say: Callable[[str], None]) -> Avatar:
    """Let the user change a character on a page in the browser until it is saved. Raises Cancelled; then nothing was written.

    name: the avatar's. save: may raise as saving.saved() says."""
    with closing(Editor(name, recipe)) as editor, ExitStack() as open_doors:
        say(
            tr(
                f"Adjust it on the page that opens in your browser (Ctrl-C: cancel). If none does: {editor.address}",
                f"请在浏览器打开的页面中调整（Ctrl-C 取消）。若没有打开：{editor.address}",
            )
        )
        open_page(editor.address, open_doors)
        avatar = saved(editor, lambda chosen: save(chosen, editor.fitting), say)
        if avatar is not None:
            editor.finish(
                tr(f"{name} is saved.\nThis page can be closed.", f"{name} 已保存。\n可以关闭此页面。")
            )
            return avatar
        editor.finish(
            tr("Nothing was changed.\nThis page can be closed.", "没有改动任何内容。\n可以关闭此页面。")
        )
    raise Cancelled(tr("Nothing was changed.", "没有改动任何内容。"))
