"""How the layers of a picture move: the head turns in space as a flagship's does, its depth told by the face's points; hair
swings from its roots, the neck bends, the body follows."""

from collections.abc import Mapping

import numpy as np

from liveavatar.landmarks.points import CORNERS, INDEX
from liveavatar.rigs.drawn.geometry import BodyPose, HeadPose, dome, smoothstep
from liveavatar.rigs.picture.bonds import sampled
from liveavatar.rigs.picture.framing import CANVAS
from liveavatar.rigs.picture.layers import LAYERS

_HAIRS = ("back", "front")
_EYES, _CHIN, _CHEEK = 68.0, 240.0, 172.0
"""Of a flagship's head, in its units from the middle of the skull: y of eyes and chin, x of the cheeks."""
_SKIN = (196.0, 300.0, 104.0)
_HAIR = (236.0, 292.0, 126.0)
_BEHIND, _NECK = -34.0, -6.0
_LIFT = 8.0
"""Of what lies on the face, over the skin."""
_SWING_FROM, _SWING_OVER = -120.0, 440.0
"""From where on hair swings, and over how much it comes to swing wholly; y in head units."""
_HANGS_FROM, _HANGS_BY = 190.0, 420.0
"""From where hair lies on shoulders and chest, and by where it goes with these; y in head units."""
_HANGS = (150.0, 170.0)
"""From where down it hangs, and how far out at most from the middle of the skull what it hangs from is; head units."""
_LIES = 0.88
"""How much of the body's motion it has there."""
_FOLLOWS = 0.45
"""Of the head's yaw, the body's."""
_HELD = 130.0
"""Pixels from the canvas's sides and its floor within which hair that goes on outside does not follow the head."""
LEAST = 1e-3
"""A smaller share of a layer's motion is none."""
_SIDE = 70.0
"""Pixels beside which nothing of the body moves across: it goes on outside the picture."""


