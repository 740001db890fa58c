"""The golden picture of a package, and how a package is sealed with it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from liveavatar import __version__
from liveavatar.avatar.card import CARD, Avatar, Golden
from liveavatar.avatar.library import load_avatar, sha256, take_place, write_card
from liveavatar.avatar.trial import trust
from liveavatar.controls import INDEX, neutral
from liveavatar.media.png import encode_png
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression

GOLDEN = {"headYaw": 0.2, "headPitch": 0.1, "jawOpen": 0.6, "mouthSmileLeft": 0.5, "eyeBlinkRight": 1.0}
"""Controls that between them move every part of a face."""
WIDTH = 128
_ANY = 255.0
"""A tolerance that every picture keeps."""


def write_picture(path: Path, pixels: np.ndarray) -> None:
    """A PNG of a package, marked as synthetic: (h, w, 3) or (h, w, 4) uint8, RGB or RGBA. Raises OSError."""
    path.write_bytes(encode_png(pixels, {"Software": f"liveavatar {__version__}", "Source": "synthetic"}))


def expression_of(golden: Golden) -> Expression:
    """What is drawn for the golden picture."""
    controls = neutral()
    for name, value in golden.controls.items():
        controls[INDEX[name]] = value
    return Expression(controls, 0.0)


def reduced(image: np.ndarray) -> np.ndarray:
    """A frame (H, W, 4) uint8 as it is kept for comparing: WIDTH pixels wide, by area."""
    height, width = image.shape[:2]
    return cv2.resize(image, (WIDTH, WIDTH * height // width), interpolation=cv2.INTER_AREA)


def placeholder(folder: Path, size: tuple[int, int], controls: dict[str, float] = GOLDEN) -> Golden:
    """The golden of a package that is being made in `folder`: blank, and any picture will do. seal() draws it.

    size: (width, height) of the avatar's frames. Raises OSError."""
    width, height = size
    write_picture(folder / "golden.png", reduced(np.zeros((height, width, 4), np.uint8)))
    return Golden(controls, "golden.png", _ANY)


def seal(
    draft: Avatar,
    folder: Path,
    open_renderer: Callable[[Avatar], Renderer],
    preview: Callable[[AvatarFrame], np.ndarray],
    tolerance: float,
) -> Avatar:
    """Finish a package whose other files stand in draft.folder, and give it the name `folder`: draw its golden picture and its
    preview, take every file's hash, write the card, and load it as a user would. It is trusted from then on.

    preview: the neutral frame as (h, w, 3) uint8 RGB. tolerance: of the golden picture, levels of 255. Raises AvatarError,
    ProviderError, OSError; then `folder` is as it was."""
    work = draft.folder
    blank = replace(draft, files={}, golden=replace(draft.golden, tolerance=_ANY))
    with closing(open_renderer(blank)) as renderer:
        golden = renderer.render(expression_of(draft.golden)).image
        still = renderer.render(Expression(neutral(), 0.0))
    write_picture(work / draft.golden.file, reduced(golden))
    write_picture(work / "preview.png", preview(still))
    files = {path.name: sha256(path) for path in sorted(work.iterdir()) if path.name != CARD}
    write_card(replace(draft, golden=replace(draft.golden, tolerance=tolerance), files=files), work)
    avatar = load_avatar(work)
    open_renderer(avatar).close()
    trust(avatar)
    return take_place(work, folder)
