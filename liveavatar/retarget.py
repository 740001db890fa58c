"""One person's face in, a person-independent expression out.

Landmarks and blendshapes are measured free of head pose (facegeometry), read against the person's
neutral (facereading, personal), linked, smoothed (smoothing) and completed by breath and springs. When no
face is seen the avatar idles (idle). Reads no clock.
"""

import math
from collections.abc import Mapping

import numpy as np

from liveavatar import facereading as reading
from liveavatar.controls import BLENDSHAPES, HEAD, INDEX, RANGES, neutral
from liveavatar.facegeometry import MEASURES, align, measure, points, upright
from liveavatar.facereading import SIDES, B
from liveavatar.idle import breathing, idle
from liveavatar.personal import Calm, Neutral, Reach, Row
from liveavatar.smoothing import OneEuro
from liveavatar.springs import Follower
from liveavatar.types import Expression, Face

N = len(BLENDSHAPES)
HOLD = 0.3
"""Seconds the last expression stays when the face is lost; then the avatar goes idle."""
PITCH_GAIN = 1.2
"""The landmarks' depth is too flat for nods: without this, .73 of a known pitch comes out."""
LEAVE, RETURN = 0.7, 0.4
"""Seconds to ease into idling, and back."""

# Rows beyond the blendshapes: head angles (radians), then place: x, y, log of the size.
_POSE_ROWS = [Row(0.25, -0.25, 0.25), Row(0.2, -0.35, 0.35), Row(0.2, -0.2, 0.2)]
_PLACE_ROWS = [Row(0.1, 0.0, 1.0), Row(0.1, 0.0, 1.0), Row(0.1, -10.0, 10.0)]
_GAZE, _HEAD, _PLACE = slice(N, N + 2), slice(N + 2, N + 5), slice(N + 5, N + 8)


