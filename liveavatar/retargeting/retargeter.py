"""One person's face in, a person-independent expression out.

Landmarks and blendshapes are measured free of head pose (facegeometry), read against the person's
neutral (facereading, personal), linked, smoothed (smoothing) and completed by breath and springs. When no
face is seen, or what came cannot be one, or is a stranger's (seats), the avatar idles (idle). Reads no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liveavatar.base.seats import Place, Seats
from liveavatar.controls import BLENDSHAPES, HEAD, INDEX, RANGES, neutral
from liveavatar.retargeting import features
from liveavatar.retargeting import solver as reading
from liveavatar.retargeting.adaptation import Calm, Neutral, Reach
from liveavatar.retargeting.features import PLACE, POSE
from liveavatar.retargeting.idle import breathing, idle
from liveavatar.retargeting.landmarks import upright
from liveavatar.retargeting.mirror import mirrored
from liveavatar.retargeting.one_euro import OneEuro
from liveavatar.retargeting.profile import NEUTRAL, Profile
from liveavatar.retargeting.solver import SIDES, B
from liveavatar.retargeting.springs import Follower
from liveavatar.types import Expression, Face

N = len(BLENDSHAPES)
HOLD = 0.3
"""Seconds the last expression stays when the face is lost; then the avatar goes idle."""
PITCH_GAIN = 1.2
"""The landmarks' depth is too flat for nods: without this, .73 of a known pitch comes out."""
HEAD_REACH, HEAD_GAIN = 0.85, 1.4
"""Share of the avatar's head range that the calibrated comfortable turn reaches, and the most a turn is enlarged."""
LEAVE, RETURN = 0.7, 0.4
"""Seconds to ease into idling, and back."""

_GAZE, _HEAD, _PLACE = slice(N, N + 2), slice(N + 2, N + 5), slice(N + 5, N + 8)
"""Of what is smoothed: controls, gaze, head, place."""


