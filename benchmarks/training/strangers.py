"""Faces drawn in hands that no training of this project has seen, with true points: what benchmarks.training.landmarks asks the
finder about. They share no code with the population or with what is painted for training.

    python -m benchmarks.training.strangers SHEET.png
"""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.training.strange_faces import Drawing
from benchmarks.training.strange_hand import Hand, darker
from liveavatar.landmarks.points import NAMES

HANDS = (
    Hand("sticker", (255, 224, 196), (250, 170, 60), (70, 40, 20), (50, 30, 20), (180, 225, 250), 0.05, 1.15, 1.0, (0.34, 0.28,
         0.28), roundness=0.5, look="solid", lash=0.0, brow=(0.24, 0.06, 0.05), brow_up=0.45, mouth="cat", mouth_size=(0.3,
         0.1), mouth_at=0.52, crown=1.35, long=False, nose="none"),
    Hand("seventies", (255, 255, 255), (20, 20, 20), (10, 10, 10), (60, 60, 60), pen=0.012, half=0.92, chin=1.35, eye=(0.7,
         0.46, 0.24), look="sparkle", iris_size=(0.24, 0.33), lash=0.06, lashes=5, brow=(0.6, 0.02, 0.1), brow_up=0.66,
         nose="wedge", mouth="lips", mouth_size=(0.28, 0.06), crown=1.9, fringe="parted", finish="print", seed=3),
    Hand("newsprint hero", (240, 190, 150), (60, 40, 30), (10, 10, 15), (40, 90, 160), (250, 240, 215), 0.025, 0.92, 1.75,
         (0.44, 0.11, 0.07), look="plain", iris_size=(0.09, 0.1), lash=0.05, brow=(0.56, 0.12, 0.05), brow_up=0.2, nose="full",
         mouth="line", mouth_size=(0.62, 0.1), mouth_at=0.75, crown=1.3, fringe="cap", long=False, shade=True, finish="dots"),
    Hand("wash", (250, 215, 190), (150, 90, 70), (120, 80, 90), (70, 130, 110), (246, 240, 228), 0.012, 0.98, 1.3, (0.58, 0.28,
         0.16), look="gloss", iris_size=(0.17, 0.22), lash=0.035, brow=(0.46, 0.03, 0.06), nose="hook", mouth="lips",
         mouth_size=(0.36, 0.05), fringe="swept", finish="wash", seed=4),
    Hand("cartridge", (255, 205, 170), (60, 100, 200), (30, 20, 50), (40, 160, 70), (40, 44, 70), 0.07, 1.05, 1.15, (0.46, 0.32,
         0.26), roundness=0.4, look="plain", iris_size=(0.19, 0.3), lash=0.08, brow=(0.44, 0.09, 0.02), brow_up=0.36,
         mouth="open", mouth_size=(0.3, 0.14), long=False, finish="pixels", nose="none", seed=5),
    Hand("pencil", None, (90, 90, 90), (80, 80, 85), (90, 90, 90), (250, 249, 245), 0.012, 0.97, 1.35, (0.6, 0.28, 0.2),
         look="ring", iris_size=(0.18, 0.26), lash=0.03, brow=(0.48, 0.02, 0.07), nose="hook", mouth="line", mouth_size=(0.34,
         0.1), fringe="swept", finish="pencil", seed=6),
    Hand("glass", (255, 232, 222), (210, 110, 190), (110, 30, 90), (90, 80, 230), (40, 30, 70), 0.014, 0.98, 1.2, (0.64, 0.42,
         0.24), 0.06, 0.8, "gloss", (0.23, 0.33), 0.07, 2, (0.46, 0.03, 0.1), 0.5, "dot", "open", (0.26, 0.14), 0.76,
         shade=True, seed=7),
    Hand("chalk", None, (230, 230, 220), (240, 240, 235), (240, 240, 235), (34, 48, 44), 0.022, 0.95, 1.3, (0.56, 0.26, 0.2),
         look="ring", iris_size=(0.15, 0.22), lash=0.03, brow=(0.46, 0.03, 0.06), nose="wedge", mouth="open", mouth_size=(0.4,
         0.18), fringe="parted", finish="chalk", seed=8),
    Hand("woodblock", (248, 232, 206), (25, 25, 30), (25, 25, 30), (20, 20, 20), (226, 205, 160), 0.016, 0.9, 1.7, (0.5, 0.09,
         0.06), 0.16, look="slit", iris_size=(0.1, 0.1), lash=0.03, brow=(0.42, 0.05, 0.12), brow_up=0.42, nose="full",
         mouth="lips", mouth_size=(0.2, 0.08), mouth_at=0.72, crown=1.5, fringe="none", long=False, finish="print", seed=9),
    Hand("rubber hose", (255, 255, 255), (15, 15, 15), (15, 15, 15), (15, 15, 15), (236, 226, 200), 0.045, 1.1, 1.45, (0.5, 0.5,
         0.36), roundness=0.45, look="pie", iris_size=(0.15, 0.26), lash=0.0, lashes=3, brow=(0.4, 0.05, 0.16), brow_up=0.72,
         nose="dot", mouth="grin", mouth_size=(0.86, 0.3), mouth_at=0.62, crown=1.3, fringe="cap", long=False, seed=10),
    Hand("storybook", (236, 176, 130), (90, 50, 30), (80, 45, 30), (70, 45, 30), (205, 226, 200), 0.02, 1.05, 1.2, (0.3, 0.2,
         0.2), roundness=0.5, look="solid", lash=0.0, brow=(0.34, 0.05, 0.1), brow_up=0.36, nose="hook", mouth="line",
         mouth_size=(0.5, 0.16), crown=1.45, fringe="teeth", seed=11),
    Hand("neon", (90, 70, 150), (20, 200, 220), (10, 5, 30), (255, 60, 160), (15, 10, 40), 0.02, 0.96, 1.28, (0.6, 0.34, 0.16),
         0.12, 1.3, "plain", (0.19, 0.27), 0.08, 1, (0.5, 0.05, 0.03), 0.36, "wedge", "grin", (0.44, 0.14), 0.74,
         fringe="swept", shade=True, seed=12),
)  # fmt: skip