class Retargeter:
    """Fits one person while it runs. See stages.Retargeter for the contract."""

    def __init__(self, *, head_range: Mapping[str, float] | None = None, seed: int = 0) -> None:
        """head_range: radians by control name, where the avatar was trained on less than controls.RANGES.

        seed: which idle behaviour. Raises KeyError for a name that is no head control."""
        self.limit_head(head_range or {})
        self._seed = seed
        self._springs = Follower([7.0, 8.0, 3.0])
        self._filter = OneEuro(*_smoothing())
        # Face heights: landmarks tremble by about .001; an opening mouth moves by 0.5 a second.
        self._calm_points = OneEuro(*(np.full(478 * 3, value) for value in (1.5, 20.0, 0.001)))
        self._time: float | None = None
        self._seen = -np.inf
        self._weight = 0.0
        self._shown = np.zeros(N + 8)
        self._motion: np.ndarray | None = None
        self.recenter()

    def limit_head(self, head_range: Mapping[str, float]) -> None:
        """From now on keep the head's angles within these, radians by control name; from any thread."""
        limits = {name: RANGES[name][1] for name in HEAD}
        for name, limit in head_range.items():
            limits[name] = min(limits[name], abs(float(limit)))
        self._limits = np.array([limits[name] for name in HEAD])

    def recenter(self) -> None:
        """Take the neutral anew from the next faces: for a user who looks straight and rests."""
        self._neutral = Neutral([*reading.ROWS, *_POSE_ROWS, *_PLACE_ROWS])
        self._reach = Reach(N)
        self._blink_reach = Reach(1, 0.8, 1.05)
        self._calm = Calm()
        self._template: np.ndarray | None = None
        self._gaze = np.zeros(2)
        self._closed = np.zeros(2)
        self._wink = 0.0
        self._shut = np.zeros(2, bool)
        self._blink = np.zeros(2)

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        if self._time is None and face is not None:
            self._weight = 1.0  # nothing was shown yet from which to ease
        dt = 0.0 if self._time is None else max(time - self._time, 0.0)
        self._time = time
        if face is not None:
            self._shown = self._follow(face, time, min(dt, 0.2))
            self._seen = time
        tracked = time - self._seen <= HOLD
        self._weight = float(np.clip(self._weight + (dt / RETURN if tracked else -dt / LEAVE), 0.0, 1.0))
        w = self._weight**2 * (3 - 2 * self._weight)
        if w == 0.0:
            self._filter.reset()  # who comes back starts afresh, eased in by the weight
            self._calm_points.reset()
        controls = neutral().astype(np.float64)
        if w > 0:
            controls[:N] = self._shown[:N]
            controls[[INDEX[name] for name in HEAD]] = soft_limit(self._shown[_HEAD], self._limits)
            controls[INDEX["breath"]] = breathing(time)
        if w < 1:
            controls = w * controls + (1 - w) * idle(time, self._seed)
        x, y, size = w * self._shown[_PLACE]
        self._swing(controls, np.array([x, y]), time)
        motion = None if self._motion is None else (w * self._motion).astype(np.float32)
        return Expression(
            controls.astype(np.float32), time, float(x), float(y), float(np.exp(size)), tracked, motion
        )

    def _follow(self, face: Face, time: float, dt: float) -> np.ndarray:
        """(N + 8,) smoothed: blendshape controls in [0, 1], gaze (2), head angles (3), place (3)."""
        aligned, turned, place = self._place(face)
        self._motion = self._calm_points((aligned - self._template).ravel(), time).reshape(478, 3)
        measures = measure(aligned)
        sample = np.concatenate([measures, face.blendshapes, turned, place])
        self._learn(face, sample, dt)
        base = self._neutral.value
        m = len(MEASURES)
        head = sample[m + N : m + N + 3] - base[m + N : m + N + 3]
        delta = reading.unturned(measures - base[:m], *head)
        shapes = (face.blendshapes - base[m : m + N]) / (1 - base[m : m + N])

        closed = reading.closedness(delta, base[:m])
        self._blink_reach.update(closed.max(keepdims=True), dt)
        blink = self._link(reading.blinks(closed, float(self._blink_reach.value[0])), float(head[0]), dt)
        look = reading.gaze(delta, shapes, (1 - blink).clip(0.02, 1) ** 2)
        # Closed eyes look nowhere, and moving lids drag the iris landmarks: the gaze eases along meanwhile.
        moving = float(np.abs(closed - self._closed).max()) / dt if dt > 0 else 0.0
        self._closed = closed
        steady = 1 / (1 + (moving / 3.0) ** 2)
        self._gaze += (look - self._gaze) * (1 - blink.min()) ** 2 * steady
        raw = reading.mouth_and_brows(delta, shapes, blink)
        for name, values in zip(("eyeWide", "eyeSquint"), reading.lids(closed, delta), strict=True):
            for side, value in zip(SIDES, values, strict=True):
                raw[B[f"{name}{side}"]] = value
        self._reach.update(raw, dt)
        raw = (raw / self._reach.value).clip(0, 1)
        smooth = self._filter(
            np.concatenate([raw, self._gaze, head * [1.0, PITCH_GAIN, 1.0], place - base[-3:]]), time
        )
        across, up = smooth[_GAZE]
        for side, right in zip(SIDES, (across, -across), strict=True):
            # The left eye looks out when it looks to the right of the picture.
            smooth[B[f"eyeLookOut{side}"]] = max(right, 0.0)
            smooth[B[f"eyeLookIn{side}"]] = max(-right, 0.0)
            smooth[B[f"eyeLookUp{side}"]] = max(up, 0.0)
            smooth[B[f"eyeLookDown{side}"]] = max(-up, 0.0)
        smooth[:N] = smooth[:N].clip(0, 1)
        for i, side in enumerate(SIDES):
            smooth[B[f"eyeBlink{side}"]] = self._lid(i, float(blink[i]), dt)
        return smooth

    def _place(self, face: Face) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(478, 3) the landmarks on the neutral head; (3,) yaw, pitch, roll; (3,) x, y, log of the size."""
        if self._template is None:
            self._template = upright(face)
        aligned, turned, scale = align(points(face), self._template)
        width, height = face.size
        # MediaPipe's pose is seen by a camera with 63 degrees of vertical view; its origin is in the head,
        # so turning does not move it.
        focal = height / (2 * np.tan(np.radians(63) / 2))
        x, y, z = face.pose[:3, 3].astype(np.float64)
        place = np.array(
            [0.5 + focal * x / -z / width, 0.5 + focal * y / z / height, -np.log(scale * height)]
        )
        return aligned, angles(turned), place

    def _learn(self, face: Face, sample: np.ndarray, dt: float) -> None:
        """Find the neutral in the first seconds, then refine it."""
        m = len(MEASURES)
        pose = sample[m + N : m + N + 3]
        if self._calm.add(reading.unrest(face.blendshapes, pose), face, sample, dt):
            shapes = [upright(calm) for calm in self._calm.faces]
            template = np.median(shapes, axis=0)
            self._template = np.median([align(shape, template)[0] for shape in shapes], axis=0)
            samples = self._calm.samples
            for row, calm in zip(samples, self._calm.faces, strict=True):
                aligned, turned, _ = align(points(calm), self._template)
                row[:m], row[m + N : m + N + 3] = measure(aligned), angles(turned)
            self._neutral.start(samples)
            return
        # A turned head and shut eyes teach nothing about rest.
        base = self._neutral.value
        steady = np.full(len(sample), bool(np.abs(pose - base[m + N : m + N + 3]).max() < 0.2))
        steady[:8] &= bool((sample[:2] > 0.5 * base[:2]).all())
        self._neutral.update(sample, dt, steady)

    def _link(self, blink: np.ndarray, yaw: float, dt: float) -> np.ndarray:
        """Both eyes together unless clearly one winks; the nearer eye counts more in a turned head."""
        apart = abs(float(blink[0] - blink[1]))
        clear = apart > 0.45 and blink.min() < 0.5 and abs(yaw) < 0.45
        self._wink += ((1.0 if clear else 0.0) - self._wink) * (1 - np.exp(-dt / 0.05))
        nearer = np.clip(0.5 - yaw, 0.2, 0.8)  # the subject's left eye turns away when yaw > 0
        both = float(np.array([nearer, 1 - nearer]) @ blink)
        both = max(both, 0.8 * float(blink.max())) if apart < 0.45 else both
        return self._wink * blink + (1 - self._wink) * both

    def _lid(self, side: int, blink: float, dt: float) -> float:
        """The blink as shown: shuts at once and fully, stays shut until clearly open, opens smoothly."""
        self._shut[side] = blink > (0.5 if self._shut[side] else 0.75)
        target = 1.0 if self._shut[side] else blink
        before = float(self._blink[side])
        seconds = 0.0 if target > before + 0.1 else 0.03 if abs(target - before) > 0.05 else 0.15
        share = 1.0 if seconds == 0 else 1 - float(np.exp(-dt / seconds))
        self._blink[side] = before + (target - before) * share
        return float(self._blink[side])

    def _swing(self, controls: np.ndarray, place: np.ndarray, time: float) -> None:
        """Hair, ears and body after the head, in place."""
        yaw, pitch, roll = controls[[INDEX[name] for name in HEAD]]
        body = 0.5 * yaw + 0.8 * roll + 2.0 * place[0]
        across, up, lean = self._springs.step(
            np.array([yaw + roll + 3 * place[0], pitch - 3 * place[1], body]), time
        )
        controls[INDEX["hairX"]] = np.tanh(2.5 * across + 0.6 * roll)  # it hangs down while the head tilts
        controls[INDEX["hairY"]] = np.tanh(3.0 * up)
        controls[INDEX["sway"]] = np.clip(controls[INDEX["sway"]] + np.tanh(1.2 * (body + lean)), -1, 1)
        brows = controls[INDEX["browInnerUp"]] - 0.5 * (
            controls[INDEX["browDownLeft"]] + controls[INDEX["browDownRight"]]
        )
        controls[INDEX["ears"]] = np.tanh(0.8 * brows - 2.0 * up)


def soft_limit(value: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Unchanged up to 0.7 of the limit, then bent so that the limit is never passed; smooth at the knee."""
    knee, rest = 0.7 * limit, 0.3 * limit
    over = np.maximum(np.abs(value) - knee, 0.0)
    return np.sign(value) * (np.minimum(np.abs(value), knee) + rest * np.tanh(over / rest))


