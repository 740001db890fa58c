"""A stranger's avatar is only a picture: it is tried in a child process with limits before this one touches it."""

import io
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from liveavatar.app.doctor import examine
from liveavatar.avatar import library as packages
from liveavatar.avatar import trial
from liveavatar.avatar.card import CARD, Avatar
from liveavatar.avatar.library import find_avatar, list_avatars, load_avatar
from liveavatar.base.confinement import OUT_OF_MEMORY
from liveavatar.controls import neutral
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.portrait.create import create
from liveavatar.portrait.package import write_package
from liveavatar.portrait.request import Request
from liveavatar.renderers import open_renderer, trial_process
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.portrait import raster
from liveavatar.renderers.portrait import rig as rigs
from liveavatar.types import AvatarFrame, Expression
from tests.helpers.onnx_bytes import node, tensor
from tests.helpers.packages import generator, rewrite, with_graph

PORTRAIT = Path(__file__).parents[1] / "data" / "portrait"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for verdicts where none is yet."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(trial, "user_folder", lambda kind: folder)
    return folder


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*arguments: object, **options: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr(subprocess, "Popen", start)


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PORTRAIT, tmp_path / "portrait"))


def with_rig(folder: Path, **arrays: np.ndarray) -> Path:
    with np.load(folder / "rig.npz") as data:
        every = {name: data[name] for name in data.files} | arrays
    file = io.BytesIO()
    np.savez_compressed(file, **every)
    (folder / "rig.npz").write_bytes(file.getvalue())
    return rewrite(folder)


