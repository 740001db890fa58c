"""The kinds of files: valid ones to begin with, how they are changed, and how the program really uses one."""

import hashlib
import io
import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .mutating import (
    jitter,
    mutate_bytes,
    mutate_json,
    mutate_npz,
    mutate_onnx,
    mutate_png,
    mutate_zip,
    pack,
)

DATA = Path(__file__).parents[1] / "data"
TINY, PORTRAIT = DATA / "tiny", DATA / "portrait"


class Fault(Exception):
    """Neither refused nor used."""


@dataclass(frozen=True)
class Kind:
    """One kind of input. A case is bytes."""

    about: str
    share: int
    """Cases of 20,000."""
    seeds: Callable[[], Sequence[bytes]]
    """Valid ones, all accepted."""
    mutate: Callable[[random.Random, Sequence[bytes]], bytes]
    use: Callable[[bytes, Path], None]
    """Use it, in an empty folder. Raises LiveAvatarError where it is refused."""
    whole: Callable[[bytes, Path], None] | None = None
    """As `use`, the way the program goes, where that takes a process of its own for each: judges whatever `use` does not refuse
    in the usual way, and every 150th case."""
    closing: Callable[[], None] = field(default=lambda: None)


# --- avatars: card, package, zip, PNG, ONNX, rig -------------------------------------------------------------------------------


def write_package(folder: Path, base: Path, changed: dict[str, bytes]) -> Path:
    """A copy of a package with some files changed, and their new sums in the card."""
    files = {p.name: p.read_bytes() for p in base.iterdir() if p.is_file()} | changed
    if "avatar.json" not in changed:
        card = json.loads(files["avatar.json"])
        card["files"] = {name: hashlib.sha256(files[name]).hexdigest() for name in card["files"]}
        files["avatar.json"] = json.dumps(card).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def draw(folder: Path, opened: Callable[[Any], Any]) -> None:
    """Load the package and draw with it."""
    from liveavatar.avatar.library import load_avatar
    from liveavatar.controls import neutral
    from liveavatar.types import Expression

    avatar = load_avatar(folder)
    renderer = opened(avatar)
    try:
        controls = np.random.default_rng(0).normal(0, 0.5, neutral().shape).astype(np.float32)
        for values in (neutral(), controls):
            image = renderer.render(Expression(values, 0.0, tracked=True)).image
            width, height = renderer.size
            if image.dtype != np.uint8 or image.shape != (height, width, 4):
                raise Fault(f"a picture of {image.dtype} {image.shape}")
    finally:
        renderer.close()


def in_process(avatar: Any) -> Any:
    """As the process does that tries an avatar: what can be read of its graphs first."""
    from liveavatar.avatar.graph import check_graph
    from liveavatar.avatar.protobuf import GraphError
    from liveavatar.errors import AvatarError
    from liveavatar.renderers import make_renderer

    for name in avatar.graphs:
        try:
            check_graph(avatar.read(name))
        except GraphError as error:
            raise AvatarError(str(error)) from error
    return make_renderer(avatar, "cpu", 1)


def as_run_does(avatar: Any) -> Any:
    """With a process that tries it."""
    from liveavatar.renderers import open_renderer

    return open_renderer(avatar, "cpu", 1)


Use = Callable[[bytes, Path], None]


def _package_user(
    unpack: Callable[[bytes], tuple[Path, dict[str, bytes]]], opened: Callable[[Any], Any]
) -> Use:
    def use(data: bytes, folder: Path) -> None:
        base, changed = unpack(data)
        draw(write_package(folder / "stranger", base, changed), opened)

    return use


def _avatar_kind(
    about: str,
    share: int,
    seeds: Callable[[], Sequence[bytes]],
    mutate: Callable[[random.Random, Sequence[bytes]], bytes],
    unpack: Callable[[bytes], tuple[Path, dict[str, bytes]]],
) -> Kind:
    return Kind(
        about, share, seeds, mutate, _package_user(unpack, in_process), _package_user(unpack, as_run_does)
    )


def _cards() -> list[bytes]:
    return [(base / "avatar.json").read_bytes() for base in (TINY, PORTRAIT)]


