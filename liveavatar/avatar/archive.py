"""An avatar's files out of a .zip, whoever packed it: Windows' backslashes, macOS' extra files, folders around.

A zip is untrusted: no path in it leads anywhere, no length is believed, and nothing is inflated beyond what an avatar may have.
"""

import io
import zipfile
from pathlib import Path

from liveavatar.avatar.card import CARD
from liveavatar.avatar.limits import MAX_BYTES, MAX_FILE_BYTES, MAX_FILES
from liveavatar.errors import AvatarError
from liveavatar.language import tr

_KINDS = (
    (0, b"7z\xbc\xaf\x27\x1c", ".7z"), (0, b"Rar!", ".rar"), (0, b"\x1f\x8b", ".gz"), (0, b"\xfd7zXZ", ".xz"),
    (0, b"BZh", ".bz2"), (0, b"\x28\xb5\x2f\xfd", ".zst"), (257, b"ustar", ".tar"), (0, b"MSCF", ".cab"),
)  # fmt: skip
"""Where other archives have which bytes."""
_DIRECTORY = 4 << 20
"""Bytes: the list of files in a zip of an avatar takes a few thousand."""


def unpack(source: Path, work: Path) -> None:
    """Write the avatar's plain files in a .zip into `work`. Raises AvatarError; OSError where `work` cannot be written."""
    try:
        file = _BoundedFile(source)
    except OSError as error:
        raise _unreadable(source, error) from error
    with file, _open(source, file) as archive:
        entries: dict[str, list[zipfile.ZipInfo]] = {}
        for info in archive.infolist():
            # Windows' own packers wrote backslashes; only a link or a device has another kind of mode.
            name = info.filename.replace("\\", "/").removeprefix("./")
            if not name.endswith("/") and (info.external_attr >> 28) in (0, 8):
                entries.setdefault(name, []).append(info)
        top = _top(source, list(entries))
        names = [name for name in entries if name.startswith(top) and _is_plain(name[len(top) :])]
        if len(names) > MAX_FILES + 1:
            raise _refused(
                source,
                tr(
                    f"it holds {len(names)} files, more than the {MAX_FILES} an avatar may have",
                    f"共 {len(names)} 个文件，超过形象允许的 {MAX_FILES} 个",
                ),
            )
        total = 0
        for name in names:
            if len(entries[name]) > 1:
                raise _refused(source, tr(f"it holds {name[:80]!r} twice", f"{name[:80]!r} 出现了两次"))
            data = _inflate(source, archive, entries[name][0])
            total += len(data)
            if total > MAX_BYTES:
                raise too_large(source)
            (work / name[len(top) :]).write_bytes(data)


def too_large(source: Path) -> AvatarError:
    """The error for files that are larger than an avatar may be."""
    return _refused(
        source,
        tr(f"the files are larger than {MAX_BYTES >> 20} MB together", f"文件合计超过 {MAX_BYTES >> 20} MB"),
    )


def _open(source: Path, file: io.FileIO) -> zipfile.ZipFile:
    try:
        head = file.read(512)
        kind = next((name for at, mark, name in _KINDS if head[at : at + len(mark)] == mark), None)
        if kind is None:
            return zipfile.ZipFile(file)
    except Exception as error:  # of the system, of zipfile, or of what it calls
        raise _unreadable(source, error) from error
    raise _refused(
        source,
        tr(
            f"it is a {kind} archive; unpack it and give the folder",
            f"这是 {kind} 压缩包；请解压后给出文件夹",
        ),
    )


def _unreadable(source: Path, error: Exception) -> AvatarError:
    reason = getattr(error, "strerror", None) or str(error)[:200]
    return AvatarError(
        tr(
            f"{source} cannot be read as a .zip: {reason}. Give an avatar's folder or .zip.",
            f"{source} 不是可读的 .zip：{reason}。请给出形象的文件夹或 .zip。",
        )
    )


class _BoundedFile(io.FileIO):
    """A file that is never read much at once: zipfile would read a list of files of any length in one piece."""

    def read(self, size: int | None = -1, /) -> bytes:
        """At most 4 MB. Raises BadZipFile where more is asked for."""
        if size is not None and size > _DIRECTORY:
            raise zipfile.BadZipFile(tr("its list of files is too long", "文件列表过长"))
        return super().read(_DIRECTORY if size is None or size < 0 else size) or b""


def _top(source: Path, names: list[str]) -> str:
    """Where in the zip the avatar's card stands: "" or a path that ends with "/"."""
    folders = {name[: -len(CARD)] for name in names if name == CARD or name.endswith(f"/{CARD}")}
    tops = sorted((t for t in folders if "__MACOSX/" not in t), key=lambda top: (top.count("/"), top))
    # Deeper ones may be copies that its maker kept.
    tops = [top for top in tops if top.count("/") == tops[0].count("/")]
    if len(tops) == 1:
        return tops[0]
    if tops:
        listed = ", ".join(repr(top.rstrip("/")[:40]) for top in tops[:4])
        raise _refused(
            source,
            tr(
                f"it holds {len(tops)} avatars ({listed}); unpack it and give one folder after the other",
                f"其中有 {len(tops)} 个形象（{listed}）；请解压后逐个给出文件夹",
            ),
        )
    inner = next((name for name in names if name.lower().endswith(".zip")), None)
    if inner is not None:
        raise _refused(
            source,
            tr(
                f"it holds another .zip ({inner[:60]!r}); unpack it and give that one",
                f"其中是另一个 .zip（{inner[:60]!r}）；请先解压再给出它",
            ),
        )
    raise AvatarError(
        tr(
            f"{source} holds no {CARD}: it is no avatar. Give an avatar's folder or .zip.",
            f"{source} 中没有 {CARD}：它不是形象包。请给出形象的文件夹或 .zip。",
        )
    )


def _is_plain(name: str) -> bool:
    """Whether this is a file of an avatar: none in a folder, none that leads elsewhere, none that is hidden."""
    return bool(name) and not set("/\\:\0") & set(name) and not name.startswith(".")


def _inflate(source: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """One file of the zip."""
    if info.flag_bits & 1:
        raise _refused(
            source, tr("it has a password; unpack it and give the folder", "压缩包有密码；请解压后给出文件夹")
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(
            source,
            tr(
                "it is compressed in an unusual way; unpack it and give the folder",
                "压缩方式不受支持；请解压后给出文件夹",
            ),
        )
    try:
        with archive.open(info) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except Exception as error:  # of zipfile, of zlib, or of the system
        raise _refused(
            source,
            tr(
                f"{info.filename[:80]!r} in it is damaged ({str(error)[:100]}); fetch it again",
                f"其中的 {info.filename[:80]!r} 已损坏（{str(error)[:100]}）；请重新获取",
            ),
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise too_large(source)
    return data


def _refused(source: Path, reason: str) -> AvatarError:
    return AvatarError(tr(f"{source} is refused: {reason}.", f"已拒绝 {source}：{reason}。"))
