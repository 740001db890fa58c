"""The ways from a picture to an avatar: a photo's face is warped, a drawn one is drawn anew. Here is what both can do."""

from typing import Protocol

from liveavatar.avatar.card import Avatar
from liveavatar.portrait.editor_points import PointKind
from liveavatar.portrait.points import Points
from liveavatar.types import AvatarFrame, Expression


class Puppet(Protocol):
    """What an avatar will look like, before it is one."""

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (512, 512, 4) uint8 premultiplied RGBA."""
        ...


class Way(Protocol):
    """From one picture."""

    kind: PointKind
    hidden: tuple[str, ...]
    """Points that something is drawn before."""

    def suggested(self) -> Points:
        """To begin with, in pixels of the picture. Raises PictureError."""
        ...

    def puppet(self, points: Points) -> Puppet:
        """Of checked points. Raises LiveAvatarError."""
        ...

    def make(self, points: Points | None) -> Avatar:
        """Write the package, by checked points or as the face is found. Raises PictureError, AvatarError, TrainingError; then
        nothing is left."""
        ...