def _with_card(data: bytes) -> tuple[Path, dict[str, bytes]]:
    return PORTRAIT if b"rig.npz" in data else TINY, {"avatar.json": data}


def _pictures_of_packages() -> list[bytes]:
    return [(TINY / "face.png").read_bytes(), (PORTRAIT / "sheet.png").read_bytes()]


def _with_picture(data: bytes) -> tuple[Path, dict[str, bytes]]:
    # Which of the two it was, its size says; of a changed one it does not matter.
    return (PORTRAIT, {"sheet.png": data}) if len(data) > 60_000 else (TINY, {"face.png": data})


@cache
def _packages() -> tuple[bytes, ...]:
    return tuple(
        pack([(p.name, p.read_bytes()) for p in sorted(base.iterdir())], method=0)
        for base in (TINY, PORTRAIT)
    )


def _mutate_package(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Several files of a package changed, each in its own way; the sums are made right afterwards."""
    from .mutating import members

    files = members(rng.choice(seeds))
    for _ in range(rng.choice((1, 2, 3))):
        name = rng.choice(sorted(files))
        files[name] = _mutate_member(rng, name, files[name])
    return pack(list(files.items()), method=0)


def _mutate_member(rng: random.Random, name: str, content: bytes) -> bytes:
    ways = {".json": mutate_json, ".png": mutate_png, ".onnx": mutate_onnx, ".npz": mutate_npz}
    way = next((way for suffix, way in ways.items() if name.lower().endswith(suffix)), mutate_bytes)
    try:
        return way(rng, [content])
    except Exception:  # it was changed before, and cannot be taken apart again
        return mutate_bytes(rng, [content or b"x"])


def _with_package(data: bytes) -> tuple[Path, dict[str, bytes]]:
    from .mutating import members

    files = members(data)
    base = PORTRAIT if "rig.npz" in files else TINY
    card = files.pop("avatar.json")
    try:
        told = json.loads(card)
        told["files"] = {
            n: hashlib.sha256(files[n]).hexdigest() if n in files else s for n, s in told["files"].items()
        }
        card = json.dumps(told).encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return base, {**files, "avatar.json": card}


def _zip_user(opened: Callable[[Any], Any]) -> Use:
    def use(data: bytes, folder: Path) -> None:
        from liveavatar.avatar.install import install
        from liveavatar.avatar.library import avatar_folders
        from liveavatar.errors import LiveAvatarError

        os.environ["XDG_DATA_HOME"] = str(folder / "home")
        source = folder / "stranger.zip"
        source.write_bytes(data)
        home = avatar_folders()[0]
        if folder not in home.parents:
            raise Fault(f"avatars would go to {home}")

        def written() -> list[Path]:
            verdicts = folder / "cache"
            return [p for p in folder.rglob("*") if p.is_file() and p != source and verdicts not in p.parents]

        try:
            avatar = install(source)
        except LiveAvatarError:
            if written():
                raise Fault(f"refused, and left {written()}") from None
            raise
        if any(home not in p.parents for p in written()):
            raise Fault(f"wrote outside: {written()}")
        draw(avatar.folder, opened)

    return use


def _mutate_zip(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    return mutate_zip(rng, seeds, _mutate_member)


@cache
def _zips() -> tuple[bytes, ...]:
    parts = [(p.name, p.read_bytes()) for p in sorted(TINY.iterdir())]
    return pack(parts), pack([("tiny/" + name, content) for name, content in parts])


# --- small files of the user: profiles, points, reports, recordings of faces ----------------------------------------------------


@cache
def face() -> Any:
    """A face at rest in the middle of a picture, as a tracker would give it."""
    from liveavatar.controls import BLENDSHAPES
    from liveavatar.renderers.portrait.motion import rest_face
    from liveavatar.types import Face

    rest = rest_face() * [1, -1, -1]
    landmarks = (rest - rest.mean(0)) / np.ptp(rest[:, 1]) * 200 + [256, 256, 0]
    pose = np.eye(4, dtype=np.float32)
    pose[2, 3] = -45
    shapes = np.full(len(BLENDSHAPES), 0.05, np.float32)
    return Face(landmarks.astype(np.float32), shapes, pose, (512, 512), 0.0)


def retarget(faces: Sequence[Any], profile: Any = None) -> None:
    """What becomes of the faces: numbers that an avatar can show."""
    from liveavatar.controls import CONTROLS, RANGES
    from liveavatar.retargeting.retargeter import FaceRetargeter

    low, high = np.array([RANGES[name] for name in CONTROLS], np.float32).T
    retargeter = FaceRetargeter(profile=profile)
    for i, seen in enumerate(faces):
        expression = retargeter.retarget(None if seen is None else replace(seen, time=i / 30), i / 30)
        values = expression.controls
        if not np.isfinite(values).all() or (values < low - 1e-3).any() or (values > high + 1e-3).any():
            raise Fault(f"controls from {values.min()} to {values.max()}")
        if not np.isfinite([expression.x, expression.y, expression.scale]).all():
            raise Fault("a place that is no number")


@cache
def _profiles() -> tuple[bytes, ...]:
    from liveavatar.retargeting.features import observe
    from liveavatar.retargeting.landmarks import neutral_head
    from liveavatar.retargeting.profile import NEUTRAL, Profile

    template = neutral_head([face()])
    row = observe(face(), template).vector
    profile = Profile(
        name="x", made="2026-01-01", template=template, neutral=dict(zip(NEUTRAL, map(float, row), strict=False)),
        reach={"jawOpen": 0.8}, gaze={"across": 0.5}, head={"headYaw": 0.4},
    )  # fmt: skip
    return (json.dumps(profile.to_dict()).encode(),)


def use_profile(data: bytes, folder: Path) -> None:
    """Load it by name, and retarget with it."""
    from liveavatar.retargeting.profile import folder as profiles
    from liveavatar.retargeting.profile import load_profile

    os.environ["XDG_CONFIG_HOME"] = str(folder)
    profiles().mkdir(parents=True)
    (profiles() / "x.json").write_bytes(data)
    profile = load_profile("x")
    turned = replace(face(), landmarks=face().landmarks * np.float32([0.9, 1, 1]) + np.float32([30, 9, 0]))
    retarget([face()] * 3 + [None, turned, face()], profile)


def _points() -> list[bytes]:
    points = {
        "rightEyeOuter": [176, 250], "rightEyeInner": [236, 262], "rightEyeUpper": [204, 232], "rightEyeLower": [202, 281],
        "leftEyeInner": [276, 262], "leftEyeOuter": [336, 250], "leftEyeUpper": [308, 232], "leftEyeLower": [310, 281],
        "rightIris": [205, 255, 22], "leftIris": [307, 255, 22], "rightBrow": [204, 215], "leftBrow": [308, 215],
        "mouthRight": [238, 309], "mouthLeft": [274, 309], "mouthTop": [256, 310.5], "mouthBottom": [256, 313.5],
        "chin": [256, 345],
    }  # fmt: skip
    more = {
        **points,
        "nose": [256, 288],
        "forehead": [256, 130],
        "rightJaw": [190, 310],
        "leftJaw": [322, 310],
    }
    return [json.dumps(points).encode(), json.dumps(more).encode()]


def _jittered(amounts: Sequence[float]) -> Callable[[random.Random, Sequence[bytes]], bytes]:
    """Mostly of the right form, with other numbers; else as any JSON."""

    def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
        if rng.random() < 0.4:
            return mutate_json(rng, seeds)
        value = json.loads(rng.choice(seeds))
        changed = jitter(rng, value, rng.choice(amounts))
        return json.dumps(changed | ({"format": value["format"]} if "format" in value else {})).encode()

    return mutate


@cache
def _drawing() -> Any:
    from liveavatar.media.picture import Picture

    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (512, 512, 4), np.uint8)
    pixels[..., 3] = 0
    pixels[40:, 120:400, 3] = 255
    return Picture(pixels, True)


def use_points(data: bytes, folder: Path) -> None:
    """Read them and build an avatar's rig with them."""
    from liveavatar.portrait.drawn_points import check_drawn, completed, usual_face
    from liveavatar.portrait.figure import build_from_points
    from liveavatar.portrait.points import check_points, read_points

    path = folder / "points.json"
    path.write_bytes(data)
    points = completed(read_points(path, (512, 512), check_drawn), usual_face())
    if points.shape != (46, 2) or not np.isfinite(points).all():
        raise Fault("points of no numbers")
    rig, *_ = build_from_points(_drawing(), read_points(path, (512, 512), check_points), None)
    if not np.isfinite(rig.vertices).all():
        raise Fault("a rig of no numbers")


def _reports() -> list[bytes]:
    report = {
        "throughput_ratio": 0.5, "fps": 30.0, "age_ms": {"p50": 40.0, "p95": 50.0}, "stalls": 0, "render_ms": {"median": 10.0},
        "avatar": "hoshi", "size": [512, 512], "machine": {"cpu": "one", "cores": 2}, "peak_rss_mb": None,
    }  # fmt: skip
    return [json.dumps(report).encode(), b"a table\n" + json.dumps(report).encode() + b"\n"]


def _mutate_report(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    return mutate_json(rng, seeds[:1])


def use_report(data: bytes, folder: Path) -> None:
    """Compare it with a valid one, both ways."""
    from liveavatar.bench.compare import compare, read_report

    (folder / "a.json").write_bytes(data)
    (folder / "b.json").write_bytes(_reports()[0])
    first, second = read_report(folder / "a.json"), read_report(folder / "b.json")
    for rows, _ in (compare(first, second), compare(second, first)):
        for row in rows:
            str((row.ratio, row.better))


@cache
def _recordings() -> tuple[bytes, ...]:
    from liveavatar.trackers.recorded import save_faces

    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"faces-{os.getpid()}.npz"
    save_faces(path, [face(), None, replace(face(), time=1 / 30)])
    try:
        return (path.read_bytes(),)
    finally:
        path.unlink()


def use_recording(data: bytes, folder: Path) -> None:
    """Play the recorded faces into the retargeter."""
    from liveavatar.trackers.recorded import RecordedTracker
    from liveavatar.types import Frame

    path = folder / "faces.npz"
    path.write_bytes(data)
    tracker = RecordedTracker(path)
    picture = np.zeros((8, 8, 3), np.uint8)
    retarget([tracker.track(Frame(picture, i / 30, i)) for i in range(6)])
    tracker.close()


# --- pictures and clips ---------------------------------------------------------------------------------------------------------


@cache
def _pictures() -> tuple[bytes, ...]:
    from PIL import Image, features

    pixels = np.random.default_rng(0).integers(0, 256, (12, 16, 4), np.uint8).repeat(6, 0).repeat(6, 1)
    image = Image.fromarray(pixels)
    rgb = image.convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    found = []
    for kind, picture, options in (
        ("PNG", image, {}), ("PNG", rgb.quantize(32), {}), ("JPEG", rgb, {"exif": exif}), ("JPEG", rgb, {"progressive": True}),
        ("JPEG", rgb.convert("CMYK"), {}), ("WEBP", image, {}), ("WEBP", rgb, {"lossless": True}), ("BMP", rgb, {}),
        ("GIF", rgb, {"save_all": True, "append_images": [rgb.rotate(90)]}), ("TIFF", rgb, {}),
        ("TIFF", rgb, {"compression": "tiff_lzw"}), ("TIFF", rgb.convert("L"), {"compression": "tiff_deflate"}),
        *([("AVIF", rgb, {})] if features.check("avif") else []),
    ):  # fmt: skip
        file = io.BytesIO()
        picture.save(file, kind, **options)
        found.append(file.getvalue())
    return tuple(found)


def _mutate_picture(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    return mutate_png(rng, seeds[:2]) if rng.random() < 0.3 else mutate_bytes(rng, seeds)


def use_picture(data: bytes, folder: Path) -> None:
    """Read it as an avatar's picture and as a background."""
    from liveavatar.media.compositing import Background
    from liveavatar.media.picture import MAX_SIDE, read_picture
    from liveavatar.types import AvatarFrame

    path = folder / "picture"
    path.write_bytes(data)
    picture = read_picture(path)
    rgba = picture.rgba
    if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4 or max(rgba.shape) > MAX_SIDE:
        raise Fault(f"a picture of {rgba.dtype} {rgba.shape}")
    picture.over()
    shown = Background(str(path), (64, 48)).composite(AvatarFrame(np.zeros((16, 16, 4), np.uint8), 0.0))
    if shown.shape != (48, 64, 3):
        raise Fault(f"a background of {shown.shape}")


@cache
def _clips() -> tuple[bytes, ...]:
    """A few frames in several containers and codecs."""
    import tempfile
    from fractions import Fraction

    import av

    pictures = np.random.default_rng(0).integers(0, 256, (6, 6, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, codec, form in (
            ("a.mp4", "mpeg4", "yuv420p"), ("a.mkv", "mjpeg", "yuvj420p"), ("a.mov", "png", "rgb24"),
            ("a.ts", "mpeg2video", "yuv420p"), ("a.avi", "mpeg4", "yuv420p"), ("a.webm", "libvpx", "yuv420p"),
            ("b.mp4", "libx264", "yuv420p"), ("a.gif", "gif", "rgb8"), ("a.flv", "flv", "yuv420p"),
        ):  # fmt: skip
            path = f"{folder}/{name}"
            try:
                with av.open(path, "w") as container:
                    stream: Any = container.add_stream(codec, rate=25)
                    stream.width, stream.height, stream.pix_fmt = 64, 48, form
                    stream.codec_context.time_base = Fraction(1, 25)
                    for picture in pictures:
                        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                    container.mux(stream.encode())
            except (av.FFmpegError, ValueError):
                continue  # this FFmpeg has no such encoder
            found.append(Path(path).read_bytes())
    return tuple(found)


def _mutate_clip(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    return mutate_bytes(rng, seeds, most=rng.choice((2, 6, 30)))


def use_clip(data: bytes, folder: Path) -> None:
    """Play its first pictures."""
    from liveavatar.cameras import open_camera

    path = folder / "clip.mp4"
    path.write_bytes(data)
    camera = open_camera(str(path), paced=False)
    try:
        frames = 0
        for frame in camera:
            width, height = camera.size
            if frame.image.shape != (height, width, 3) or not np.isfinite(frame.time):
                raise Fault(f"a frame of {frame.image.shape} at {frame.time}")
            frames += 1
            if frames == 12:
                break
    finally:
        camera.close()
    if not frames:
        raise Fault("no picture and not a word")


KINDS: dict[str, Kind] = {
    "card": _avatar_kind("an avatar's card", 4200, _cards, mutate_json, _with_card),
    "package": _avatar_kind("an avatar's folder", 1400, _packages, _mutate_package, _with_package),
    "zip": Kind("an avatar's zip", 500, _zips, _mutate_zip, _zip_user(in_process), _zip_user(as_run_does)),
    "npz": _avatar_kind(
        "a portrait's mesh", 700, lambda: [(PORTRAIT / "rig.npz").read_bytes()], mutate_npz,
        lambda data: (PORTRAIT, {"rig.npz": data}),
    ),
    "png": _avatar_kind("an avatar's sheet", 600, _pictures_of_packages, mutate_png, _with_picture),
    "onnx": _avatar_kind(
        "an avatar's network", 800, lambda: [(TINY / "generator.onnx").read_bytes()], mutate_onnx,
        lambda data: (TINY, {"generator.onnx": data}),
    ),
    "decoder": _avatar_kind(
        "an avatar's dictionaries", 800, lambda: [(TINY / "decoder.onnx").read_bytes()], mutate_onnx,
        lambda data: (TINY, {"decoder.onnx": data}),
    ),
    "profile": Kind("a person's profile", 2000, _profiles, _jittered((0.001, 0.02, 0.3)), use_profile),
    "points": Kind("points of a face", 700, _points, _jittered((1, 6, 30, 120)), use_points),
    "report": Kind("a benchmark's report", 1200, _reports, _mutate_report, use_report),
    "faces": Kind("recorded faces", 1500, _recordings, mutate_npz, use_recording),
    "picture": Kind("a user's picture", 3300, _pictures, _mutate_picture, use_picture),
    "clip": Kind("a user's clip", 1800, _clips, _mutate_clip, use_clip),
}  # fmt: skip
