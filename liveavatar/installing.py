"""Puts avatar packages into the user's folder and takes them out.

A package is untrusted: its plain files are copied aside, checked there against the card, and only then given a name.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from liveavatar.avatar import CARD, Avatar, avatar_folders, load_avatar, take_place
from liveavatar.errors import AvatarError
from liveavatar.files import expanded
from liveavatar.language import tr
from liveavatar.names import check_name

MAX_FILES = 64
MAX_BYTES = 128 << 20


def install(source: Path, *, replace: bool = False) -> Avatar:
    """Install a package from a folder or a .zip (its files at the top, or in one folder). Returns it as installed.

    replace: take the place of an avatar of the same name in the user's folder. Raises AvatarError; then nothing has
    changed."""
    home = avatar_folders()[0]
    source = expanded(source)
    if not source.exists():
        raise AvatarError(
            tr(
                f"no such file or folder: {source}. Give an avatar's folder or .zip.",
                f"没有这个文件或文件夹：{source}。请给出形象的文件夹或 .zip。",
            )
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    except OSError as error:
        raise _failed(home, error) from error
    try:
        _unpack(source, work) if source.is_file() else _copy(source, work)
        avatar = load_avatar(work)
        check_name(avatar.name)
        place = home / avatar.name
        if place.exists() and not replace:
            raise AvatarError(
                tr(
                    f"there is an avatar {avatar.name!r} already, in {place}. Add --replace to take its place.",
                    f"已有名为 {avatar.name!r} 的形象：{place}。加上 --replace 可替换它。",
                )
            )
        return take_place(work, place)
    except OSError as error:
        raise _failed(home, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def remove(name: str) -> Path:
    """Delete an avatar from the user's folder; returns where it was. Raises AvatarError for any other."""
    home = avatar_folders()[0]
    own = sorted(path.parent.name for path in home.glob(f"*/{CARD}"))
    if name not in own:
        listed = ", ".join(own) or tr("none", "无")
        raise AvatarError(
            tr(
                f"{name!r} is not among the avatars you installed: {listed}. Those that came with liveavatar stay.",
                f"{name!r} 不在你安装的形象之中：{listed}。随程序附带的形象不会删除。",
            )
        )
    try:
        shutil.rmtree(home / name)
    except OSError as error:
        raise _failed(home / name, error) from error
    return home / name


def _copy(source: Path, work: Path) -> None:
    if not (source / CARD).is_file():
        raise AvatarError(
            tr(
                f"{source} holds no {CARD}: it is no avatar.",
                f"{source} 中没有 {CARD}：它不是形象文件夹。",
            )
        )
    names = [path.name for path in source.iterdir() if path.is_file()]
    _take(names, work, lambda name: (source / name).read_bytes(), lambda name: (source / name).stat().st_size)


def _unpack(source: Path, work: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = {info.filename: info for info in archive.infolist() if not info.is_dir()}
            top = next((name[: -len(CARD)] for name in sorted(entries, key=len) if name.endswith(CARD)), None)
            if top is None or top.count("/") > 1 or (top and not top.endswith("/")):
                raise AvatarError(
                    tr(
                        f"{source} holds no {CARD}: it is no avatar.",
                        f"{source} 中没有 {CARD}：它不是形象包。",
                    )
                )
            names = [name[len(top) :] for name in entries if name.startswith(top)]
            _take(
                names,
                work,
                lambda name: archive.read(top + name),
                lambda name: entries[top + name].file_size,
            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise AvatarError(
            tr(f"{source} cannot be read as a .zip: {error}.", f"{source} 不是可读的 .zip：{error}。")
        ) from error


def _take(names: list[str], work: Path, read: Callable[[str], bytes], length: Callable[[str], int]) -> None:
    """Copy plain files of a sensible size; which of them count, the card says."""
    if len(names) > MAX_FILES:
        raise AvatarError(
            tr(
                f"{len(names)} files: more than the {MAX_FILES} an avatar may have; refused.",
                f"共 {len(names)} 个文件，超过形象允许的 {MAX_FILES} 个，已拒绝。",
            )
        )
    # Folders, links to elsewhere and hidden files are no part of an avatar.
    plain = [n for n in names if Path(n).name == n and not set("\\:") & set(n) and not n.startswith(".")]
    if sum(map(length, plain)) > MAX_BYTES:
        raise AvatarError(
            tr(
                f"the files are larger than {MAX_BYTES >> 20} MB together; refused.",
                f"文件合计超过 {MAX_BYTES >> 20} MB，已拒绝。",
            )
        )
    for name in plain:
        (work / name).write_bytes(read(name))


def _failed(place: Path, error: OSError) -> AvatarError:
    reason = error.strerror or str(error)
    return AvatarError(
        tr(
            f"cannot write in {place}: {reason}. Nothing was changed.",
            f"无法写入 {place}：{reason}。没有任何改动。",
        )
    )
