"""From one picture to an avatar package: reading, finding the face, cutting out, building, checking, naming."""

import json
import shutil
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar import __version__
from liveavatar.avatar import golden
from liveavatar.avatar.card import Avatar, Control, PortraitParts
from liveavatar.avatar.golden import write_picture
from liveavatar.avatar.library import (
    avatar_folders,
    require_free,
    require_outside,
)
from liveavatar.base.files import expanded
from liveavatar.base.folders import workspace
from liveavatar.base.local_page import doorway
from liveavatar.base.names import check_name
from liveavatar.base.plain_text import plain
from liveavatar.controls import BLENDSHAPES, HEAD, RANGES
from liveavatar.errors import AvatarError, Cancelled, PictureError
from liveavatar.language import tr
from liveavatar.media.compositing import DEFAULT as DEFAULT_BACKGROUND
from liveavatar.media.compositing import Background
from liveavatar.media.picture import Picture, read_picture
from liveavatar.portrait import build, first_guess, matting
from liveavatar.portrait.editor import Editor
from liveavatar.portrait.points import Points, PointsError, check_points, place_face, read_points
from liveavatar.renderers import make_renderer
from liveavatar.renderers.portrait.refiner import DRAWINGS, RefinerSession
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.renderers.portrait.rig import SIZE, PortraitRig, check_rig
from liveavatar.renderers.portrait.topology import CHIN, FOREHEAD
from liveavatar.retargeting.landmarks import rotation
from liveavatar.trackers.model_files import MATTE, find_model
from liveavatar.trackers.pictures import FaceFinder, segment
from liveavatar.types import Face

SMALLEST_FACE = 40
"""Forehead to chin, pixels of the picture."""
GOLDEN_TOLERANCE = 12.0
"""Wide: a package must not be refused by a later version that draws lids or teeth better."""


@dataclass(frozen=True)
class Wish:
    """What the user wants."""

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
    replace: bool = False
    """In place of one that stands there."""


def create(wish: Wish, model: Path, say: Callable[[str], None] = print) -> Avatar:
    """Make the package and return it as it loads. Raises PictureError, AvatarError, TrackerError, and Cancelled by a user who
    edits; then nothing was written.

    model: the face model's file. say: told what the user should know."""
    check_name(wish.name, AvatarError)
    folder = expanded(wish.output or avatar_folders()[0] / wish.name)
    if folder.exists() and not wish.replace:
        raise AvatarError(
            tr(
                f"{folder} exists already. Choose another --name, or add --replace.",
                f"{folder} 已存在。请换一个 --name，或加上 --replace。",
            )
        )
    # Points that were edited are kept in the package again.
    kept = expanded(wish.points) if wish.points and not wish.edit else None
    require_outside(folder, expanded(wish.picture), kept)
    if wish.output is None:
        require_free(wish.name, wish.replace)
    picture = read_picture(expanded(wish.picture))
    for note in picture.notes:
        say(note)
    matte = None if _is_cut_out(picture) else find_model(model=MATTE, fetch=True, announce=say)
    with closing(FaceFinder(model)) as finder:
        if wish.edit:
            suggested = suggest_points(picture, finder, wish, say, matte)
            return _edit(picture, suggested, folder, wish, say, matte)
        rig, texture, _ = build_rig(picture, finder, wish, say, matte)
    avatar = write_package(rig, texture, folder, wish)
    _tell_of_room(texture, avatar, say)
    return avatar


