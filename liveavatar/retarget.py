"""One person's face in, a person-independent expression out."""

from collections.abc import Mapping

import numpy as np

from liveavatar.controls import BLENDSHAPES, CONTROLS, HEAD, INDEX, RANGES, neutral
from liveavatar.idle import breathing, idle
from liveavatar.smoothing import OneEuro
from liveavatar.springs import Follower
from liveavatar.types import Expression, Face

N = len(BLENDSHAPES)


class Retargeter:
    """First version: blendshapes against neutral, head pose, smoothing, idle."""

    def __init__(self, *, head_range: Mapping[str, float] | None = None, seed: int = 0) -> None:
        self.head_range = {n: RANGES[n][1] for n in HEAD} | dict(head_range or {})
        self.seed = seed
        self._filter = OneEuro(
            np.r_[np.full(N, 2.0), np.full(6, 1.2)],
            np.r_[np.full(N, 3.0), np.full(6, 6.0)],
            np.r_[np.full(N, 0.02), np.full(3, 0.004), np.full(3, 0.002)],
        )
        self._springs = Follower([9.0, 8.0, 3.0])
        self._first: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._weight = 0.0
        self._time: float | None = None
        self._seen = -np.inf
        self._last = np.zeros(N + 6)
        self._last[-1] = 1.0

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        dt = 0.0 if self._time is None else time - self._time
        self._time = time
        if face is not None:
            self._last = self._filter(self._measure(face), time)
            self._seen = time
        elif time - self._seen > 0.3:
            self._filter.reset()
        holding = time - self._seen <= 0.3
        self._weight = float(np.clip(self._weight + (dt / 0.4 if holding else -dt / 0.6), 0, 1))
        w = self._weight**2 * (3 - 2 * self._weight)
        tracked = neutral()
        tracked[:N] = self._last[:N].clip(0, 1)
        for i, name in enumerate(HEAD):
            limit = self.head_range[name]
            tracked[INDEX[name]] = limit * np.tanh(self._last[N + i] / limit)
        tracked[INDEX["breath"]] = breathing(time)
        controls = w * tracked + (1 - w) * idle(time, self.seed)
        head = controls[[INDEX[n] for n in HEAD]]
        lag = self._springs.step(head * [1, 1, 1], time)
        controls[INDEX["hairX"]] = np.clip(4 * (lag[0] + lag[2]), -1, 1)
        controls[INDEX["hairY"]] = np.clip(4 * lag[1], -1, 1)
        x, y, scale = self._last[N + 3 :]
        return Expression(
            controls.astype(np.float32), time, float(w * x), float(w * y), float(1 + w * (scale - 1)), holding
        )

    def _measure(self, face: Face) -> np.ndarray:
        rotation = face.pose[:3, :3].astype(np.float64)
        rotation /= np.cbrt(np.linalg.det(rotation))
        centre = face.landmarks[:, :2].mean(0) / face.size
        size = np.linalg.norm(face.landmarks[10] - face.landmarks[152]) / face.size[1]
        if len(self._first) < 15:
            self._first.append((rotation, face.blendshapes, np.r_[centre, size]))
            self._rotation0 = np.median([f[0] for f in self._first], 0)
            self._shapes0 = np.median([f[1] for f in self._first], 0)
            self._place0 = np.median([f[2] for f in self._first], 0)
        shapes = (face.blendshapes - self._shapes0) / np.maximum(1 - self._shapes0, 0.3)
        u, _, vt = np.linalg.svd(self._rotation0)
        place = np.r_[centre - self._place0[:2], size / self._place0[2]]
        return np.r_[shapes, angles((u @ vt).T @ rotation), place]


def angles(rotation: np.ndarray) -> np.ndarray:
    """(3,) yaw, pitch, roll in radians, in the conventions of liveavatar.controls, of a (3, 3) rotation."""
    x, y, z = rotation[:, 2]
    yaw, pitch = np.arctan2(x, z), np.arcsin(np.clip(y, -1, 1))
    # What is left of the crown's direction once yaw and pitch are undone.
    right = np.array([np.cos(yaw), 0, -np.sin(yaw)])
    up = np.cross(rotation[:, 2], right)
    roll = np.arctan2(rotation[:, 1] @ right, rotation[:, 1] @ up)
    return np.array([yaw, pitch, roll])



