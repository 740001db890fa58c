"""Writes a figure as an avatar package."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar import __version__
from liveavatar.avatar import golden
from liveavatar.avatar.card import Avatar, Control, PortraitParts
from liveavatar.avatar.golden import write_picture
from liveavatar.base.folders import workspace
from liveavatar.base.plain_text import plain
from liveavatar.controls import BLENDSHAPES, HEAD, RANGES
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.media.compositing import DEFAULT as DEFAULT_BACKGROUND
from liveavatar.media.compositing import Background
from liveavatar.portrait.label import label_picture
from liveavatar.portrait.points import Points
from liveavatar.portrait.request import Request
from liveavatar.renderers import make_renderer
from liveavatar.renderers.portrait.rig import SIZE, PortraitRig

BACKGROUND = "background.png"
GOLDEN_TOLERANCE = 12.0
"""Wide: a package must not be refused by a later version that draws lids or teeth better."""


def write_package(
    rig: PortraitRig,
    texture: np.ndarray,
    folder: Path,
    request: Request,
    points: Points | None = None,
    background: np.ndarray | None = None,
) -> Avatar:
    """Write, check and name the package. Raises AvatarError; then nothing is left.

    texture: (512, 512, 4) uint8 premultiplied RGBA; points: kept in it, to go on from; background: (h, w, 3) uint8 RGB
    that stands behind it."""
    try:
        with workspace(folder.parent) as work:
            (work / "rig.npz").write_bytes(rig.save())
            write_picture(work / "sheet.png", texture)
            if points is not None:
                (work / "points.json").write_text(json.dumps(points, indent=1), encoding="utf-8")
            if background is not None:
                write_picture(
                    work / BACKGROUND, np.dstack([background, np.full(background.shape[:2], 255, np.uint8)])
                )
            if request.label:
                write_picture(work / "label.png", label_picture(request.label))
            draft = Avatar(
                name=request.name,
                kind="portrait",
                size=(SIZE, SIZE),
                controls=tuple(Control(n, *RANGES[n]) for n in (*BLENDSHAPES, *HEAD, "breath", "sway")),
                golden=golden.placeholder(work, (SIZE, SIZE)),
                files={},
                licence=tr("as the picture's", "与原图相同"),
                credits=tr("made of a picture with liveavatar create", "由 liveavatar create 用图片制作"),
                consent=plain(request.consent),
                background="" if background is None else BACKGROUND,
                parts=PortraitParts(
                    sheet="sheet.png", rig="rig.npz", label="label.png" if request.label else ""
                ),
                made_with={"liveavatar": __version__, "command": "create", "synthetic": True},
                folder=work,
            )
            return seal(draft, folder)
    except OSError as error:
        raise _failed(folder, error) from error


def seal(draft: Avatar, folder: Path) -> Avatar:
    """Finish the package of a portrait and give it the name `folder`, as avatar.golden.seal."""
    behind = Background(DEFAULT_BACKGROUND, draft.size)
    return golden.seal(
        draft, folder, lambda avatar: make_renderer(avatar, "cpu", 2), behind.composite, GOLDEN_TOLERANCE
    )


def _failed(place: Path, error: OSError) -> AvatarError:
    reason: Any = error.strerror or str(error)
    return AvatarError(
        tr(
            f"cannot write {place}: {reason}. Nothing was changed.",
            f"无法写入 {place}：{reason}。没有任何改动。",
        )
    )
