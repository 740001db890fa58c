"""The avatar package: a folder with avatar.json and the files it names. Written by training, read live.

An avatar is untrusted input: its card is checked in card.py, its files against the card's sha256, what is in them where they
are read. Knows nothing of ONNX Runtime.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from liveavatar.avatar.card import CARD, Avatar
from liveavatar.avatar.limits import MAX_CARD_BYTES
from liveavatar.avatar.reader import read_card
from liveavatar.base.files import PACKAGE, Unreadable, expanded, user_folder, write_whole
from liveavatar.base.folders import put, recover
from liveavatar.base.names import check_name, looks
from liveavatar.base.strict_json import read_json
from liveavatar.errors import AvatarError
from liveavatar.language import tr

DEFAULT = "hoshi"


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(avatar: Avatar, folder: Path) -> None:
    """Write avatar.json; the old card stays until the new one is complete."""
    write_whole(folder / CARD, (json.dumps(avatar.to_dict(), indent=1, ensure_ascii=False) + "\n").encode())


def load_avatar(folder: Path) -> Avatar:
    """Read and check the package in `folder`, sha256 included. Raises AvatarError."""
    path = folder / CARD
    if not folder.exists():
        recover(folder.parent)
    try:
        card = read_json(path, MAX_CARD_BYTES)
    except Unreadable as error:
        if isinstance(error.__cause__, OSError):
            raise AvatarError(
                tr(
                    f"cannot read {path}: {error.__cause__.strerror}. An avatar is a folder with an {CARD}.",
                    f"无法读取 {path}：{error.__cause__.strerror}。形象是包含 {CARD} 的文件夹。",
                )
            ) from error
        raise AvatarError(
            tr(
                f"{path} is damaged: {error}. Install the avatar again.",
                f"{path} 已损坏：{error}。请重新安装该形象。",
            )
        ) from error
    avatar = read_card(card, folder)
    avatar.verify()
    return avatar


def require_outside(folder: Path, *inputs: Path | None) -> None:
    """Raise AvatarError where a file that is read lies in a package's folder that is to be replaced: it would be lost."""
    for path in inputs:
        if path is not None and folder.exists() and path.resolve().is_relative_to(folder.resolve()):
            raise AvatarError(
                tr(
                    f"{path} lies in {folder}, which is replaced; it would be lost. Move it elsewhere first.",
                    f"{path} 位于将被替换的文件夹 {folder} 中，会因此丢失。请先移到别处。",
                )
            )


def take_place(fresh: Path, folder: Path) -> Avatar:
    """Give a checked package, in a workspace beside it, the name `folder`; an avatar that stood there goes. Returns it as it
    then loads. Raises AvatarError where something else stands there, OSError."""
    require_place(folder)
    put(fresh, folder)
    return load_avatar(folder)


def require_free(name: str, replace: bool) -> None:
    """Raise AvatarError unless an avatar may be put among the user's under this name: one that no other has, and that none can
    be taken for. replace: the name of another will do."""
    check_name(name, AvatarError)
    home = avatar_folders()[0]
    for other, folder in list_avatars():
        if looks(other) != looks(name):
            continue
        if other != name:
            raise AvatarError(
                tr(
                    f"the name {name!r} cannot be told from {other!r}, an avatar that is there. Choose another name (--name, or "
                    f'the "name" in its {CARD}).',
                    f'名称 {name!r} 与已有形象 {other!r} 难以区分。请换一个名称（--name，或 {CARD} 中的 "name"）。',
                )
            )
        if not replace and folder.parent == home:
            raise AvatarError(
                tr(
                    f"there is an avatar {name!r} already, in {folder}. Add --replace to take its place.",
                    f"已有名为 {name!r} 的形象：{folder}。加上 --replace 可替换它。",
                )
            )
        if not replace:
            raise AvatarError(
                tr(
                    f"{name!r} is an avatar that comes with liveavatar. Add --replace to be shown this one whenever that name is "
                    f"asked for, until `liveavatar avatars remove {name}`.",
                    f"{name!r} 是 liveavatar 自带的形象。加上 --replace 后，该名称将指向新的形象，直到运行 "
                    f"`liveavatar avatars remove {name}`。",
                )
            )


def destination(name: str, output: Path | None, replace: bool) -> Path:
    """Where a new avatar is written: `output`, or among the user's. Raises AvatarError for a name that is none, and where
    something stands that is not to be replaced."""
    check_name(name, AvatarError)
    folder = expanded(output or avatar_folders()[0] / name)
    require_place(folder)
    if folder.exists() and not replace:
        other = "--name" if output is None else "--output"
        raise AvatarError(
            tr(
                f"{folder} exists already. Choose another {other}, or replace it where the command has --replace.",
                f"{folder} 已存在。请换一个 {other}，或在支持 --replace 的命令中替换它。",
            )
        )
    if output is None:
        require_free(name, replace)
    return folder


def require_place(folder: Path) -> None:
    """Raise AvatarError unless a package may be written here: nothing, an empty folder or an older package."""
    try:
        folder.stat()
        if folder.is_dir() and ((folder / CARD).is_file() or not any(folder.iterdir())):
            return
    except FileNotFoundError:
        return
    except OSError as error:
        raise AvatarError(
            tr(
                f"cannot write to {str(folder)[:200]}: {error.strerror}. Give another folder.",
                f"无法写入 {str(folder)[:200]}：{error.strerror}。请换一个文件夹。",
            )
        ) from error
    raise AvatarError(
        tr(
            f"{folder} is there already and is no avatar; it would be lost. Give a new folder.",
            f"{folder} 已存在且不是形象包，写入会使其丢失。请给出新的文件夹。",
        )
    )


def avatar_folders() -> list[Path]:
    """Where named avatars are looked for, first wins: the user's data folder, the checkout, the installed package."""
    return [
        user_folder("data") / "avatars",
        PACKAGE.parent / "weights",
        PACKAGE / "weights",
    ]


def list_avatars() -> Iterator[tuple[str, Path]]:
    """(name, folder) of every avatar that can be named, without loading it."""
    names = set()
    recover(avatar_folders()[0])
    for root in avatar_folders():
        for path in sorted(root.glob(f"*/{CARD}")):
            if path.parent.name not in names and not path.parent.name.startswith("."):
                names.add(path.parent.name)
                yield path.parent.name, path.parent


def find_avatar(name: str | Path = DEFAULT) -> Avatar:
    """The avatar with this name, or in this folder. Raises AvatarError listing those there are."""
    known = dict(list_avatars())
    if str(name) in known:
        return load_avatar(known[str(name)])
    if (Path(name) / CARD).is_file() or os.sep in str(name) or "/" in str(name):
        return load_avatar(Path(name))
    listed = ", ".join(known) or tr("none", "无")
    raise AvatarError(
        tr(
            f"no avatar named {str(name)!r}; there are: {listed}. Give one of these names, or a folder with an {CARD}.",
            f"没有名为 {str(name)!r} 的形象；现有：{listed}。请给出其中一个名称，或包含 {CARD} 的文件夹。",
        )
    )
