"""Puts avatar packages into the user's folder and takes them out.

A package is untrusted: its plain files are copied aside, checked there against the card, tried in a child process, and only then
given a name.
"""

from collections.abc import Callable
from pathlib import Path

from liveavatar.avatar.archive import too_large, unpack
from liveavatar.avatar.card import CARD, Avatar
from liveavatar.avatar.library import avatar_folders, load_avatar, require_free, take_place
from liveavatar.avatar.limits import MAX_BYTES, MAX_FILE_BYTES, MAX_FILES
from liveavatar.avatar.trial import require_tried
from liveavatar.base.files import Unreadable, expanded, read_whole
from liveavatar.base.folders import drop, workspace
from liveavatar.errors import AvatarError
from liveavatar.language import tr


def install(source: Path, *, replace: bool = False, say: Callable[[str], None] = lambda text: None) -> Avatar:
    """Install a package from a folder or a .zip (its files at the top, or in folders). Returns it as installed.

    replace: take the place of an avatar of the same name. say: told what takes a moment. Raises AvatarError; then nothing has
    changed."""
    home = avatar_folders()[0]
    source = expanded(source)
    try:
        folder, file, there = source.is_dir(), source.is_file(), source.exists()
    except (OSError, ValueError):  # a name that can be none
        folder = file = there = False
    if not folder and not file:
        reason = (
            tr("no plain file", "不是普通文件")
            if there
            else tr("no such file or folder", "没有这个文件或文件夹")
        )
        raise AvatarError(
            tr(
                f"{reason}: {str(source)[:200]}. Give an avatar's folder or .zip.",
                f"{reason}：{str(source)[:200]}。请给出形象的文件夹或 .zip。",
            )
        )
    try:
        with workspace(home) as work:
            _copy(source, work) if folder else unpack(source, work)
            try:
                avatar = load_avatar(work)
            except AvatarError as error:  # told of what the user gave, not of the copy
                raise AvatarError(str(error).replace(str(work), str(source))) from error
            require_free(avatar.name, replace)
            require_tried(avatar, say)
            return take_place(work, home / avatar.name)
    except OSError as error:
        raise _failed(home, error) from error


def remove(name: str) -> Path:
    """Delete an avatar from the user's folder; returns where it was. Raises AvatarError for any other."""
    home = avatar_folders()[0]
    installed = sorted(p.parent.name for p in home.glob(f"*/{CARD}") if not p.parent.name.startswith("."))
    if name not in installed:
        listed = ", ".join(installed) or tr("none", "无")
        raise AvatarError(
            tr(
                f"{name!r} is not among the avatars you installed: {listed}. Those that came with liveavatar stay.",
                f"{name!r} 不在你安装的形象之中：{listed}。随程序附带的形象不会删除。",
            )
        )
    try:
        drop(home / name)
    except OSError as error:
        raise _failed(home / name, error) from error
    return home / name


def _copy(source: Path, work: Path) -> None:
    """Copy a folder's plain files, up to what an avatar may have; which of them count, the card says."""
    if not (source / CARD).is_file():
        raise AvatarError(
            tr(
                f"{source} holds no {CARD}: it is no avatar. Give an avatar's folder or .zip.",
                f"{source} 中没有 {CARD}：它不是形象文件夹。请给出形象的文件夹或 .zip。",
            )
        )
    # Links to elsewhere and hidden files are no part of an avatar.
    paths = [p for p in source.iterdir() if p.is_file() and not p.is_symlink() and not p.name.startswith(".")]
    if len(paths) > MAX_FILES + 1:
        raise AvatarError(
            tr(
                f"{source} is refused: {len(paths)} files are more than the {MAX_FILES} an avatar may have.",
                f"已拒绝 {source}：{len(paths)} 个文件，超过形象允许的 {MAX_FILES} 个。",
            )
        )
    total = 0
    for path in paths:
        try:
            data = read_whole(path, MAX_FILE_BYTES)
        except Unreadable as error:
            raise AvatarError(
                tr(f"{path} is refused: {error}.", f"已拒绝 {path}：{error}。"),
            ) from error
        total += len(data)
        if total > MAX_BYTES:
            raise too_large(source)
        (work / path.name).write_bytes(data)


def _failed(place: Path, error: OSError) -> AvatarError:
    reason = error.strerror or str(error)
    return AvatarError(
        tr(
            f"cannot write in {place}: {reason}. Nothing was changed.",
            f"无法写入 {place}：{reason}。没有任何改动。",
        )
    )
