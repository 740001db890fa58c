"""Pairs for a refiner: crops of a warped portrait, and the same crops of what the person really looked like.

The truth is brought into the warp's frame by the similarity between the rig's moved points and the tracked ones, so a refiner
learns what a mouth looks like and not where the head is.
"""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.fitting.own_motion import similarity
from liveavatar.renderers.portrait import crops, motion
from liveavatar.renderers.portrait.crops import EYE, MOUTH
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.renderers.portrait.rig import SIZE, PortraitRig
from liveavatar.types import Expression

WORST = 0.06
"""Root mean square of what the points miss after the similarity, in face heights; more is another pose or another face."""


@dataclass
class Part:
    """Crops of one kind; N of them, from S sources."""

    warped: Any = field(default_factory=list)
    """(N, h, w, 3) uint8, premultiplied."""
    true: Any = field(default_factory=list)
    """(N, h, w, 3) uint8, cut out as the warped one is."""
    maps: Any = field(default_factory=list)
    """(N, h/2, w/2, 5) float16."""
    condition: Any = field(default_factory=list)
    """(N, n) float32."""
    source: Any = field(default_factory=list)
    """(S, h, w, 3) uint8."""
    of: Any = field(default_factory=list)
    """(N,) which source."""


class Pairs:
    """The crops of many frames of many people."""

    def __init__(self) -> None:
        self.mouth, self.eye = Part(), Part()

    def __len__(self) -> int:
        return len(self.mouth.warped)

    def add_source(self, rig: PortraitRig, texture: np.ndarray) -> None:
        """The following pairs are of this rig; texture: (512, 512, 4) uint8 premultiplied."""
        self._rig = rig
        self._puppet = Puppet(rig, texture)
        self._home = home = crops.locate(rig, rig.vertices)
        rgb = np.ascontiguousarray(texture[..., :3])
        self.mouth.source.append(crops.extract(rgb, home.mouth, MOUTH))
        self.eye.source += [crops.extract(rgb, m, EYE) for m in home.eyes]

    def add(
        self, expression: Expression, landmarks: np.ndarray, true: np.ndarray, own_mouth: bool = True
    ) -> bool:
        """One frame. landmarks: (478, 2 or 3) in `true`, (H, W, 3) uint8; own_mouth: False takes what the warp draws between the
        lips for true. Returns whether the two fit together."""
        points = self.posed(expression)[:468, :2]
        move = similarity(points, landmarks[:468, :2])
        missed = points @ move[:, :2].T + move[:, 2] - landmarks[:468, :2]
        if np.sqrt((missed**2).sum(1).mean()) > WORST * float(self._rig.height) * np.hypot(*move[:, 0]):
            return False
        if not own_mouth:
            true = cv2.warpAffine(true, move, (SIZE, SIZE), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP,
                                  borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
            back = cv2.invertAffineTransform(move)
            drawn = np.dstack([true, np.full(true.shape[:2], 255, np.uint8)])
            self._puppet.fill_mouth(drawn, expression, landmarks[:468, :2] @ back[:, :2].T + back[:, 2])
            true, move = drawn[..., :3], np.eye(2, 3)
        self.add_placed(expression, move, true)
        return True

    def posed(self, expression: Expression) -> np.ndarray:
        """Where the rig's points are in its frame of this expression: (V, 3), pixels."""
        return self._puppet.moved(expression)

    def add_placed(self, expression: Expression, move: np.ndarray, true: np.ndarray) -> None:
        """One frame. move: (2, 3) from the warped frame to `true`, (H, W, 3) uint8."""
        drawn = self._puppet.warp(expression)
        place = crops.locate(self._rig, drawn.points)
        mouth, eyes = crops.conditions(motion.clipped(expression.controls))
        number = len(self.mouth.source) - 1
        parts = [(self.mouth, place.mouth, self._home.mouth, MOUTH, mouth[0], number)]
        for i in range(2):
            parts.append((self.eye, place.eyes[i], self._home.eyes[i], EYE, eyes[i], 2 * number + i))
        for part, matrix, home, size, condition, of in parts:
            warped = crops.extract(drawn.image, matrix, size)
            there = move[:, :2] @ matrix
            there[:, 2] += move[:, 2]
            truth = crops.extract(true, there, size)
            part.warped.append(warped[..., :3])
            part.true.append((truth * (warped[..., 3:] / 255.0)).round().astype(np.uint8))
            part.maps.append(crops.warp_maps(drawn.field, matrix, home, size).astype(np.float16))
            part.condition.append(condition)
            part.of.append(of)

    def close(self) -> None:
        """No more will be added: lists become arrays."""
        for part in (self.mouth, self.eye):
            for f in fields(Part):
                setattr(part, f.name, np.array(getattr(part, f.name)))

    def save(self, path: Path) -> None:
        """As an .npz; whole or not at all."""
        fresh = path.with_suffix(".part.npz")
        arrays: dict[str, Any] = {
            f"{name}.{f.name}": np.array(getattr(getattr(self, name), f.name))
            for name in ("mouth", "eye")
            for f in fields(Part)
        }
        np.savez(fresh, **arrays)
        fresh.replace(path)


def load_pairs(paths: list[Path]) -> Pairs:
    """What save() wrote, put together."""
    pairs = Pairs()
    for path in paths:
        with np.load(path, allow_pickle=False) as data:
            for name in ("mouth", "eye"):
                part = getattr(pairs, name)
                shift = sum(map(len, part.source))
                for f in fields(Part):
                    values = data[f"{name}.{f.name}"]
                    getattr(part, f.name).append(values + shift if f.name == "of" else values)
    for part in (pairs.mouth, pairs.eye):
        for f in fields(Part):
            setattr(part, f.name, np.concatenate(getattr(part, f.name)))
    return pairs
