"""The mouth and the cheeks of one picture, drawn for any controls in its own hand."""

from collections.abc import Callable

import numpy as np

from liveavatar.controls import CONTROLS, neutral
from liveavatar.rigs.drawn.mouthframe import on_texture
from liveavatar.rigs.picture.cheeks import Cheek
from liveavatar.rigs.picture.mouthdraft import Draft, mean_skin
from liveavatar.rigs.picture.mouthread import Hand, read

Crop = tuple[int, int, np.ndarray]
"""x, y and what lies there: (h, w, 4) uint8 RGBA, premultiplied."""


NAMES = tuple(name for name in CONTROLS if name.startswith(("mouth", "jaw", "tongue", "cheekPuff")))
"""Controls that the mouth's network is told."""


def seen(hand: Hand, picture: np.ndarray) -> np.ndarray:
    """What the network sees of a picture (S, S, 4): the crop (h, w, 8) uint8: it, its skin without a mouth, where that was."""
    x, y = hand.corner
    h, w = hand.hole.shape
    hole = np.where(hand.hole, 255, 0)[..., None]
    return np.concatenate([picture[y : y + h, x : x + w], hand.skin.round(), hole], -1).astype(np.uint8)


def window(hand: Hand, side: int) -> Callable[[np.ndarray], np.ndarray]:
    """Cuts a square out of crops (h, w, c): the mouth is in its upper middle; what is beyond the crop is empty."""
    middle = hand.place[:, :2] @ ((hand.upper[0] + hand.upper[-1]) / 2) + hand.place[:, 2]
    left, top = (middle - (side / 2, 0.32 * side)).round().astype(int)

    def cut(crop: np.ndarray) -> np.ndarray:
        padded = np.pad(crop, ((side, side), (side, side), (0, 0)))
        return padded[top + side : top + 2 * side, left + side : left + 2 * side]

    return cut


class MouthMorpher:
    """Redraws one mouth. At rest it is shut: the picture's own pixels where it is drawn so."""

    def __init__(self, picture: np.ndarray, points: np.ndarray) -> None:
        """picture (S, S, 4) uint8 premultiplied; points (46, 2) of landmarks/points.py in its pixels."""
        self.hand = read(picture, points)
        self.draft = Draft(self.hand)
        self.cheeks = [Cheek(picture, points, self.hand.unit, side, mean_skin(self.hand)) for side in (-1, 1)]
        x, y = self.hand.corner
        h, w = self.hand.hole.shape
        clean = picture[y : y + h, x : x + w].copy()
        skin = np.minimum(self.hand.skin.round(), clean[..., 3:]).astype(np.uint8)
        clean[..., :3] = np.where(self.hand.hole[..., None], skin, clean[..., :3])
        self.still: dict[str, list[Crop]] = {"face": [(x, y, clean)], "mouth": self.draw(neutral())["mouth"]}
        """What the textures hold: the face without the mouth, in place of what it has there; the mouth at rest."""

    def draw(self, controls: np.ndarray) -> dict[str, list[Crop]]:
        """Layers for controls (len(CONTROLS),): "mouth", one crop; "face", what comes into the cheeks, to lie over the face."""
        x, y = self.hand.corner
        mouth = np.clip(self.draft.draw(controls).round(), 0, 255).astype(np.uint8)
        v = dict(zip(CONTROLS, np.asarray(controls, float).tolist(), strict=True))
        cheeks = [cheek.draw(v) for cheek in self.cheeks]
        return {"mouth": [(x, y, mouth)], "face": [crop for crop in cheeks if crop]}

    def motion(self, controls: np.ndarray) -> dict[str, np.ndarray]:
        """The points (n, 2) that carry the mouth (rigs/drawn/mouthframe.py), in pixels of the picture."""
        return {"mouth": self._placed(self.draft.pose(controls).lines.frame)}

    def sheet_points(self) -> dict[str, np.ndarray]:
        """Where those points lie on the unwrapped texture."""
        shut = self.draft.pose(neutral())
        return {"mouth": self._placed(on_texture((shut.upper[20] + shut.lower[20]) / 2))}

    def jaw(self, controls: np.ndarray) -> float:
        """How far the chin drops, in pixels."""
        v = dict(zip(CONTROLS, np.asarray(controls, float).tolist(), strict=True))
        return self.hand.unit * (
            17 * v["jawOpen"] * (1 - v["mouthClose"] / 2) + 7 * v["jawForward"] - 4 * v["mouthShrugLower"]
        )

    def _placed(self, points: np.ndarray) -> np.ndarray:
        place = self.hand.place
        return np.asarray(points @ place[:, :2].T + place[:, 2] + self.hand.corner, np.float32)
