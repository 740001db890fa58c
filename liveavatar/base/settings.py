"""Files that are kept in the user's settings folder: a profile's, an avatar's."""

from pathlib import Path

from liveavatar.base.files import write_whole
from liveavatar.errors import ProfileError
from liveavatar.language import tr


def write_setting(path: Path, data: bytes) -> Path:
    """Write it, its folder too; an older one is replaced once the new one is complete. Raises ProfileError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise ProfileError(
            tr(f"cannot write {path}: {error.strerror}", f"无法写入 {path}：{error.strerror}")
        ) from error
    return path
