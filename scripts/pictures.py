"""Makes the pictures of the README from the program's own output: python scripts/pictures.py

demo.webp is a part of what `liveavatar demo --side-by-side` writes; sheet.png is the avatar in twelve expressions.
"""

import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from liveavatar.avatar import find_avatar
from liveavatar.cli import main
from liveavatar.controls import vector
from liveavatar.renderers import open_renderer
from liveavatar.rigs.sheet import EXPRESSIONS
from liveavatar.types import Expression

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PARTS = ((1.5, 4.0), (6.0, 13.0), (15.5, 20.0))
"""Seconds of the driver clip that are shown."""
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


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    moving(PICTURES / "demo.webp")
    sheet(PICTURES / "sheet.png")
    for picture in sorted(PICTURES.iterdir()):
        print(picture.name, picture.stat().st_size // 1000, "kB")