def angles(rotated: np.ndarray) -> np.ndarray:
    """(3,) yaw, pitch, roll in radians, in the conventions of liveavatar.controls, of a (3, 3) rotation."""
    (_, ux, x), (_, uy, y), (_, uz, z) = rotated.tolist()  # columns: right, crown, nose
    yaw, pitch = math.atan2(x, z), math.asin(min(max(y, -1.0), 1.0))
    # The crown against the axes that a head of this yaw and pitch has without roll.
    right = (math.cos(yaw), 0.0, -math.sin(yaw))
    up = (y * right[2], z * right[0] - x * right[2], -y * right[0])  # nose x right
    crown = (ux, uy, uz)
    across = crown[0] * right[0] + crown[2] * right[2]
    return np.array([yaw, pitch, math.atan2(across, sum(c * u for c, u in zip(crown, up, strict=True)))])


def _smoothing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cutoff (Hz), beta (Hz per unit/s) and dead zone (units) of each of the N + 8 rows."""
    rows = []
    for name in BLENDSHAPES:
        if name.startswith(("jaw", "mouth", "nose")):
            rows.append((3.0, 4.0, 0.02))
        else:
            rows.append((1.8, 2.0, 0.03))
    rows += [(1.5, 4.0, 0.06)] * 2  # gaze: eyes rest, then jump
    rows += [(1.5, 8.0, 0.006)] * 3  # radians
    rows += [(1.2, 30.0, 0.002)] * 3
    cutoff, beta, dead = np.array(rows).T
    return cutoff, beta, dead
