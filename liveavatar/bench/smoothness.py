"""60 fps of the paced 30 fps source, with a scripted turn of the head: how even its steps are, and how old."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.base.timing import now
from liveavatar.bench.parts import Meter, Parts
from liveavatar.controls import INDEX, vector
from liveavatar.live.governor import Governor
from liveavatar.live.loop import Live
from liveavatar.live.report import Report
from liveavatar.stages import Output, Renderer, Retargeter
from liveavatar.types import AvatarFrame, Expression, Face

FPS = 60.0
TURN = 0.3
"""Radians to either side."""
HERTZ = 0.5
SETTLES = 1.5
"""Seconds after the first picture from the camera that do not count: the output's clock comes near to the camera's."""
STEP = TURN * 2 * np.pi * HERTZ / FPS / np.sqrt(2)
"""Radians from frame to frame, RMS, where every frame shows the moment that is due."""


def judder(positions: np.ndarray, step: float) -> float:
    """How uneven the steps along a smooth motion are: RMS of the differences between a step and the next, in `step`s.

    positions: (n,) of the frames sent, at a steady rate. step: RMS of the steps that are due. Even steps give 0; a camera's
    pictures each sent twice 2; steps alternately half and one and a half times as long 1."""
    return float(np.sqrt(np.mean(np.diff(positions, 2) ** 2)) / step) if len(positions) > 2 else 0.0


def smoothness(parts: Parts, seconds: float) -> dict[str, Any]:
    """Ages, frames and judder at 60 fps, and what judder repeated frames have. seconds: of both together."""
    positions, report, cores = _swing(parts, seconds / 2, smooth=True)
    repeated, _, _ = _swing(parts, seconds / 2, smooth=False)
    return {
        "age_ms": report.ages.summary(),
        "sent_fps": round(report.sent / report.seconds, 2),
        "repeated": report.repeated,
        "stalls": report.stalls,
        "lowered_s": round(report.governor.seconds, 1),
        "cores": round(cores, 2),
        "judder": round(judder(positions, STEP), 3),
        "judder_repeating": round(judder(repeated, STEP), 3),
    }


def _swing(parts: Parts, seconds: float, *, smooth: bool) -> tuple[np.ndarray, Report, float]:
    """The angles of the frames sent in so many seconds, (n,) radians, the run's report, and its processor seconds a second."""
    output, meter = _Angles(parts.output(FPS)), Meter(SETTLES + seconds)
    live = Live(
        open_camera=parts.webcam,
        open_tracker=parts.tracker,
        retargeter=_Turn(parts.retargeter()),
        open_renderer=lambda: _Renderer(parts.renderer()),
        output=output,
        size=parts.avatar.size,
        fps=FPS,
        smooth=smooth,
        governor=Governor() if smooth else None,
        on_status=lambda report: live.stop() if meter.over(report) else None,
    )
    report = live.run()
    return output.settled(), report, meter.cores


@dataclass(frozen=True)
class _Turned(AvatarFrame):
    angle: float = 0.0
    """Radians that the head is turned by in this picture."""


class _Turn(Retargeter):
    """Does a retargeter's work, and gives the scripted turn at the capture time in place of what it found."""

    def __init__(self, retargeter: Retargeter) -> None:
        self._retargeter = retargeter

    def retarget(self, face: Face | None, time: float) -> Expression:
        expression = self._retargeter.retarget(face, time)
        yaw = TURN * np.sin(2 * np.pi * HERTZ * time)
        return Expression(vector(headYaw=yaw), time, tracked=True, motion=expression.motion)


class _Renderer(Renderer):
    """Writes the angle that it was told on each picture."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self.size, self.provider = renderer.size, renderer.provider

    def render(self, expression: Expression) -> AvatarFrame:
        angle = float(expression.controls[INDEX["headYaw"]])
        frame = self._renderer.render(expression)
        return _Turned(frame.image, frame.time, angle=angle)

    def close(self) -> None:
        self._renderer.close()


class _Angles(Output):
    """Keeps the angle of each frame sent."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._rows: list[tuple[float, float]] = []
        """When it was sent, seconds, and the angle."""
        self._first: float | None = None
        """When a turned head was sent first."""

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self._output.send(frame, at)
        angle = frame.angle if isinstance(frame, _Turned) else 0.0
        self._rows.append((now(), angle))
        if angle and self._first is None:
            self._first = self._rows[-1][0]

    def settled(self) -> np.ndarray:
        """(n,) radians, from SETTLES after the first turned one on."""
        begins = (self._first or 0.0) + SETTLES
        return np.array([angle for at, angle in self._rows if at >= begins])

    def close(self) -> None:
        self._output.close()