def suggest_points(
    picture: Picture, finder: FaceFinder, wish: Wish, say: Callable[[str], None], matte: Path | None
) -> Points:
    """Points to begin with: of the face that is found, else of a drawn face fitted to the figure's outline.

    matte: the matte model's file, for pictures without alpha. Raises PictureError."""
    height, width = picture.rgba.shape[:2]
    faces = finder.find(picture.over())
    if faces:
        landmarks = _choose(faces, wish, picture, say).landmarks
        texture, move = matting.frame_face(picture.rgba, landmarks)
        with suppress(PictureError):  # MediaPipe sees best at this size
            on_texture = landmarks[:, :2] @ move[:, :2].T + move[:, 2]
            found = _framed_face(finder, texture, on_texture).landmarks
            landmarks = np.column_stack([(found[:, :2] - move[:, 2]) / move[0, 0], landmarks[:, 2]])
        with suppress(
            PointsError
        ):  # a winking face, or one that looks quite aside, makes no points that may be used
            return check_points(first_guess.from_landmarks(landmarks), (width, height))
    alpha = picture.rgba[..., 3]
    if matte is not None:
        alpha = (255 * segment(picture.over(), matte)).astype(np.uint8)
    return first_guess.from_outline(alpha)


def _edit(
    picture: Picture,
    suggested: Points,
    folder: Path,
    wish: Wish,
    say: Callable[[str], None],
    matte: Path | None,
) -> Avatar:
    """Let the user set the points, then write the package. Raises Cancelled."""
    height, width = picture.rgba.shape[:2]
    start = read_points(expanded(wish.points), (width, height)) if wish.points else suggested
    label = label_picture(wish.label) if wish.label else None

    def build_puppet(points: Points) -> Puppet:
        rig, texture, _ = build_from_points(picture, points, matte)
        check_rig(rig)
        return Puppet(rig, texture, label, RefinerSession(DRAWINGS, rig, texture))

    with (
        closing(Editor(picture, start, suggested, build_puppet, wish.name)) as editor,
        ExitStack() as open_doors,
    ):
        say(
            tr(
                f"Set the points on the page that opens in your browser (Ctrl-C: cancel). If none does: {editor.address}",
                f"请在浏览器打开的页面中调整各点（Ctrl-C 取消）。若没有打开：{editor.address}",
            )
        )
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(open_doors.enter_context(doorway(editor.address)))
        while (points := editor.wait()) is not None:
            rig, texture, _ = build_from_points(picture, points, matte)
            try:
                avatar = write_package(rig, texture, folder, wish, points)
            except AvatarError as error:  # the user's work must not be lost with a full disk
                say(str(error))
                editor.go_on(str(error))
                continue
            _tell_of_room(texture, avatar, say)
            editor.finish(
                tr(
                    f"{wish.name} is made.\nThis page can be closed.",
                    f"{wish.name} 已制作完成。\n可以关闭此页面。",
                )
            )
            return avatar
        editor.finish(
            tr("Nothing was made.\nThis page can be closed.", "没有制作任何内容。\n可以关闭此页面。")
        )
    raise Cancelled(tr("Nothing was made.", "没有制作任何内容。"))


def build_rig(
    picture: Picture, finder: FaceFinder, wish: Wish, say: Callable[[str], None], matte: Path | None
) -> tuple[PortraitRig, np.ndarray, np.ndarray]:
    """The rig, its texture (512, 512, 4) uint8 premultiplied, and the (2, 3) affine map from the picture to it.

    matte: the matte model's file; None leaves the background in. Raises PictureError."""
    if wish.points is not None:
        height, width = picture.rgba.shape[:2]
        return build_from_points(picture, read_points(expanded(wish.points), (width, height)), matte)
    landmarks = _choose(finder.find(picture.over()), wish, picture, say).landmarks
    texture, move = matting.frame_face(picture.rgba, landmarks)
    found = _framed_face(finder, texture, _moved(landmarks, move))  # MediaPipe sees best at this size
    pixels = _pixels(texture, found.landmarks, matte)
    return build.build(pixels, found.landmarks, rotation(found)), pixels, move


