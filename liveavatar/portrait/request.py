"""What a user asks of `liveavatar create`."""

from dataclasses import dataclass
from pathlib import Path

from liveavatar.avatar.library import destination, require_outside
from liveavatar.base.files import expanded


@dataclass(frozen=True)
class Request:
    """Of one picture, one avatar."""

    picture: Path
    name: str
    consent: str
    """Whose picture it is and that they agreed, for the card."""
    output: Path | None = None
    """Folder for the package; None: the user's avatars."""
    points: Path | None = None
    """A file of points that say where the face is; then none is looked for."""
    edit: bool = False
    """Let the user set the points on a page; it begins with those of the file, or with suggested ones."""
    face: int | None = None
    """Which face, from 1, the largest first; None: the largest."""
    label: str = ""
    """Text drawn into the picture's corner."""
    keep_background: bool = False
    """Keep what stands behind the figure, and show it where the user says nothing else."""
    replace: bool = False
    """In place of one that stands there."""

    def destination(self) -> Path:
        """The package's folder, which may be written. Raises AvatarError for a name that is none, where something stands that is
        not to be replaced, and where the user's own files would be lost with it."""
        folder = destination(self.name, self.output, self.replace)
        # Points that were edited are kept in the package again.
        kept = expanded(self.points) if self.points and not self.edit else None
        require_outside(folder, expanded(self.picture), kept)
        return folder
