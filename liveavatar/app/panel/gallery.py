"""The avatars there are, with a small picture of each, cut out of its plain background."""

import threading
from pathlib import Path

import cv2
import numpy as np

from liveavatar.avatar.library import list_avatars
from liveavatar.errors import PictureError
from liveavatar.media.picture import read_picture

SIDE = 144
"""Pixels of a small picture."""
PICTURE = "preview.png"
KEPT = 256
"""Pictures that are kept, the newest."""
_LIKE = 3
"""Levels by which a plain background may vary."""


class Gallery:
    """From any thread. Reads files of strangers, which are checked as all pictures are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[Path, int], np.ndarray | None] = {}
        """Folder and time of its picture -> (SIDE, SIDE, 4) uint8 RGBA, straight alpha; None where there is none to show."""

    def listed(self) -> dict[str, str]:
        """Name -> what changes when its picture does."""
        return {name: str(_changed(folder)) for name, folder in list_avatars()}

    def picture(self, name: str) -> np.ndarray | None:
        """(SIDE, SIDE, 4) uint8 RGBA, straight alpha, of an avatar; None where there is no picture."""
        folder = dict(list_avatars()).get(name)
        if folder is None:
            return None
        key = folder, _changed(folder)
        with self._lock:
            if key not in self._kept:
                while len(self._kept) >= KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = _small(folder / PICTURE)
            return self._kept[key]


def cut_out(rgb: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8 RGBA, straight alpha, of (h, w, 3) uint8 RGB: what is of the upper corners' one colour, and reaches the
    border, is transparent; all is opaque where the corners differ."""
    height, width = rgb.shape[:2]
    corners = rgb[[0, 0], [0, -1]].astype(int)
    alpha = np.full((height, width), 255, np.uint8)
    if np.abs(corners[0] - corners[1]).max() <= _LIKE:
        mask = np.zeros((height + 2, width + 2), np.uint8)
        flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
        for corner in ((0, 0), (width - 1, 0)):
            cv2.floodFill(np.ascontiguousarray(rgb), mask, corner, 0, (_LIKE,) * 3, (_LIKE,) * 3, flags)
        alpha[mask[1:-1, 1:-1] > 0] = 0
    return np.dstack([rgb, alpha])


def _small(path: Path) -> np.ndarray | None:
    try:
        picture = read_picture(path, cover=(2 * SIDE, 2 * SIDE))
    except PictureError:
        return None
    rgba = picture.rgba if picture.has_alpha else cut_out(picture.rgba[..., :3])
    alpha = rgba[..., 3:].astype(np.float32)
    weighted: np.ndarray = np.concatenate((rgba[..., :3] * alpha / 255, alpha), axis=2, dtype=np.float32)
    small: np.ndarray = cv2.resize(weighted, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    colour = small[..., :3] * 255 / np.maximum(small[..., 3:], 1)
    return np.clip(np.round(np.dstack([colour, small[..., 3]])), 0, 255).astype(np.uint8)


def _changed(folder: Path) -> int:
    """When its picture was made, nanoseconds; 0 where there is none."""
    try:
        return (folder / PICTURE).stat().st_mtime_ns
    except OSError:
        return 0
