"""Makes the pictures of docs/from-noise.md, but that of the page: python scripts/from_noise.py AVATAR RUN

AVATAR is what `liveavatar new` made; RUN the folder of a training by `liveavatar train-identity`.
"""

import sys
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from liveavatar.avatar.library import find_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.controls import neutral
from liveavatar.renderers import open_renderer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.generated import decode, encode
from liveavatar.rigs.population.character import character
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "from-noise"
GROUND = np.array([234, 236, 242], np.float32)
SEED = 131
"""Of the character that is shown as numbers."""
PARTS = ((7.0, 11.0), (16.0, 18.0))
"""Seconds of the driver clip that are shown."""


def collect(path: Path) -> None:
    """Thirty-two consecutive characters of the population."""
    pictures = [_flat(DrawnRig(character(seed)).render(neutral(), 320), 160) for seed in range(32)]
    _save(np.vstack([np.hstack(pictures[i : i + 8]) for i in range(0, 32, 8)]), path)


def preprocess(path: Path) -> None:
    """A character, its numbers as a picture (dark low, light high), and what is drawn from these."""
    code = encode(SEED)
    numbers = code.vector()
    wide = round(len(numbers) ** 0.5)
    numbers = np.pad(numbers, (0, -len(numbers) % wide)).reshape(-1, wide)
    rank = np.searchsorted(np.sort(numbers[numbers != 0]), numbers) / max((numbers != 0).sum(), 1)
    heat = cv2.applyColorMap((255 * rank.clip(0, 1)).astype(np.uint8), cv2.COLORMAP_VIRIDIS)[..., ::-1]
    heat[numbers == 0] = GROUND
    heat = cv2.resize(heat, (320, 320), interpolation=cv2.INTER_NEAREST)
    before, after = (
        _flat(DrawnRig(record).render(neutral(), 640), 320) for record in (character(SEED), decode(code))
    )
    gap = np.broadcast_to(GROUND, (320, 24, 3)).astype(np.uint8)
    _save(np.hstack([before, gap, heat, gap, after]), path)


def train(path: Path, run: Path) -> None:
    """The curves of a training."""
    with Image.open(run / "curve.png") as picture:
        _save(np.asarray(picture.convert("RGB").resize((1280, 1280 * picture.height // picture.width))), path)


def live(path: Path, avatar: str) -> None:
    """The clip's person, and the avatar beside: 12 fps."""
    renderer, retargeter, frames = open_renderer(find_avatar(avatar), "cpu"), FaceRetargeter(), []
    with (
        closing(open_camera(str(SYNTHETIC), paced=False)) as camera,
        closing(open_tracker("mediapipe", find_model(fetch=True))) as tracker,
    ):
        for frame in camera:
            expression = retargeter.retarget(tracker.track(frame), frame.time)
            if frame.index % 3 == 0 and any(a <= frame.time < b for a, b in PARTS):
                high, wide = frame.image.shape[:2]
                middle = frame.image[:, (wide - high) // 2 : (wide + high) // 2]
                person = cv2.resize(middle, (280, 280), interpolation=cv2.INTER_AREA)
                picture = np.hstack([person, _flat(renderer.render(expression).image, 280)])
                frames.append(Image.fromarray(picture))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0, quality=60, method=4)


def _flat(image: np.ndarray, size: int) -> np.ndarray:
    image = image.astype(np.float32)
    flat = image[..., :3] + GROUND * (1 - image[..., 3:] / 255)
    return cv2.resize(flat, (size, size), interpolation=cv2.INTER_AREA).round().astype(np.uint8)


def _save(picture: np.ndarray, path: Path) -> None:
    Image.fromarray(picture).save(path, quality=82, method=6)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    PICTURES.mkdir(parents=True, exist_ok=True)
    collect(PICTURES / "collect.webp")
    preprocess(PICTURES / "preprocess.webp")
    train(PICTURES / "train.webp", Path(sys.argv[2]))
    live(PICTURES / "live.webp", sys.argv[1])