def build_from_points(
    picture: Picture, points: Points, matte: Path | None
) -> tuple[PortraitRig, np.ndarray, np.ndarray]:
    """As build_rig, of checked points."""
    placed = place_face(points)
    texture, move = matting.frame_face(picture.rgba, placed.landmarks)
    landmarks = _moved(placed.landmarks, move)
    pixels = _pixels(texture, landmarks, matte)
    rig = build.build(pixels, landmarks, placed.rotation, drawn=True, open_mouth=placed.open_mouth)
    return rig, pixels, move


def _is_cut_out(picture: Picture) -> bool:
    """Whether the picture's own alpha leaves its background out: round corners and shadows do not."""
    alpha = picture.rgba[..., 3]
    half = alpha[: max(1, len(alpha) // 2)]
    rim = np.concatenate([alpha[0], half[:, 0], half[:, -1]])
    return picture.has_alpha and float((rim < 128).mean()) >= 0.25


def _tell_of_room(texture: np.ndarray, avatar: Avatar, say: Callable[[str], None]) -> None:
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


def _moved(landmarks: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Landmarks of the picture on its texture."""
    return np.column_stack([landmarks[:, :2] @ move[:, :2].T + move[:, 2], landmarks[:, 2] * move[0, 0]])


def _pixels(texture: np.ndarray, landmarks: np.ndarray, matte: Path | None) -> np.ndarray:
    """The texture as it is kept, cut out where there is a matte."""
    if matte is not None:
        texture = cut_out(texture, landmarks, matte)
    return np.clip(np.round(texture), 0, 255).astype(np.uint8)


def _choose(faces: list[Face], wish: Wish, picture: Picture, say: Callable[[str], None]) -> Face:
    """The face that was asked for."""
    name = wish.picture.name
    if not faces:
        raise PictureError(
            tr(
                f"no face was found in {name}. Give a picture in which one face looks to the front, is well lit and at "
                f"least {SMALLEST_FACE} pixels high; for a drawing, show where its face is with --edit or --points FILE.",
                f"在 {name} 中没有找到人脸。请给出一张正面、光线充足、人脸高度不小于 {SMALLEST_FACE} 像素的图片；"
                "插画可用 --edit 或 --points 文件指明面部位置。",
            )
        )
    index = wish.face or 1
    if not 1 <= index <= len(faces):
        raise PictureError(
            tr(
                f"--face {index}: {name} has {len(faces)} faces. Give 1 to {len(faces)}; 1 is the largest.",
                f"--face {index}：{name} 中有 {len(faces)} 张人脸。请给出 1 到 {len(faces)}，1 为最大的一张。",
            )
        )
    face = faces[index - 1]
    x, y = face.landmarks[:, :2].mean(0)
    if len(faces) > 1:
        across, down = round(100 * x / face.size[0]), round(100 * y / face.size[1])
        say(
            tr(
                f"{len(faces)} faces: taking number {index}, at {across} % from the left and {down} % from the top. "
                "--face N takes another.",
                f"共 {len(faces)} 张人脸：使用第 {index} 张（距左 {across} %，距上 {down} %）。用 --face N 选择其他。",
            )
        )
    height = float(np.linalg.norm(face.landmarks[FOREHEAD] - face.landmarks[CHIN]))
    if height < SMALLEST_FACE:
        raise PictureError(
            tr(
                f"the face in {name} is {height:.0f} pixels high; at least {SMALLEST_FACE} are needed, 200 look good.",
                f"{name} 中的人脸只有 {height:.0f} 像素高；至少需要 {SMALLEST_FACE}，200 以上效果好。",
            )
        )
    if height < 110:
        say(tr(f"the face is only {height:.0f} pixels high: it will look soft",
               f"人脸只有 {height:.0f} 像素高，画面会偏模糊"))  # fmt: skip
    return face


def _framed_face(finder: FaceFinder, texture: np.ndarray, landmarks: np.ndarray) -> Face:
    """The face found again on the texture, at the size that MediaPipe sees best."""
    alpha = texture[..., 3:] / 255
    faces = finder.find((texture[..., :3] + 255 * (1 - alpha)).clip(0, 255).astype(np.uint8))
    middle = landmarks[:, :2].mean(0)
    near = [f for f in faces if np.linalg.norm(f.landmarks[:, :2].mean(0) - middle) < 0.15 * SIZE]
    if not near:
        raise PictureError(
            tr(
                "the face was found in the picture but not in its cut-out. Give a picture with more room round the head.",
                "图片中找到了人脸，但裁剪后没有找到。请给出头部周围留白更多的图片。",
            )
        )
    return near[0]


def cut_out(texture: np.ndarray, landmarks: np.ndarray, model: Path) -> np.ndarray:
    """The texture (512, 512, 4) float32 premultiplied without its background."""
    inside = texture[..., 3] / 255
    rgb = texture[..., :3].clip(0, 255).astype(np.uint8)
    alpha = matting.matte(rgb, segment(rgb, model), landmarks) * inside
    colours = matting.clean_edges(rgb, alpha)
    return np.dstack([colours * alpha[..., None], 255 * alpha])


def write_package(
    rig: PortraitRig, texture: np.ndarray, folder: Path, wish: Wish, points: Points | None = None
) -> Avatar:
    """Write, check and name the package. Raises AvatarError; then nothing is left.

    points: kept in it, to go on from."""
    try:
        with workspace(folder.parent) as work:
            (work / "rig.npz").write_bytes(rig.save())
            write_picture(work / "sheet.png", texture)
            if points is not None:
                (work / "points.json").write_text(json.dumps(points, indent=1), encoding="utf-8")
            if wish.label:
                write_picture(work / "label.png", label_picture(wish.label))
            if rig.drawn:
                shutil.copyfile(DRAWINGS, work / "refiner.onnx")
            draft = Avatar(
                name=wish.name,
                kind="portrait",
                size=(SIZE, SIZE),
                controls=tuple(Control(n, *RANGES[n]) for n in (*BLENDSHAPES, *HEAD, "breath", "sway")),
                golden=golden.placeholder(work, (SIZE, SIZE)),
                files={},
                licence=tr("as the picture's", "与原图相同"),
                credits=tr("made of a picture with liveavatar create", "由 liveavatar create 用图片制作"),
                consent=plain(wish.consent),
                parts=PortraitParts(
                    sheet="sheet.png",
                    rig="rig.npz",
                    label="label.png" if wish.label else "",
                    refiner="refiner.onnx" if rig.drawn else "",
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
        draft, folder, lambda avatar: make_renderer(avatar, "cpu", 2), behind.under, GOLDEN_TOLERANCE
    )


_FONTS = (
    "msyh.ttc",
    "PingFang.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
)
"""Where Windows, macOS and Linux keep Chinese letters; Pillow's own font has none."""


def label_picture(text: str) -> np.ndarray:
    """The label for the picture's corner: (h, w, 4) uint8 premultiplied RGBA, white on a dark plate."""
    from PIL import Image, ImageDraw, ImageFont

    font: Any = ImageFont.load_default(15)
    if not text.isascii():
        for name in _FONTS:
            with suppress(OSError):
                font = ImageFont.truetype(name, 15)
                break
        else:
            text = "synthetic"
    left, top, right, bottom = font.getbbox(text)
    plate = Image.new("RGBA", (round(right - left) + 20, round(bottom - top) + 14), (20, 22, 28, 150))
    ImageDraw.Draw(plate).text((10 - left, 7 - top), text, font=font, fill=(255, 255, 255, 255))
    pixels = np.array(plate).astype(np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return np.round(pixels).astype(np.uint8)


def _failed(place: Path, error: OSError) -> AvatarError:
    reason: Any = error.strerror or str(error)
    return AvatarError(
        tr(
            f"cannot write {place}: {reason}. Nothing was changed.",
            f"无法写入 {place}：{reason}。没有任何改动。",
        )
    )
