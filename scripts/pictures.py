"""Makes the pictures of the README from the program's own output: python scripts/pictures.py

demo.webp is a part of what `liveavatar demo --side-by-side` writes; sheet.png is the avatar in twelve expressions;
gallery.webp shows the three flagship avatars, driven by the driver clip;
noise.webp shows characters that a generator makes from noise, seeds chosen by eye;
portraits.png shows avatars of two pictures: the driver clip's synthetic person, and a drawing of hoshi.
"""

import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from liveavatar.avatar.library import find_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.cli import main
from liveavatar.cli.drawing import make
from liveavatar.controls import vector
from liveavatar.media.picture import read_picture
from liveavatar.portrait.create import create
from liveavatar.portrait.request import Request
from liveavatar.renderers import open_renderer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.rigs.contact_sheet import EXPRESSIONS
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.generated import generated
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model
from liveavatar.types import Expression

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PARTS = ((1.5, 4.0), (6.0, 13.0), (15.5, 20.0))
"""Seconds of the driver clip that are shown."""
PORTRAITS: tuple[dict[str, float], ...] = (
    {"eyeBlinkLeft": 1, "eyeBlinkRight": 1, "headPitch": -0.1},
    {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "jawOpen": 0.3, "headRoll": 0.1},
    {"headYaw": 0.35, "eyeLookOutLeft": 0.8, "eyeLookInRight": 0.8},
    {"headYaw": -0.3, "jawOpen": 0.8, "browInnerUp": 0.7, "browOuterUpLeft": 0.7, "browOuterUpRight": 0.7},
    {"mouthPucker": 1, "headRoll": -0.12, "eyeBlinkLeft": 1},
)
SEEDS = (16, 13, 5, 85, 91, 47)
"""Of the characters from noise."""
CARD = 152, 214
"""Pixels of one of them, across and down."""
LOOP, RATE = 2.5, 12
"""Seconds until all of them are where they were, and frames a second."""
GROUND = np.array([228, 224, 240], np.float32)


def moving(path: Path) -> None:
    """15 fps, 640x320, about 14 seconds."""
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "demo.mp4"
        if main(["demo", "--side-by-side", "--output", str(video)]):
            raise SystemExit("the demo failed")
        frames = []
        with av.open(str(video)) as container:
            for i, frame in enumerate(container.decode(video=0)):
                time = float(frame.time or 0)
                if i % 2 == 0 and any(a <= time < b for a, b in PARTS):
                    image = cv2.resize(
                        frame.to_ndarray(format="rgb24"), (640, 320), interpolation=cv2.INTER_AREA
                    )
                    frames.append(Image.fromarray(image))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=67, loop=0, quality=62, method=4)


def sheet(path: Path) -> None:
    """Twelve expressions drawn by the live renderer, four a row."""
    renderer = open_renderer(find_avatar(), "cpu")
    pictures = []
    for controls in list(EXPRESSIONS.values())[:12]:
        image = renderer.render(Expression(vector(**controls), 0.0)).image.astype(np.float32)
        flat = image[..., :3] + GROUND * (1 - image[..., 3:] / 255)
        pictures.append(cv2.resize(flat, (320, 320), interpolation=cv2.INTER_AREA).astype(np.uint8))
    rows = [np.hstack(pictures[i : i + 4]) for i in range(0, 12, 4)]
    Image.fromarray(np.vstack(rows)).save(path)


def portraits(path: Path) -> None:
    """Each picture, and the avatar made of it, five times."""
    docs = PICTURES.parent
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        person = Path(folder) / "person.png"
        Image.fromarray(next(iter(open_camera(str(SYNTHETIC), paced=False))).image).save(person)
        hoshi = Path(folder) / "hoshi.png"
        drawn = open_renderer(find_avatar(), "cpu").render(Expression(vector(), 0.0)).image.astype(np.float32)
        drawn[..., :3] *= 255 / np.maximum(drawn[..., 3:], 1)  # PNG alpha is not premultiplied
        Image.fromarray(drawn.clip(0, 255).astype(np.uint8)).save(hoshi)
        for name, picture, points in (
            ("person", person, None),
            ("hoshi", hoshi, docs / "points-example.json"),
        ):
            request = Request(picture, name, "nobody is shown", Path(folder) / name, points)
            avatar = create(request, find_model(fetch=True), draw=partial(make, request))
            renderer = open_renderer(avatar, "cpu")
            given = read_picture(picture).over()
            row = [cv2.resize(given, (256, 256), interpolation=cv2.INTER_AREA)]
            for controls in PORTRAITS:
                image = renderer.render(Expression(vector(**controls), 0.0)).image.astype(np.float32)
                flat = image[..., :3] + GROUND * (1 - image[..., 3:] / 255)
                row.append(cv2.resize(flat, (256, 256), interpolation=cv2.INTER_AREA).astype(np.uint8))
            rows.append(np.hstack(row))
    Image.fromarray(np.vstack(rows)).save(path)


