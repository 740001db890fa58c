"""From one picture to an avatar package: `liveavatar create`."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from liveavatar.avatar.card import Avatar
from liveavatar.base.files import expanded
from liveavatar.base.local_page import open_page
from liveavatar.errors import AvatarError, Cancelled, PictureError
from liveavatar.landmarks.finder import Finder
from liveavatar.language import tr
from liveavatar.media.picture import Picture, read_picture
from liveavatar.portrait.drawn import Drawing, Figure
from liveavatar.portrait.editor import Editor
from liveavatar.portrait.editor_points import DRAWN, PHOTO
from liveavatar.portrait.faces import Subject, choose_face, face_at, subjects
from liveavatar.portrait.fitness import remarks, require_fit
from liveavatar.portrait.matting import is_cut_out
from liveavatar.portrait.photo import Photo
from liveavatar.portrait.points import Check, Points, read_points
from liveavatar.portrait.request import Request
from liveavatar.portrait.ways import Way
from liveavatar.trackers.model_files import MATTE, find_model
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Face


def create(
    request: Request,
    model: Path,
    say: Callable[[str], None] = print,
    draw: Callable[[Figure], Avatar] | None = None,
) -> Avatar:
    """Make the package and return it as it loads. Raises PictureError, AvatarError, TrackerError, TrainingError, and Cancelled by
    a user who edits; then nothing was written.

    model: the face model's file. say: told what the user should know. draw: makes the avatar of a drawing's figure; None: only
    photos become avatars."""
    request.destination()  # what cannot be written is told at once
    picture = read_picture(expanded(request.picture))
    for note in picture.notes:
        say(note)
    if request.keep_background and is_cut_out(picture):
        say(tr("the picture has no background to keep: it is transparent", "图片背景透明，没有可保留的背景"))
    matte = None if is_cut_out(picture) else find_model(model=MATTE, fetch=True, announce=say)
    with closing(FaceFinder(model)) as finder:
        given = _given(request, picture, DRAWN.check)  # which knows a photo's points too
        face = _face(request, picture, given, finder, say)
        way: Way
        if isinstance(face, Face):
            way = Photo(picture, face, finder, request, say, matte)
            given = _given(request, picture, PHOTO.check)
        else:
            way = Drawing(picture, face, request, say, matte, draw or _refused)
        return _edit(way, picture, given, request, say) if request.edit else way.make(given)


def _refused(figure: Figure) -> Avatar:
    raise PictureError(
        tr("drawings are made avatars of by liveavatar create", "插画形象由 liveavatar create 制作")
    )


def _given(request: Request, picture: Picture, check: Check) -> Points | None:
    """The points of the user's file. Raises PictureError."""
    if request.points is None:
        return None
    height, width = picture.rgba.shape[:2]
    return read_points(expanded(request.points), (width, height), check)


def _face(
    request: Request, picture: Picture, given: Points | None, finder: FaceFinder, say: Callable[[str], None]
) -> Subject | None:
    """Whose avatar it becomes; None for a face that is not found, whose points are given or are to be. Raises PictureError."""
    faces = subjects(picture.over(), finder, Finder())
    if given is not None:
        face = face_at(given, faces)
        return None if isinstance(face, Face) and "crown" in given else face
    if request.edit and not faces:
        return None
    size = picture.rgba.shape[:2]
    face = choose_face(faces, size, request, say)
    if not request.edit:
        require_fit(face, size, request.picture.name)
        for remark in remarks(face):
            say(remark)
    return face


def _edit(
    way: Way, picture: Picture, given: Points | None, request: Request, say: Callable[[str], None]
) -> Avatar:
    """Let the user set the points, then write the package. Raises Cancelled."""
    suggested = way.suggested()
    with (
        closing(Editor(way, picture, given or suggested, suggested, request.name)) as editor,
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
            try:
                avatar = way.make(points)
            except AvatarError as error:  # the user's work must not be lost with a full disk
                say(str(error))
                editor.go_on(str(error))
                continue
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