def test_a_verdict_is_kept_by_what_is_loaded(
    tiny_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    open_renderer(load_avatar(tiny_folder), say=said.append).close()
    assert len(said) == 1 and "checking avatar 'tiny'" in said[0]
    assert len(list((cache / "tried").iterdir())) == 1

    asked: list[str] = []
    monkeypatch.setattr(trial, "_try", lambda avatar: asked.append(avatar.name))
    moved = Path(shutil.move(tiny_folder, tiny_folder.with_name("elsewhere")))
    open_renderer(load_avatar(moved)).close()
    assert asked == []  # the same bytes and card
    trial.require_tried(load_avatar(rewrite(moved, name="other")))
    assert asked == ["other"]
    for verdict in (cache / "tried").iterdir():
        verdict.write_bytes(b"forged")
    trial.require_tried(load_avatar(moved))
    assert asked == ["other", "other"]


def test_what_comes_with_liveavatar_needs_no_trial(no_child: None) -> None:
    names = [name for name, folder in list_avatars() if folder.parent != packages.avatar_folders()[0]]
    assert "hoshi" in names
    for name in names:
        trial.require_tried(load_avatar(dict(list_avatars())[name]))


def test_nowhere_to_keep_a_verdict_is_no_error(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(trial, "user_folder", lambda kind: tmp_path / "file" / "cache")
    asked: list[str] = []
    monkeypatch.setattr(trial, "_try", lambda avatar: asked.append(avatar.name))
    for _ in range(2):
        trial.require_tried(load_avatar(tiny_folder))
    assert asked == ["tiny", "tiny"]


BLOCKS = tensor("block", np.ones((1, 1, 64, 64), np.float32))
LARGE = tensor("large", np.array([1, 1, 20000, 20000], np.int64))
FIRST = [tensor(n, np.array(v, np.int64)) for n, v in (("zero", [0, 0]), ("end", [1, 2]), ("axes", [2, 3]))]


def test_a_graph_that_takes_gigabytes_is_refused(tiny_folder: Path) -> None:
    bomb = [
        node("Gather", ["controls", "first"], ["one"], axis=1),
        node("Mul", ["block", "one"], ["loud"]),
        node("Resize", ["loud", "", "", "large"], ["huge"]),
        node("Slice", ["huge", "zero", "end", "axes"], ["some"]),
        node("Reshape", ["some", "pair"], ["extra"]),
    ]
    numbers = [tensor("first", np.array([[0]], np.int64)), tensor("pair", np.array([1, 2], np.int64))]
    content = generator(bomb, BLOCKS, LARGE, *numbers, *FIRST)
    with pytest.raises(AvatarError, match=r"is refused: .*(memory|while running Resize)") as error:
        trial.require_tried(load_avatar(with_graph(tiny_folder, content)))
    assert len(str(error.value)) < 700


def test_a_graph_that_runs_is_tried_by_onnx_runtime(tiny_folder: Path) -> None:
    still = generator([node("Mul", ["still", "still"], ["extra"])])
    with pytest.raises(AvatarError, match="test picture"):  # it draws, and not what the golden picture shows
        trial.require_tried(load_avatar(with_graph(tiny_folder, still)))
    odd = generator([node("Conv", ["still", "numbers"], ["extra"])], tensor("numbers", np.zeros(4, np.int64)))
    with pytest.raises(AvatarError, match=r"not a graph ONNX Runtime can run|is refused"):
        trial.require_tried(load_avatar(with_graph(tiny_folder, odd)))


def png(width: int, height: int, *chunks: tuple[bytes, bytes], bits: bytes = b"\x08\x06\0\0\0") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bits
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(k, b) for k, b in ((b"IHDR", header), *chunks, (b"IEND", b""))
    )


PIXELS = (b"IDAT", zlib.compress(bytes((1 + 4 * 140) * 164)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"II*\0" + bytes(3000), "it is not a PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(3000), "it is not a PNG"),
        (png(140, 164, PIXELS, bits=b"\x10\x06\0\0\0"), "8 bits"),
        (png(140, 164, PIXELS, bits=b"\x08\x03\0\0\0"), "8 bits"),
        (png(140, 164, PIXELS, bits=b"\x08\x06\0\0\1"), "not interlaced"),
        (png(60000, 60000, PIXELS), "60000x60000 pixels, expected 140x164"),
        (png(140, 164), "damaged"),
        (png(140, 164, (b"IDAT", b"no zlib")), "damaged"),
        (png(140, 164, PIXELS)[:-40], "cut off"),
    ],
)
def test_a_texture_that_is_no_plain_png(tiny_folder: Path, content: bytes, words: str) -> None:
    (tiny_folder / "face.png").write_bytes(content)
    with pytest.raises(AvatarError, match=words):
        trial_process.draw(load_avatar(rewrite(tiny_folder)), lambda seconds: None)


def test_profiles_and_texts_of_a_png_are_never_unpacked(tiny_folder: Path) -> None:
    path = tiny_folder / "face.png"
    plain = path.read_bytes()
    bomb = b"x\0\0" + zlib.compress(bytes(50 << 20))
    chunk = len(bomb).to_bytes(4, "big") + b"iCCP" + bomb + zlib.crc32(b"iCCP" + bomb).to_bytes(4, "big")
    path.write_bytes(plain[:33] + chunk * 20 + plain[33:])
    trial_process.draw(load_avatar(rewrite(tiny_folder)), lambda seconds: None)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"vertices": np.full((1394, 3), 9000, np.float32)}, "no positions"),
        ({"outer": np.tile(np.array([[0, 1, 2]], np.int32), (8001, 1))}, "too many"),
        ({"eye_boxes": np.zeros((2, 2), np.float32)}, "eye_boxes must be"),
    ],
)
def test_a_mesh_that_is_none(portrait: Path, arrays: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(AvatarError, match=words):
        trial.require_tried(load_avatar(with_rig(portrait, **arrays)))


def test_a_mesh_that_covers_the_picture_thousands_of_times(portrait: Path) -> None:
    with np.load(portrait / "rig.npz") as data:
        vertices = data["vertices"].copy()
    vertices[-3:, :2] = [(-900, -900), (1800, -900), (256, 1800)]
    large = np.tile(np.array([[1391, 1392, 1393]], np.int32), (8000, 1))
    with pytest.raises(AvatarError, match=r"outer cover the picture .* times"):
        trial.require_tried(load_avatar(with_rig(portrait, vertices=vertices, outer=large)))


def test_a_mesh_that_grows_as_it_moves_is_painted_within_bounds() -> None:
    """At rest its triangles may be small: how much is painted is bounded where it is painted, and the nearest stays."""
    target = np.array([-2000 - 2000j, 3000 - 1000j, -1000 + 3000j, 10, 60, 10 + 60j], np.complex64)
    source = np.array([1, 1, 1, 7, 7, 7], np.complex64)
    triangles = np.concatenate([np.tile([0, 1, 2], (8000, 1)), [[3, 4, 5]]])
    field = np.full((512, 512), raster.OUTSIDE)
    tracemalloc.start()
    raster.paint(field, target, source, triangles)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert field[20, 20] == 7 and field[400, 400] == 1
    assert peak < 200 << 20  # 8,000 pictures would be 16 GB


def test_a_mesh_of_points_in_one_place(portrait: Path) -> None:
    with np.load(portrait / "rig.npz") as data:
        vertices = np.zeros_like(data["vertices"])
    with pytest.raises(AvatarError):
        trial.require_tried(load_avatar(with_rig(portrait, vertices=vertices)))


class Slow:
    """A renderer that takes its time with one control."""

    size = (128, 128)

    def __init__(self, *arguments: object) -> None:
        self.drawn: list[np.ndarray] = []

    def render(self, expression: Expression) -> AvatarFrame:
        self.drawn.append(expression.controls)
        return AvatarFrame(np.zeros((128, 128, 4), np.uint8), 0.0)

    def close(self) -> None:
        pass


def test_every_control_is_drawn_at_both_ends(tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    monkeypatch.setattr(trial_process, "make_renderer", lambda *arguments: slow)
    trial_process.draw(tiny, lambda seconds: None)
    for control, index in zip(tiny.controls, tiny.indices, strict=True):
        for end in (control.minimum, control.maximum):
            assert any(c[index] == np.float32(end) and not np.delete(c, index).any() for c in slow.drawn)
    assert (slow.drawn[0] == neutral()).all() and len(slow.drawn) > 2 * 7


def test_a_picture_that_takes_too_long_is_refused(tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_process, "make_renderer", Slow)
    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(trial_process, "now", lambda: float(next(clock)))
    with pytest.raises(AvatarError, match=r"2.0 s for one picture"):
        trial_process.draw(tiny, lambda seconds: None)


@pytest.mark.parametrize(
    ("status", "answer", "kind", "words"),
    [
        (0, b'{"error": "bad", "kind": "ProviderError"}\n', ProviderError, "^bad"),
        (0, b'noise\n{"error": "x: y", "kind": ""}\n', AvatarError, "is refused: x: y"),
        (trial.STALLED, b"", AvatarError, "draws nothing for seconds"),
        (OUT_OF_MEMORY, b"", AvatarError, "more than 400 MB"),
        (-24, b"", AvatarError, "computes for more than 30 s|status -24"),
        (-6, b"", AvatarError, "status -6"),
        (-11, b'{"error": "", "kind": ""}\n', AvatarError, "status -11"),
        (0, b"", AvatarError, "status 0"),
    ],
)
def test_how_a_child_may_end(
    tiny: Avatar, status: int, answer: bytes, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        trial._judge(tiny, status, answer)


def test_no_process_can_be_started(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/none")
    with pytest.raises(AvatarError, match="no process can be started"):
        trial.require_tried(load_avatar(tiny_folder))


def test_nothing_is_imported_from_where_the_user_stands(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("numpy", "cv2", "json", "liveavatar"):
        (trap / f"{name}.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    monkeypatch.chdir(trap)
    trial.require_tried(load_avatar(tiny_folder))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("bytearray(200 << 20)", 0),
        ("try: bytearray(700 << 20)\nexcept MemoryError: raise SystemExit(5)", 5),
        ("import numpy; a = [numpy.ones(1 << 22) for _ in range(99)]", 1),
        ("while True: pass", -24),
        ("open('more', 'w', buffering=1).write('x\\n')", 1),
    ],
    ids=["enough", "one", "many", "time", "file"],
)
def test_what_a_confined_process_cannot_do(code: str, status: int, tmp_path: Path) -> None:
    # a machine that has lent its memory out takes a second to get some back
    seconds = 1 if status == -24 else 30
    code = f"import numpy\nfrom liveavatar.base.confinement import confine\nconfine(400 << 20, {seconds})\n{code}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=tmp_path, env=environment)
    assert done.returncode == status, done.stderr


def test_doctor_says_what_is_wrong_with_a_strangers_avatar(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_graph(tiny_folder, generator([node("Loop", [], ["extra"])]))
    from liveavatar.app import doctor

    monkeypatch.setattr(
        doctor, "CHECKS", [(part, check) for part, check in doctor.CHECKS if part == "avatar"]
    )
    monkeypatch.setattr(packages, "avatar_folders", lambda: [tiny_folder.parent])
    [finding] = [f for f in examine() if f.part == "avatar"]
    assert finding.state == "failure" and "operator 'Loop'" in finding.text


def test_an_unknown_kind_is_told_before_anything_is_tried(tiny_folder: Path, no_child: None) -> None:
    with pytest.raises(AvatarError, match="is of kind 'hologram'"):
        open_renderer(load_avatar(rewrite(tiny_folder, kind="hologram")))


def test_the_hash_holds_for_card_and_files(tiny_folder: Path) -> None:
    first = find_avatar(tiny_folder).digest
    card = json.loads((tiny_folder / CARD).read_text(encoding="utf-8"))
    card["figures"] = {"held-out": 1}
    (tiny_folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    assert find_avatar(tiny_folder).digest == first  # measured later, drawn from never
    (tiny_folder / "preview.png").write_bytes(b"other")
    assert find_avatar(rewrite(tiny_folder)).digest != first


def test_what_was_just_made_needs_no_trial(tmp_path: Path, no_child: None) -> None:
    avatar = load_avatar(PORTRAIT)
    rig, sheet = rigs.read_rig(avatar.read("rig.npz")), read_rgba(avatar, "sheet.png")
    request = Request(Path("picture.png"), "mine", "nobody \x1b[2J is shown", output=tmp_path / "mine")
    made = write_package(rig, sheet, tmp_path / "mine", request)
    assert made.consent == "nobody \\x1b[2J is shown"
    open_renderer(made).close()
    open_renderer(find_avatar(tmp_path / "mine")).close()


def test_a_new_avatar_does_not_take_the_place_of_one_that_ships(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="comes with liveavatar"):
        create(Request(tmp_path / "none.png", "hoshi", "me"), tmp_path)
    with pytest.raises(AvatarError, match="cannot be an avatar's name"):
        create(Request(tmp_path / "none.png", "a\x9bb", "me"), tmp_path)