class FaceRetargeter:
    """Fits one person while it runs. See stages.Retargeter for the contract."""

    def __init__(
        self, *, head_range: Mapping[str, float] | None = None, profile: Profile | None = None, seed: int = 0
    ) -> None:
        """head_range: radians by control name, where the avatar was trained on less than controls.RANGES.

        profile: what a calibration found out about the person; without one they are fitted from the first seconds on.
        seed: which idle behaviour. Raises KeyError for a name that is no head control."""
        self.mirror = False
        """Give the mirror image of what the face does; may be changed at any time, from any thread."""
        self._profile = profile
        self._gaze_reach = _gaze_reach(profile)
        self.limit_head(head_range or {})
        self._seed = seed
        self._springs = Follower([7.0, 8.0, 3.0])
        self._filter = OneEuro(*_smoothing(profile is not None and profile.glasses))
        # Face heights: landmarks tremble by about .001; an opening mouth moves by 0.5 a second.
        self._calm_points = OneEuro(*(np.full(478 * 3, value) for value in (1.5, 20.0, 0.001)))
        self._time: float | None = None
        self._seen = -np.inf
        self._weight = 0.0
        self._shown = np.zeros(N + 8)
        self._motion: np.ndarray | None = None
        self._recenter = False
        self._gaze = np.zeros(2)
        self._closed = np.zeros(2)
        self._wink = 0.0
        self._shut = np.zeros(2, bool)
        self._blink = np.zeros(2)
        self._reach, self._blink_reach = _reaches(profile)
        self._seats = Seats()
        self._seat = 1
        self._fit = self._start(profile)
        self._fits: dict[int, _Fit] = {}
        self._changed: tuple[np.ndarray, np.ndarray | None, float] | None = None

    def limit_head(self, head_range: Mapping[str, float]) -> None:
        """From now on keep the head's angles within these, radians by control name; from any thread."""
        limits = {name: RANGES[name][1] for name in HEAD}
        for name, limit in head_range.items():
            limits[name] = min(limits[name], abs(float(limit)))
        self._limits = np.array([limits[name] for name in HEAD])
        comfort = self._profile.head if self._profile else {}
        # Who turns less gets more: comfort reaches most of what the avatar can do.
        reach = [HEAD_REACH * limits[name] / comfort[name] if name in comfort else 1.0 for name in HEAD]
        self._head_gain = np.clip(reach, 1.0, HEAD_GAIN) * [1.0, PITCH_GAIN, 1.0]

    def recenter(self) -> None:
        """Take the neutral anew from the next faces, for a user who looks straight and rests; ranges stay. From any
        thread: it is done with the next face."""
        self._recenter = True

    def _start(self, profile: Profile | None) -> "_Fit":
        """No neutral yet; begin with the profile's where there is one, but for the seat: head angles and place."""
        fit = _Fit(Neutral(features.ROWS), Calm(), None, profile is not None)
        if profile is not None:
            fit.template = profile.template
            fit.neutral.resume([profile.neutral[name] for name in NEUTRAL])
        return fit

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        if self._time is None and face is not None and face.sound:
            self._weight = 1.0  # nothing was shown yet from which to ease
        dt = 0.0 if self._time is None else max(time - self._time, 0.0)
        self._time = time
        if face is not None and self._recenter:
            self._recenter = False
            self._fit = self._start(None)
            self._seats, self._seat, self._fits = Seats(), 1, {}
        if face is not None and (read := self._read(face, time)) is not None:
            self._shown, self._motion = self._eased(*self._follow(face, *read, time, min(dt, 0.2)), time)
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
        expression = Expression(
            controls.astype(np.float32), time, float(x), float(y), float(np.exp(size)), tracked, motion
        )
        return mirrored(expression) if self.mirror else expression

    def _read(self, face: Face, time: float) -> tuple[np.ndarray, np.ndarray] | None:
        """The face as facerow.row gives it; None where it is a stranger's, or none at all."""
        if (read := features.read(face, self._fit.template)) is None:
            return None
        x, y, size = read[1][PLACE]
        seat = self._seats.take(Place(x * face.size[0] / face.size[1], y, float(np.exp(size))), time)
        if seat is None:
            return None
        if seat == self._seat:
            return read
        self._fits[self._seat] = self._fit
        self._fit = self._fits.pop(seat) if seat in self._fits else self._start(self._profile)
        self._seat = seat
        self._fits = {number: fit for number, fit in self._fits.items() if number in self._seats.known}
        self._changed = (self._shown, self._motion, time) if self._weight > 0 else None
        self._filter.reset()
        self._calm_points.reset()
        return features.read(face, self._fit.template)

    def _eased(
        self, shown: np.ndarray, motion: np.ndarray, time: float
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """What is shown, without a jump where another seat was taken."""
        if self._changed is None:
            return shown, motion
        old, old_motion, since = self._changed
        share = (time - since) / RETURN
        if share >= 1 or old_motion is None:
            self._changed = None
            return shown, motion
        share = share**2 * (3 - 2 * share)
        return old + share * (shown - old), old_motion + share * (motion - old_motion)

    def _follow(
        self, face: Face, aligned: np.ndarray, values: np.ndarray, time: float, dt: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """(N + 8,) smoothed: blendshape controls in [0, 1], gaze (2), head angles (3), place (3); (478, 3) the motion.

        aligned, values: the face as facerow.row gives it."""
        if self._fit.template is None:
            self._fit.template = upright(face)
        motion = self._calm_points((aligned - self._fit.template).ravel(), time).reshape(478, 3)
        self._learn(face, values, dt)
        base = self._fit.neutral.value
        seen = features.against(values, base)

        self._blink_reach.update(seen.closed.max(keepdims=True), dt)
        blink = reading.blinks(seen.closed, float(self._blink_reach.value[0]))
        blink = self._link(blink, float(seen.head[0]), dt)
        look = features.looking(seen, blink)
        look /= self._gaze_reach[[0, 1 if look[1] > 0 else 2]]
        # Closed eyes look nowhere, and moving lids drag the iris landmarks: the gaze eases along meanwhile.
        moving = float(np.abs(seen.closed - self._closed).max()) / dt if dt > 0 else 0.0
        self._closed = seen.closed
        steady = 1 / (1 + (moving / 3.0) ** 2)
        self._gaze += (look - self._gaze) * (1 - blink.min()) ** 2 * steady
        raw = features.expressed(seen, blink)
        self._reach.update(raw, dt)
        raw = (raw / self._reach.value).clip(0, 1)
        smooth = self._filter(
            np.concatenate([raw, self._gaze, seen.head * self._head_gain, (values - base)[PLACE]]), time
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
        return smooth, motion

    def _learn(self, face: Face, values: np.ndarray, dt: float) -> None:
        """Find the neutral in the first seconds, then refine it."""
        if self._fit.calm.add(reading.unrest(face.blendshapes, values[POSE]), face, dt):
            if not self._fit.fixed:
                self._fit.template = features.template(self._fit.calm.faces)
            assert self._fit.template is not None
            samples = np.array([features.row(calm, self._fit.template)[1] for calm in self._fit.calm.faces])
            self._fit.neutral.start(
                samples, np.arange(samples.shape[1]) >= (len(NEUTRAL) if self._fit.fixed else 0)
            )
            return
        # A turned head and shut eyes teach nothing about rest.
        base = self._fit.neutral.value
        steady = np.full(len(values), bool(np.abs((values - base)[POSE]).max() < 0.2))
        steady[:8] &= bool((values[:2] > 0.5 * base[:2]).all())
        self._fit.neutral.update(values, dt, steady)

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


@dataclass
class _Fit:
    """What was found out about who sits on one seat."""

    neutral: Neutral
    calm: Calm
    template: np.ndarray | None
    """(478, 3) the neutral head."""
    fixed: bool
    """The template is a profile's."""


def soft_limit(value: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Unchanged up to 0.7 of the limit, then bent so that the limit is never passed; smooth at the knee."""
    knee, rest = 0.7 * limit, 0.3 * limit
    over = np.maximum(np.abs(value) - knee, 0.0)
    return np.sign(value) * (np.minimum(np.abs(value), knee) + rest * np.tanh(over / rest))


def _reaches(profile: Profile | None) -> tuple[Reach, Reach]:
    """How far the person goes: of each blendshape, and of the lids. A calibrated one is only refined."""
    if profile is None:
        return Reach(N), Reach(1, 0.8, 1.05)
    known = np.array([profile.reach.get(name, Reach.USUAL) for name in BLENDSHAPES])
    return (
        Reach(N, np.minimum(0.55, known), np.maximum(1.25, known), known, 0.2),
        Reach(1, min(0.8, profile.blink), max(1.05, profile.blink), profile.blink, 0.2),
    )


def _gaze_reach(profile: Profile | None) -> np.ndarray:
    """(3,) what a full look across, up and down reads as."""
    known = profile.gaze if profile else {}
    return np.array([known.get(way, 1.0) for way in ("across", "up", "down")])


def _smoothing(glasses: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cutoff (Hz), beta (Hz per unit/s) and dead zone (units) of each of the N + 8 rows.

    glasses: reflections and rims make lids and gaze tremble, so these rest in a wider zone."""
    rows = []
    calm = 3.0 if glasses else 1.0
    for name in BLENDSHAPES:
        if name.startswith("eye"):
            rows.append((1.8, 2.0, 0.03 * calm))
        elif name.startswith(("jaw", "mouth", "nose")):
            rows.append((3.0, 4.0, 0.02))
        else:
            rows.append((1.8, 2.0, 0.03))
    rows += [(1.5, 4.0, 0.06 * calm)] * 2  # gaze: eyes rest, then jump
    rows += [(1.5, 8.0, 0.006)] * 3  # radians
    rows += [(1.2, 30.0, 0.002)] * 3
    cutoff, beta, dead = np.array(rows).T
    return cutoff, beta, dead