class Motion:
    """Of one picture."""

    def __init__(self, points: np.ndarray, shares: np.ndarray) -> None:
        """points: (46, 2), pixels of the canvas; shares: how much each layer moves as which, see bonds.py."""
        self._shares = dict(zip(LAYERS, shares, strict=True))
        at = {name: points[k].astype(float) for name, k in INDEX.items()}
        eyes = points[CORNERS["right"] + CORNERS["left"]].mean(0).astype(float)
        right, left = (points[CORNERS[side]].mean(0) for side in ("right", "left"))
        across = np.arctan2(*(left - right)[::-1])
        down = np.arctan2(-(at["chin"] - eyes)[0], (at["chin"] - eyes)[1])
        self.tilt = float((across + down) / 2)
        self.unit = float(np.linalg.norm(at["chin"] - eyes)) / (_CHIN - _EYES)
        """Pixels of a head unit."""
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        self.axes = np.array([[c, s], [-s, c]])
        """Rows: right and down of the head, in pixels of the canvas."""
        self.origin = eyes - _EYES * self.unit * self.axes[1]
        cheeks = self.local(np.stack([at["rightCheek"], at["leftCheek"]]))
        self.middle = float(cheeks[:, 0].mean())
        self.width = float(np.clip((cheeks[1, 0] - cheeks[0, 0]) / 2 / _CHEEK, 0.6, 1.6))
        """Of the face, in a flagship's."""
        nose = float(self.local(np.stack([at["nose"]]))[0, 0])
        self.facing = float(np.clip(nose - self.middle, -60.0, 60.0))
        """Where the middle of the face is beside the middle of its outline: of one that looks aside."""

    def local(self, xy: np.ndarray) -> np.ndarray:
        """Pixels (n, 2) -> head units round the middle of the skull."""
        return np.asarray((xy - self.origin) @ self.axes.T / self.unit)

    def points(self, layer: str, xy: np.ndarray, v: Mapping[str, float], jaw: float = 0.0) -> np.ndarray:
        """Where points (n, 2) of a layer go, pixels. jaw: how far the chin drops, pixels."""
        shares = sampled(self._shares.get(layer, self._shares["face"]), xy)
        swing = self.swing(self.local(xy), layer) if layer in _HAIRS else None
        away = np.zeros(np.shape(xy))
        for k, name in enumerate(LAYERS):
            if shares[k].max() > LEAST:
                drop = jaw if layer == name else None
                away += shares[k][:, None] * self._goes(name, xy, v, drop, swing)
        return np.asarray(xy + away)

    def _goes(
        self, layer: str, xy: np.ndarray, v: Mapping[str, float], jaw: float | None, swing: np.ndarray | None
    ) -> np.ndarray:
        """How far points would go that are this layer's own, (n, 2) pixels. swing: what they have of the hair's, (n,)."""
        if layer == "face":
            return self._head(layer, xy, v, jaw, swing)
        body = self._body(xy, v)
        if layer == "body":
            share = self._neck(xy)
            return np.asarray(body + share[:, None] * (self._head(layer, xy, v, None, None) - body))
        head = self._head(layer, xy, v, jaw, swing)
        lies = _LIES * smoothstep(_HANGS_FROM, _HANGS_BY, self.local(xy)[:, 1])[:, None]
        away = head + lies * (body - head)
        beside = np.minimum(xy, CANVAS - xy)
        away[:, 0] *= smoothstep(0.0, _HELD, beside[:, 0])
        away[:, 1] *= smoothstep(0.0, _HELD, CANVAS - xy[:, 1])
        return np.asarray(away)

    def _head(
        self, layer: str, xy: np.ndarray, v: Mapping[str, float], jaw: float | None, swing: np.ndarray | None
    ) -> np.ndarray:
        """How far points go with the head, (n, 2) pixels."""
        sway = v["sway"]
        pose = HeadPose(
            v["headYaw"], v["headPitch"], v["headRoll"] + 0.035 * sway, x=26.0 * sway, y=-5.0 * v["breath"]
        )
        flat = self.local(xy)
        if layer in _HAIRS:
            flat = self._hung(flat)
        rest = np.column_stack([flat, self._depth(layer, flat)])
        now = rest.copy()
        # round outlines narrow less than what is drawn on them
        keep = 0.6 * smoothstep(0.55, 1.0, np.abs(flat[:, 0] - self.middle) / (_CHEEK * self.width))
        if swing is not None:
            now[:, 0] += swing * (44.0 * v["hairX"] - 10.0 * sway)
            now[:, 1] -= swing * 34.0 * v["hairY"]
        if jaw is not None:
            self._jaw(now, v, jaw / self.unit)
        moved = pose.place(now, keep) - HeadPose(0.0, 0.0, 0.0).place(rest)
        return np.asarray(moved @ self.axes * self.unit)

    @staticmethod
    def _hung(flat: np.ndarray) -> np.ndarray:
        """Points (n, 2) of hair, in head units, such that what hangs from the head goes as what it hangs from."""
        x, y = flat.T
        low = smoothstep(_HANGS[0] - 60.0, _HANGS[0] + 120.0, y)
        over = np.maximum(y - _HANGS[0], 0.0)
        return np.column_stack(
            [
                x + low * (np.clip(x, -_HANGS[1], _HANGS[1]) - x),
                np.minimum(y, _HANGS[0]) + over / (1 + over / 60.0),
            ]
        )

    def _depth(self, layer: str, flat: np.ndarray) -> np.ndarray:
        """z (n,) over points (n, 2), all in head units."""
        if layer == "back":
            return np.full(len(flat), _BEHIND)
        if layer == "body":
            return np.full(len(flat), _NECK)
        x = (flat[:, 0] - self.middle) / self.width
        if layer == "front":
            y = np.minimum(flat[:, 1], 30.0)  # below the eyes hair hangs straight down
            hair = dome(np.stack([x, y], 1), _HAIR, (0.5 * self.facing, 0.0))
            inside = self._inside(flat)  # glasses, and hair that lies on the face
            return hair + inside * (self._depth("face", flat) + _LIFT - hair)
        return dome(np.stack([x, flat[:, 1]], 1), _SKIN, (self.facing, 40.0))

    def _inside(self, flat: np.ndarray) -> np.ndarray:
        """How far points (n, 2) lie before the face, from the brows down."""
        beside = 1 - smoothstep(0.6, 0.95, np.abs(flat[:, 0] - self.middle) / (_CHEEK * self.width))
        return np.asarray(beside * smoothstep(-20.0, 50.0, flat[:, 1]))

    def swing(self, flat: np.ndarray, layer: str) -> np.ndarray:
        """How much of the hair's swing points (n, 2) in head units have: none at the roots, all at the tips."""
        share = np.clip((flat[:, 1] - _SWING_FROM) / _SWING_OVER, 0.0, 1.3) ** 1.6
        if layer == "front":  # what lies across the face there is worn, not grown
            share = share * (1 - 0.6 * self._inside(flat))
        return np.asarray(share)

    def _jaw(self, now: np.ndarray, v: Mapping[str, float], drop: float) -> None:
        """Move points (n, 3) in head units with the jaw, in place, the lower the further."""
        low = np.clip((now[:, 1] - 90.0) / 150.0, 0.0, 1.0) ** 1.4
        now[:, 1] += low * drop
        now[:, 0] += low * (18.0 * (v["jawLeft"] - v["jawRight"]) + 5.0 * (v["mouthLeft"] - v["mouthRight"]))
        now[:, 2] += low * 8.0 * v["jawForward"]

    def _body(self, xy: np.ndarray, v: Mapping[str, float]) -> np.ndarray:
        """How far points go with the body, (n, 2) pixels."""
        moved = BodyPose(_FOLLOWS * v["headYaw"], v["sway"], v["breath"]).place(xy) - xy
        middle = CANVAS / 2
        moved[:, 0] *= smoothstep(0.0, _SIDE, middle - np.abs(xy[:, 0] - middle))
        return moved

    def _neck(self, xy: np.ndarray) -> np.ndarray:
        """How much points (n, 2) of the body go with the head, (n,): wholly under the chin, not at all at the collar."""
        flat = self.local(xy)
        down = 1 - smoothstep(196.0, 330.0, flat[:, 1])
        beside = 1 - smoothstep(0.5, 0.95, np.abs(flat[:, 0] - self.middle) / (_CHEEK * self.width))
        return np.asarray(down * beside)
