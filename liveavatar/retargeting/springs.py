"""Critically damped springs: hair, ears and body follow the head without ringing, at any frame rate.

The step is the closed-form solution of e'' + 2 w e' + w² e = 0 between two frames, so a dropped frame
changes when the result is seen, not what it is, and nothing can blow up.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liveavatar.controls import HEAD, INDEX
from liveavatar.types import Expression

LONGEST_STEP = 0.5
"""Seconds; after a longer gap the springs start again at rest."""


class Follower:
    """Points that follow targets, each by its own spring."""

    def __init__(self, stiffness: Sequence[float]) -> None:
        """stiffness: w of each spring, 1/s; after 4 / w seconds 9 % of a jump is left."""
        self.stiffness = np.asarray(stiffness, np.float64)
        self.reset()

    def reset(self) -> None:
        """Forget all motion: the next step starts at rest on its target."""
        self._lag = np.zeros_like(self.stiffness)
        self._speed = np.zeros_like(self.stiffness)
        self._target: np.ndarray | None = None
        self._target_speed = np.zeros_like(self.stiffness)
        self._time = 0.0

    def step(self, target: np.ndarray, time: float) -> np.ndarray:
        """How far each point is from its target (n,) at `time` (seconds): (n,) float64, point minus target.

        Between two calls the target is taken to move in a straight line."""
        target = np.asarray(target, np.float64)
        dt = time - self._time
        if self._target is None or not 0 < dt <= LONGEST_STEP:
            if self._target is None or dt > LONGEST_STEP:
                self.reset()
                self._target, self._time = target.copy(), time
            return self._lag.copy()
        speed = (target - self._target) / dt
        # Seen from the target, a change of its speed is a kick the other way.
        kicked = self._speed - (speed - self._target_speed)
        w = self.stiffness
        decay = np.exp(-w * dt)
        slope = kicked + w * self._lag
        self._speed = (kicked - w * dt * slope) * decay
        self._lag = (self._lag + slope * dt) * decay
        self._target, self._target_speed, self._time = target.copy(), speed, time
        return self._lag.copy()


class Secondary:
    """The secondary motion of an avatar: hair, ears and body after the head."""

    def __init__(self) -> None:
        self._springs = Follower([7.0, 8.0, 3.0])

    def follow(self, expression: Expression) -> Expression:
        """The expression at its time, with hairX, hairY and ears set, and sway added to, from the head's angles and place and
        the brows. Its mirror image gives the mirror image of what it gives."""
        controls = expression.controls.astype(np.float64)
        yaw, pitch, roll = controls[_HEAD]
        x, y = expression.x, expression.y
        body = 0.5 * yaw + 0.8 * roll + 2.0 * x
        target = np.array([yaw + roll + 3 * x, pitch - 3 * y, body])
        across, up, lean = self._springs.step(target, expression.time)
        inner, left, right = controls[_BROWS]
        controls[INDEX["hairX"]] = np.tanh(2.5 * across + 0.6 * roll)  # it hangs down while the head tilts
        controls[INDEX["hairY"]] = np.tanh(3.0 * up)
        controls[INDEX["sway"]] = np.clip(controls[INDEX["sway"]] + np.tanh(1.2 * (body + lean)), -1, 1)
        controls[INDEX["ears"]] = np.tanh(0.8 * (inner - 0.5 * (left + right)) - 2.0 * up)
        return replace(expression, controls=controls.astype(np.float32))


_HEAD = [INDEX[name] for name in HEAD]
_BROWS = [INDEX[name] for name in ("browInnerUp", "browDownLeft", "browDownRight")]
