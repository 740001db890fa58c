"""One person's face in, a person-independent expression out.

The way of a face: its features, free of head pose (landmarks, features); minus the person's neutral (adaptation); read as
controls (eyes, solver), as shares of the person's reach (adaptation); smoothed (one_euro); completed by breath (idle) and
springs. When no face is seen, or what came cannot be one, or is a stranger's (seats), the avatar idles. Reads no clock.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.base.seats import Place, Seats
from liveavatar.controls import BLENDSHAPES, CONTROLS, HEAD, INDEX, RANGES, gaze
from liveavatar.retargeting.adaptation import Person, Reach
from liveavatar.retargeting.eyes import Eyes, Look
from liveavatar.retargeting.features import PLACE, Observation, try_observe
from liveavatar.retargeting.idle import breathing, idle
from liveavatar.retargeting.mirror import mirrored
from liveavatar.retargeting.one_euro import OneEuro
from liveavatar.retargeting.profile import Profile
from liveavatar.retargeting.solver import solve
from liveavatar.retargeting.springs import Secondary
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
_MOTION = slice(N + 8, N + 8 + 478 * 3)
"""What is smoothed: blendshape controls in [0, 1], gaze (2), head angles (3), place (3), motion of the landmarks."""


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
        self.idle: Callable[[float], np.ndarray] = partial(idle, seed=seed)
        """(len(CONTROLS),) at a time in seconds: what the avatar does when no face is seen; may be changed at any time."""
        self._profile = profile
        self.limit_head(head_range or {})
        # Who the face belongs to.
        self._seats, self._seat = Seats(), 1
        self._person = Person(profile)
        self._others: dict[int, Person] = {}
        """Who sat on the other known seats, by number."""
        self._recenter = False
        self._known: Profile | None = None
        """Whom to take for the one in front of the camera, from the next face on."""
        # From features to controls.
        self._eyes = Eyes(profile)
        self._reach = _reach(profile)
        self._filter = OneEuro(*smoothing(profile is not None and profile.glasses))
        self._secondary = Secondary()
        # What is shown.
        self._time: float | None = None
        self._face_time = -np.inf
        self._weight = 0.0
        """Of the face against idling."""
        self._shown = np.zeros(_MOTION.stop)
        """What the last face gave, smoothed."""
        self._replaced: tuple[np.ndarray, float] | None = None
        """What was shown when another seat was taken, and when."""

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

    def know(self, profile: Profile) -> None:
        """From the next face on this is the person. From any thread."""
        self._known = profile

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self.finish(self.read(face, time))

    def finish(self, expression: Expression) -> Expression:
        """See stages.Retargeter."""
        return self._secondary.follow(expression)

    def read(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        if self._time is None and face is not None and face.sound:
            self._weight = 1.0  # nothing was shown yet from which to ease
        dt = 0.0 if self._time is None else max(time - self._time, 0.0)
        self._time = time
        if face is not None and (observation := self._observe(face, time)) is not None:
            self._shown = self._eased(self._follow(face, observation, time, min(dt, 0.2)), time)
            self._face_time = time
        tracked = time - self._face_time <= HOLD
        self._weight = float(np.clip(self._weight + (dt / RETURN if tracked else -dt / LEAVE), 0.0, 1.0))
        if self._weight == 0.0:
            self._filter.reset()  # who comes back starts afresh, eased in by the weight
        expression = self._express(smoothstep(self._weight), time, tracked)
        return mirrored(expression) if self.mirror else expression

    def _observe(self, face: Face, time: float) -> Observation | None:
        """The face on the neutral head of whose it is; None where it is a stranger's, or none at all."""
        if self._known is not None:
            self._take_up(self._known)
            self._known = None
        if self._recenter:
            self._recenter = False
            self._person = Person()
            self._seats, self._seat, self._others = Seats(), 1, {}
        if (observation := try_observe(face, self._person.head)) is None:
            return None
        x, y, size = observation.vector[PLACE]
        seat = self._seats.take(Place(x * face.size[0] / face.size[1], y, float(np.exp(size))), time)
        if seat is None or seat == self._seat:
            return None if seat is None else observation
        self._change_seat(seat, time)
        return try_observe(face, self._person.head)

    def _take_up(self, profile: Profile) -> None:
        self._profile, limits = profile, self._limits
        self.limit_head(dict(zip(HEAD, limits.tolist(), strict=True)))
        self._person, self._eyes, self._reach = Person(profile), Eyes(profile), _reach(profile)
        self._seats, self._seat, self._others = Seats(), 1, {}
        self._filter = OneEuro(*smoothing(profile.glasses))

    def _change_seat(self, seat: int, time: float) -> None:
        """From now on the person on this seat is followed."""
        self._others[self._seat] = self._person
        self._person = self._others.pop(seat) if seat in self._others else Person(self._profile)
        self._seat = seat
        self._others = {
            number: other for number, other in self._others.items() if number in self._seats.places
        }
        self._replaced = (self._shown, time) if self._weight > 0 else None
        self._filter.reset()

    def _follow(self, face: Face, observation: Observation, time: float, dt: float) -> np.ndarray:
        """(N + 8 + 478 * 3,) float64: what this face does, smoothed. dt: seconds since the last one."""
        deviation = self._person.learn(face, observation, dt)
        look = self._eyes.update(deviation, dt)
        controls = solve(deviation, look.blink)
        self._reach.update(controls, dt)
        controls = (controls / self._reach.value).clip(0, 1)
        place = (observation.vector - self._person.neutral.value)[PLACE]
        head = deviation.head * self._head_gain
        motion = (observation.points - observation.head).ravel()
        values = self._filter(np.concatenate([controls, look.gaze, head, place, motion]), time)
        return self._with_eyes(values, look)

    def _with_eyes(self, values: np.ndarray, look: Look) -> np.ndarray:
        """The smoothed values with eyes of which both look the same way, and their lids."""
        for name, value in gaze(*values[_GAZE]).items():
            values[INDEX[name]] = value
        values[:N] = values[:N].clip(0, 1)
        values[BLINK] = look.lids  # smoothed by the eyes themselves, as a blink must be quick
        return values

    def _eased(self, shown: np.ndarray, time: float) -> np.ndarray:
        """What is shown, without a jump where another seat was taken."""
        if self._replaced is None:
            return shown
        old, since = self._replaced
        share = smoothstep((time - since) / RETURN)
        if share >= 1:
            self._replaced = None
        return old + share * (shown - old) if share < 1 else shown

    def _express(self, weight: float, time: float, tracked: bool) -> Expression:
        """The expression at `time`: `weight` of what is shown, the rest idling."""
        values = self._shown
        controls = np.zeros(len(CONTROLS))
        if weight > 0:
            controls[:N] = values[:N]
            controls[_HEAD_CONTROLS] = soft_limit(values[_HEAD], self._limits)
            controls[INDEX["breath"]] = breathing(time)
        if weight < 1:
            controls = weight * controls + (1 - weight) * self.idle(time)
        x, y, size = (weight * values[_PLACE]).tolist()
        motion = None
        if np.isfinite(self._face_time):  # else there was no face yet
            motion = (weight * values[_MOTION]).reshape(478, 3).astype(np.float32)
        return Expression(controls.astype(np.float32), time, x, y, float(np.exp(size)), tracked, motion)


_HEAD_CONTROLS = [INDEX[name] for name in HEAD]
BLINK = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]


def soft_limit(value: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Unchanged up to 0.7 of the limit, then bent so that the limit is never passed; smooth at the knee. Of the value's shape."""
    knee, rest = 0.7 * limit, 0.3 * limit
    over = np.maximum(np.abs(value) - knee, 0.0)
    return np.sign(value) * (np.minimum(np.abs(value), knee) + rest * np.tanh(over / rest))


def _reach(profile: Profile | None) -> Reach:
    """How far the person goes, of each blendshape. A calibrated one is only refined."""
    if profile is None:
        return Reach(N)
    known = np.array([profile.reach.get(name, Reach.USUAL) for name in BLENDSHAPES])
    return Reach(N, np.minimum(0.55, known), np.maximum(1.25, known), known, 0.2)


def smoothing(glasses: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cutoff (Hz), beta (Hz per unit/s) and dead zone (units) of each value that is smoothed.

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
    # Face heights: landmarks tremble by about .001; an opening mouth moves by 0.5 a second.
    rows += [(1.5, 20.0, 0.001)] * (478 * 3)
    cutoff, beta, dead = np.array(rows).T
    return cutoff, beta, dead
