"""How old a picture is at the output, told by a clock in its pixels: python -m benchmarks.suite.latency

The camera's picture carries the time of its capture as black and white blocks along the lower edge, below the face. The
tracker reads it from the pixels; the number travels with the face and the expression to the renderer, which draws it into
the avatar's picture; the output composites that picture, reads the number back and compares it with the clock. Camera
pacing, tracker, retargeter, renderer and loop are those of `liveavatar run`; `Frame.time`, which the program's own age is
made of, takes no part.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.suite import asking
from liveavatar import stages
from liveavatar.app.testcard import BITS, read_number, write_number
from liveavatar.base.timing import now, percentile
from liveavatar.bench import legs
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.types import AvatarFrame, Expression, Face, Frame

TICK = 1e-4
"""Seconds per step of the clock in the pixels."""
_STEPS = 2**BITS - 2  # black (0) and white (all ones) pictures carry no clock


def clock_at(seconds: float) -> int:
    """What to write into a picture at this time; repeats after 28 minutes."""
    return 1 + round(seconds / TICK) % _STEPS


def age_of(clock: int, seconds: float) -> float | None:
    """Seconds since this clock was written; None for a picture without one."""
    if not 1 <= clock <= _STEPS:
        return None
    return (seconds / TICK - (clock - 1)) % _STEPS * TICK


@dataclass(frozen=True)
class _ClockedFace(Face):
    clock: int = 0


@dataclass(frozen=True)
class _ClockedExpression(Expression):
    clock: int = 0


@dataclass
class _Camera(stages.Camera):
    inner: stages.Camera

    def __post_init__(self) -> None:
        self.size, self.fps = self.inner.size, self.inner.fps

    def __iter__(self) -> Iterator[Frame]:
        for frame in self.inner:
            image = frame.image.copy()
            write_number(image, clock_at(now()))
            yield replace(frame, image=image)

    def close(self) -> None:
        self.inner.close()


@dataclass
class _Tracker(stages.Tracker):
    inner: stages.Tracker

    def track(self, frame: Frame) -> Face | None:
        face = self.inner.track(frame)
        return face and _ClockedFace(**vars(face), clock=read_number(frame.image))

    def close(self) -> None:
        self.inner.close()


@dataclass
class _Retargeter(stages.Retargeter):
    inner: stages.Retargeter

    def retarget(self, face: Face | None, time: float) -> Expression:
        expression = self.inner.retarget(face, time)
        return _ClockedExpression(
            **vars(expression), clock=face.clock if isinstance(face, _ClockedFace) else 0
        )


@dataclass
class _Renderer(stages.Renderer):
    inner: stages.Renderer

    def __post_init__(self) -> None:
        self.size, self.provider = self.inner.size, self.inner.provider

    def render(self, expression: Expression) -> AvatarFrame:
        picture = self.inner.render(expression)
        image = picture.image.copy()
        write_number(image, expression.clock if isinstance(expression, _ClockedExpression) else 0)
        return replace(picture, source=image)

    def close(self) -> None:
        self.inner.close()


@dataclass
class Reader(stages.Output):
    """An output that reads the clock of every picture it is sent, after compositing it as the null output does."""

    at: list[float] = field(default_factory=list)
    """When each picture with a new clock was accepted, seconds."""
    by_pixels: list[float] = field(default_factory=list)
    """Its age by the clock in its pixels, seconds."""
    by_program: list[float] = field(default_factory=list)
    """Its age by the capture time that travels beside it, seconds."""

    def __post_init__(self) -> None:
        self._background: Background | None = None
        self._last = 0

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Composite, then read."""
        if self._background is None:
            self._background = Background(DEFAULT, frame.image.shape[1::-1])
        picture = self._background.composite(frame)
        accepted = now()
        clock = read_number(picture)
        age = age_of(clock, accepted)
        if age is not None and clock != self._last:
            self._last = clock
            self.at.append(accepted)
            self.by_pixels.append(age)
            self.by_program.append(accepted - frame.time)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class ClockedParts(legs.Parts):
    """The same parts with the clock in their pictures; the output is `reader`."""

    reader: Reader = field(default_factory=Reader)

    def webcam(self) -> stages.Camera:
        return _Camera(super().webcam())

    def tracker(self) -> stages.Tracker:
        return _Tracker(super().tracker())

    def retargeter(self) -> stages.Retargeter:
        return _Retargeter(super().retargeter())

    def renderer(self) -> stages.Renderer:
        return _Renderer(super().renderer())

    def output(self, fps: float = legs.FPS) -> Reader:
        return self.reader


def measure(parts: legs.Parts, seconds: float) -> dict[str, Any]:
    """Ages by both measures, how far they differ, and every single one for the picture."""
    clocked = ClockedParts(**vars(parts))
    result = legs.age(clocked, seconds)
    read = clocked.reader
    apart = [abs(a - b) for a, b in zip(read.by_pixels, read.by_program, strict=True)]
    return {
        **{name: result[name] for name in ("age_ms", "age_frames", "sent_fps", "drops", "repeated", "stalls")},
        "pixel_age_ms": {f"p{p}": round(1000 * percentile(read.by_pixels, p), 2) for p in (50, 95, 99)},
        "pixel_frames": len(read.by_pixels),
        "apart_ms": {
            "median": round(1000 * percentile(apart, 50), 3),
            "worst": round(1000 * max(apart, default=float("nan")), 3),
        },
        "at_s": [round(at - read.at[0], 3) for at in read.at],
        "pixel_ms": [round(1000 * age, 1) for age in read.by_pixels],
        "program_ms": [round(1000 * age, 1) for age in read.by_program],
    }  # fmt: skip


def main() -> None:
    """Prints both measures; the last line is JSON."""
    parser = asking.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    result = measure(asking.parts(asked), asked.seconds)
    for label, name in (("clock in the pixels", "pixel_age_ms"), ("the program's own", "age_ms")):
        print(f"{label:<20} {' / '.join(f'{v:.1f}' for v in result[name].values())} ms p50 / p95 / p99")
    print(
        f"apart                {result['apart_ms']['median']} ms median, {result['apart_ms']['worst']} worst"
    )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
