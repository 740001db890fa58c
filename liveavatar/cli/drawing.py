"""Makes the avatar of a drawing, with its progress shown: the picture becomes a rig, and the rig a package as any other's."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from liveavatar import __version__
from liveavatar.cli.making import fitted
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar
    from liveavatar.portrait.drawn import Figure
    from liveavatar.portrait.request import Request


def make(request: "Request", figure: "Figure") -> "Avatar":
    """The avatar of a drawing in place of what stood in its folder. Raises AvatarError, TrainingError, OSError; then nothing is
    left."""
    from liveavatar.base.plain_text import plain
    from liveavatar.fitting.create import Extras
    from liveavatar.portrait.label import label_picture
    from liveavatar.rigs.picture.prepare import prepare

    with TemporaryDirectory(prefix="liveavatar-") as work:
        rig = prepare(figure.rgba, figure.points, Path(work) / "picture.npz", mouth=figure.mouth)
        return fitted(
            rig,
            request.name,
            request.destination(),
            None,
            tr("nothing was made", "没有制作任何内容"),
            extras=Extras(
                label=label_picture(request.label) if request.label else None,
                background=figure.background,
                files={"points.json": json.dumps(figure.kept, indent=1).encode()},
            ),
            licence=tr("as the picture's", "与原图相同"),
            credits=tr("made of a drawing with liveavatar create", "由 liveavatar create 用插画制作"),
            consent=plain(request.consent),
            made_with={"liveavatar": __version__, "command": "create", "synthetic": True},
        )
