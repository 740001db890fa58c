"""From one picture to an avatar package: `liveavatar create`."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.base.files import expanded
from liveavatar.base.local_page import open_page
from liveavatar.errors import AvatarError, Cancelled
from liveavatar.landmarks.finder import DrawnFace, Finder
from liveavatar.language import tr
from liveavatar.media.picture import Picture, read_picture
from liveavatar.portrait.cutting import cut_out
from liveavatar.portrait.editor import Editor
from liveavatar.portrait.faces import find_subject
from liveavatar.portrait.figure import build_from_points, build_rig
from liveavatar.portrait.first_guess import suggest_points
from liveavatar.portrait.label import label_picture
from liveavatar.portrait.matting import is_cut_out
from liveavatar.portrait.package import write_package
from liveavatar.portrait.points import Points, read_points
from liveavatar.portrait.request import Request
from liveavatar.renderers.portrait.refiner import DRAWINGS, RefinerSession
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.renderers.portrait.rig import check_rig
from liveavatar.trackers.model_files import MATTE, find_model
from liveavatar.trackers.pictures import FaceFinder, segment


def create(
    request: Request,
    model: Path,
    say: Callable[[str], None] = print,
    draw: Callable[[np.ndarray, np.ndarray], Avatar] | None = None,
) -> Avatar:
    """Make the package and return it as it loads. Raises PictureError, AvatarError, TrackerError, and Cancelled by a user who
    edits; then nothing was written.

    model: the face model's file. say: told what the user should know. draw: makes the avatar of a drawing in which a face is
    found, of the figure (h, w, 4) uint8, not premultiplied, and its points (46, 2), pixels; None: a portrait, as of points of
    the user's."""
    folder = request.destination()
    picture = read_picture(expanded(request.picture))
    for note in picture.notes:
        say(note)
    matte = None if is_cut_out(picture) else find_model(model=MATTE, fetch=True, announce=say)
    drawings = Finder()
    with closing(FaceFinder(model)) as finder:
        if request.edit:
            suggested = suggest_points(picture, finder, request, say, matte, drawings)
            return _edit(picture, suggested, folder, request, say, matte)
        face = None if request.points else find_subject(picture, finder, drawings, request, say)
        if draw and isinstance(face, DrawnFace) and not request.label:
            return draw(*_figure(picture, face.points, matte, say))
        figure = build_rig(picture, finder, request, say, matte, drawings, face)
    avatar = write_package(figure.rig, figure.texture, folder, request, figure.points)
    _warn_of_background(figure.texture, avatar, say)
    return avatar


def _figure(
    picture: Picture, points: np.ndarray, matte: Path | None, say: Callable[[str], None]
) -> tuple[np.ndarray, np.ndarray]:
    """A drawing's figure without its background, (h, w, 4) uint8, and the points (46, 2) of its face, pixels of it."""
    if matte is None:
        return picture.rgba, points
    figure, move = cut_out(picture.over(), points, lambda rgb: segment(rgb, matte))
    if (figure[..., 3] < 128).mean() < 0.01:
        say(
            tr(
                "no background was found round the figure: the whole picture becomes the avatar",
                "没有在人物周围找到背景：整张图片都将成为形象",
            )
        )
    return figure, points @ move[:, :2].T + move[:, 2]


def _edit(
    picture: Picture,
    suggested: Points,
    folder: Path,
    request: Request,
    say: Callable[[str], None],
    matte: Path | None,
) -> Avatar:
    """Let the user set the points, then write the package. Raises Cancelled."""
    height, width = picture.rgba.shape[:2]
    start = read_points(expanded(request.points), (width, height)) if request.points else suggested
    label = label_picture(request.label) if request.label else None

    def build_puppet(points: Points) -> Puppet:
        rig, texture, *_ = build_from_points(picture, points, matte)
        check_rig(rig)
        return Puppet(rig, texture, label, RefinerSession(DRAWINGS, rig, texture))

    with (
        closing(Editor(picture, start, suggested, build_puppet, request.name)) as editor,
        ExitStack() as open_doors,
    ):
        say(
            tr(
                f"Set the points on the page that opens in your browser (Ctrl-C: cancel). If none does: {editor.address}",
                f"请在浏览器打开的页面中调整各点（Ctrl-C 取消）。若没有打开：{editor.address}",
            )
        )
        open_page(editor.address, open_doors)
        while (points := editor.wait()) is not None:
            rig, texture, *_ = build_from_points(picture, points, matte)
            try:
                avatar = write_package(rig, texture, folder, request, points)
            except AvatarError as error:  # the user's work must not be lost with a full disk
                say(str(error))
                editor.go_on(str(error))
                continue
            _warn_of_background(texture, avatar, say)
            editor.finish(
                tr(
                    f"{request.name} is made.\nThis page can be closed.",
                    f"{request.name} 已制作完成。\n可以关闭此页面。",
                )
            )
            return avatar
        editor.finish(
            tr("Nothing was made.\nThis page can be closed.", "没有制作任何内容。\n可以关闭此页面。")
        )
    raise Cancelled(tr("Nothing was made.", "没有制作任何内容。"))


def _warn_of_background(texture: np.ndarray, avatar: Avatar, say: Callable[[str], None]) -> None:
    """Say so when what stands beside the head was not cut out: it may be the user's room."""
    beside = texture[:300, :64, 3], texture[:300, -64:, 3]
    share = max(float(side.mean()) for side in beside) / 255
    if share > 0.25:
        say(
            tr(
                f"WARNING: the background could not be cut out: it covers {100 * share:.0f} % beside the head and is in the "
                f"package. Look at {avatar.folder / 'preview.png'}. Give a picture before a plain wall, or a PNG whose "
                "background is transparent.",
                f"警告：背景未能去除，头部一侧有 {100 * share:.0f} % 是背景，并已写入形象包。请查看 "
                f"{avatar.folder / 'preview.png'}。请换一张纯色背景的图片，或背景透明的 PNG。",
            )
        )
