"""Makes the pictures of the README from the program's own output: python scripts/pictures.py

demo.webp is a part of what `liveavatar demo --side-by-side` writes; sheet.png is the avatar in twelve expressions;
gallery.webp shows the three flagship avatars, driven by the driver clip;
portraits.png shows avatars of two pictures: the driver clip's synthetic person, and hoshi with points set by hand.
"""

import tempfile
from contextlib import closing
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from liveavatar.avatar.library import find_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.cli import main
from liveavatar.controls import vector
from liveavatar.media.picture import read_picture
from liveavatar.portrait.create import create
from liveavatar.portrait.request import Request
from liveavatar.renderers import open_renderer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.rigs.contact_sheet import EXPRESSIONS
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
            renderer = open_renderer(create(request, find_model(fetch=True)), "cpu")
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


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    moving(PICTURES / "demo.webp")
    sheet(PICTURES / "sheet.png")
    portraits(PICTURES / "portraits.png")
    gallery(PICTURES / "gallery.webp")
    for picture in sorted(PICTURES.iterdir()):
        print(picture.name, picture.stat().st_size // 1000, "kB")