def gallery(path: Path) -> None:
    """The flagship characters, each driven by the driver clip: 15 fps, 768x256."""
    names = ("ren", "liora", "pico")
    renderers = [open_renderer(find_avatar(name), "cpu") for name in names]
    retargeter = FaceRetargeter()
    frames = []
    with (
        closing(open_camera(str(SYNTHETIC), paced=False)) as camera,
        closing(open_tracker("mediapipe", find_model(fetch=True))) as tracker,
    ):
        for frame in camera:
            expression = retargeter.retarget(tracker.track(frame), frame.time)
            if frame.index % 2 or not any(a <= frame.time < b for a, b in PARTS):
                continue
            row = []
            for renderer in renderers:
                image = renderer.render(expression).image.astype(np.float32)
                flat = image[..., :3] + GROUND * (1 - image[..., 3:] / 255)
                row.append(cv2.resize(flat, (256, 256), interpolation=cv2.INTER_AREA))
            frames.append(Image.fromarray(np.hstack(row).clip(0, 255).astype(np.uint8)))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=67, loop=0, quality=62, method=4)


def noise(path: Path) -> None:
    """Characters from noise on cards of their own colours, each moving in its own time; clear between the cards."""
    drawn = [DrawnRig(generated(seed)) for seed in SEEDS]
    wide, high = CARD
    shape = np.zeros((4 * high, 4 * wide), np.uint8)
    cv2.rectangle(shape, (56, 0), (4 * wide - 57, 4 * high), 255, -1)
    cv2.rectangle(shape, (0, 56), (4 * wide, 4 * high - 57), 255, -1)
    for x in (56, 4 * wide - 57):
        for y in (56, 4 * high - 57):
            cv2.circle(shape, (x, y), 56, 255, -1)
    mask = cv2.resize(shape, (wide, high), interpolation=cv2.INTER_AREA)[..., None]
    frames = []
    for i in range(round(LOOP * RATE)):
        cards = []
        for k, rig in enumerate(drawn):
            image = rig.render(vector(**_moving(i / (LOOP * RATE) + k * 0.29, k)), 512).astype(np.float32)
            image = cv2.resize(image[10:, 74:438], (wide, high), interpolation=cv2.INTER_AREA)
            ground = _ground(rig.identity.palette.iris_middle.hue, wide, high)
            flat = image[..., :3] + ground * (1 - image[..., 3:] / 255)
            cards.append(np.dstack([flat.clip(0, 255).astype(np.uint8), mask]))
            cards.append(np.zeros((high, 10, 4), np.uint8))
        frames.append(Image.fromarray(np.hstack(cards[:-1])))
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 / RATE),
        loop=0,
        quality=58,
        method=4,
    )


def _moving(at: float, who: int) -> dict[str, float]:
    """A turn of the head, a blink and a smile that come back after 1; every other one laughs."""
    turn = 2 * np.pi * at
    blink = max(0.0, 1.0 - abs((at % 1.0) - 0.46) / 0.045)
    smile = float(np.clip(0.5 - 0.9 * np.cos(turn - 2.6), 0.0, 1.0))
    laugh = who % 2 * max(smile - 0.45, 0.0) / 0.55
    return {
        "headYaw": 0.30 * float(np.sin(turn)),
        "headRoll": 0.09 * float(np.sin(turn + 1.1)),
        "headPitch": 0.07 * float(np.cos(2 * turn)),
        "hairX": -0.45 * float(np.cos(turn)),
        "breath": 0.5 + 0.5 * float(np.sin(turn)),
        "eyeBlinkLeft": blink,
        "eyeBlinkRight": blink,
        "mouthSmileLeft": smile,
        "mouthSmileRight": smile,
        "eyeSquintLeft": 0.9 * laugh,
        "eyeSquintRight": 0.9 * laugh,
        "cheekSquintLeft": 0.6 * smile,
        "cheekSquintRight": 0.6 * smile,
        "jawOpen": 0.5 * laugh,
    }


def _ground(hue: float, wide: int, high: int) -> np.ndarray:
    """A soft ground of the colour opposite an eye's: (high, wide, 3)."""
    across = (hue + 165.0) % 360.0
    across = 350.0 if 80.0 < across < 130.0 else across  # rose, for olive
    tones = [Tone(light, chroma, across).argb for light, chroma in ((0.95, 0.03), (0.86, 0.065))]
    top, low = (np.array([tone >> 16 & 255, tone >> 8 & 255, tone & 255], np.float32) for tone in tones)
    fall = np.linspace(0.0, 1.0, high, dtype=np.float32)[:, None, None]
    return np.broadcast_to(top + (low - top) * fall, (high, wide, 3))


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    moving(PICTURES / "demo.webp")
    sheet(PICTURES / "sheet.png")
    portraits(PICTURES / "portraits.png")
    gallery(PICTURES / "gallery.webp")
    noise(PICTURES / "noise.webp")
    for picture in sorted(PICTURES.iterdir()):
        print(picture.name, picture.stat().st_size // 1000, "kB")