def stranger(hand: Hand, side: int = 480, lock: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """A face: its picture (S, S, 3) uint8 and points (46, 2) float32. lock: the eye that hair covers."""
    drawing = Drawing(hand, side)
    drawing.draw()
    if lock:
        drawing.lock(lock)
    return _finished(drawing), np.array([drawing.points[name] for name in NAMES], np.float32)


def _finished(drawing: Drawing) -> np.ndarray:
    """(S, S, 3) uint8, on its paper, as its material leaves it."""
    hand, side = drawing.hand, drawing.side
    below = np.full((side, side, 3), hand.paper, np.float32)
    alpha = drawing.canvas[..., 3:].astype(np.float32) / 255
    picture: np.ndarray = below * (1 - alpha) + drawing.canvas[..., :3]
    random = np.random.default_rng(hand.seed)
    if hand.finish == "wash":
        blot = cv2.resize(
            random.normal(0, 1, (12, 12)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
        )
        soft = cv2.bilateralFilter(picture.astype(np.float32), 9, 40, 9)
        picture = soft + 7 * blot[..., None] + cv2.GaussianBlur(picture, (0, 0), 12) * 0.15 - 0.15 * soft
    elif hand.finish == "pixels":
        small = cv2.resize(picture, (72, 72), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small // 24 * 24 + 12, (side, side), interpolation=cv2.INTER_NEAREST)
    elif hand.finish == "dots":
        x, y = np.meshgrid(np.arange(side), np.arange(side))
        dots = np.sin((x + y) * 2 * np.pi / 9) * np.sin((x - y) * 2 * np.pi / 9)
        light = picture.mean(2)
        picture = np.where(((light > 90) & (light < 215) & (dots > 0.45))[..., None], picture * 0.82, picture)
    elif hand.finish in ("chalk", "pencil"):
        grain = random.uniform(0.45 if hand.finish == "chalk" else 0.7, 1.0, (side, side, 1)).astype(
            np.float32
        )
        picture = below + (picture - below) * cv2.GaussianBlur(grain, (0, 0), 0.7)[..., None]
    elif hand.finish == "print":
        picture = (
            picture
            + cv2.GaussianBlur(random.normal(0, 14, (side, side)).astype(np.float32), (0, 0), 1.2)[..., None]
        )
    return picture.clip(0, 255).astype(np.uint8)


def tiny(hand: Hand, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """A figure from head to foot in a picture 2,000 pixels high, its eyes so many pixels apart; and its points."""
    height, width, drawing = 2000, 1300, Drawing(hand, round(5.2 * apart))
    drawing.draw()
    far = np.linspace(0, 1, height)[:, None, None]
    picture = (
        np.broadcast_to(np.array(hand.paper) * (1 - 0.4 * far), (height, width, 3)).astype(np.uint8).copy()
    )
    left, top = width // 2 - drawing.side // 2, 90
    low = top + drawing.side - 2
    shirt = darker(hand.iris, 0.9)
    body = np.array([(-1.9, 0), (1.9, 0), (1.5, 10), (3.2, 24), (-3.2, 24), (-1.5, 10)]) * apart + (
        width / 2,
        low,
    )
    legs = np.array([(-1.4, 20), (1.4, 20), (1.0, 44), (-1.0, 44)]) * apart + (width / 2, low)
    for shape, paint in ((legs, darker(hand.hair, 0.8)), (body, shirt)):
        cv2.fillPoly(picture, [np.round(shape * 16).astype(np.int32)], paint, cv2.LINE_AA, 4)
    part = picture[top : top + drawing.side, left : left + drawing.side]
    part[...] = drawing.canvas[..., :3] + part * (1 - drawing.canvas[..., 3:] / 255.0)
    points = np.array([drawing.points[name] for name in NAMES], np.float32)
    return picture, points + np.array([left, top], np.float32)


def twenty(turn: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Twenty faces in one picture, 1,500 pixels wide, and the points of each."""
    random, side = np.random.default_rng(turn), 300
    rows, points = [], []
    for row in range(4):
        tiles = []
        for column in range(5):
            hand = HANDS[int(random.integers(len(HANDS)))]
            rgb, at = stranger(replace(hand, yaw=float(random.uniform(-0.4, 0.4))), side)
            tiles.append(rgb)
            points.append(at + np.array([column * side, row * side], np.float32))
        rows.append(np.hstack(tiles))
    return np.vstack(rows), points


def aside(hand: Hand, k: int) -> Hand:
    """The same face, half in profile: 27 to 38 degrees."""
    return replace(hand, yaw=float(np.radians(27 + k % 12)) * (1 if k % 2 else -1))


def main() -> None:
    """See the module."""
    shown = [stranger(hand, 300) for hand in HANDS]
    shown += [stranger(hand, 300, lock="right") for hand in HANDS[:6]] + [
        stranger(aside(hand, k), 300) for k, hand in enumerate(HANDS)
    ]
    cells = []
    for rgb, points in shown:
        cell = np.ascontiguousarray(rgb)
        for x, y in points:
            cv2.circle(cell, (round(float(x)), round(float(y))), 1, (255, 0, 0), -1)
        cells.append(cell)
    sheet = np.vstack([np.hstack(cells[k : k + 6]) for k in range(0, len(cells), 6)])
    cv2.imwrite(str(Path(sys.argv[1])), sheet[..., ::-1])


if __name__ == "__main__":
    main()
