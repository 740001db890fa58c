"""How even is 60 fps of a camera's 30, and how old, by each way to show a moment: python -m benchmarks.suite.judder

A simulation without a clock: a head that turns to and fro, its pictures tracked in now 10, now 25 ms, stamped late or dropped;
the output's phase to the camera is each of four. What `liveavatar bench` says of the real line, this says of ways not taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from liveavatar.base.timing import PhaseLock
from liveavatar.bench.smoothness import FPS, HERTZ, STEP, TURN, judder
from liveavatar.controls import INDEX, vector
from liveavatar.live import interpolation
from liveavatar.live.interpolation import Interpolation, between
from liveavatar.types import Expression

CAMERA, OUTPUT = 1 / 30, 1 / FPS
PICTURES = 900
YAW = INDEX["headYaw"]


@dataclass(frozen=True)
class Weather:
    """How the camera's pictures come. All in seconds, but dropped, a share."""

    track: tuple[float, float]
    stamp: float = 0.0
    dropped: float = 0.0


WEATHER = {
    "even": Weather((0.012, 0.012)),
    "tracking takes 10 to 25 ms": Weather((0.010, 0.025)),
    "stamps up to 10 ms late": Weather((0.010, 0.013), stamp=0.010),
    "3 % dropped": Weather((0.010, 0.018), dropped=0.03),
}


class Repeated:
    """Shows the newest."""

    def __init__(self) -> None:
        self.kept: list[Expression] = []

    def add(self, expression: Expression) -> None:
        """See Interpolation."""
        self.kept = [*self.kept[-1:], expression]

    def at(self, time: float) -> Expression | None:
        """See Interpolation."""
        return self.kept[-1] if self.kept else None


class Extrapolated(Repeated):
    """Goes on from the last two in a straight line, so that nothing is late."""

    def at(self, time: float) -> Expression | None:
        """See Interpolation."""
        if len(self.kept) < 2:
            return None
        first, second = self.kept
        share = (time - first.time) / (second.time - first.time)
        angle = first.controls[YAW] + share * (second.controls[YAW] - first.controls[YAW])
        return replace(between(first, second, 0.5), controls=vector(headYaw=angle), time=time)


def covering(percent: float) -> Callable[[], Interpolation]:
    """Interpolation that waits for another share of the expressions than it does by itself."""

    class Covering(Interpolation):
        def at(self, time: float) -> Expression | None:
            usual, interpolation.COVERED = interpolation.COVERED, percent
            try:
                return super().at(time)
            finally:
                interpolation.COVERED = usual

    return Covering


WAYS: dict[str, Callable[[], Repeated | Interpolation]] = {
    "repeated": Repeated, "extrapolated": Extrapolated, "interpolated": Interpolation,
    "interpolated, 80 % covered": covering(80), "interpolated, all covered": covering(100),
}  # fmt: skip


def play(
    weather: Weather, way: Repeated | Interpolation, phase: float, seed: int = 0
) -> tuple[float, list[float]]:
    """Judder, and the ages in seconds of what is shown at the time it is drawn."""
    dice, lock = np.random.default_rng(seed), PhaseLock(OUTPUT)
    rest, ready = [], 0.0
    for k in range(PICTURES):
        stamped = k * CAMERA + weather.stamp * dice.random()
        if dice.random() >= weather.dropped:
            ready = max(stamped, ready) + dice.uniform(*weather.track)
            angle = TURN * np.sin(2 * np.pi * HERTZ * k * CAMERA)
            rest.append((ready, Expression(vector(headYaw=angle), stamped)))
    angles, ages, time = [], [], rest[0][0] + phase
    while rest:
        newest = None
        while rest and rest[0][0] <= time:
            newest = rest.pop(0)
        if newest is not None:
            way.add(newest[1])
            time += lock.ready(time - newest[0])
        if (shown := way.at(time)) is not None:
            angles.append(shown.controls[YAW])
            ages.append(time - shown.time)
        time += OUTPUT
    settled = round(2 * FPS)
    return judder(np.array(angles[settled:]), STEP), ages[settled:]


def main() -> None:
    """Print a table."""
    for name, weather in WEATHER.items():
        print(name)
        for label, way in WAYS.items():
            runs = [play(weather, way(), phase / 240, phase) for phase in range(4)]
            uneven = float(np.mean([value for value, _ in runs]))
            ages = 1000 * np.concatenate([ages for _, ages in runs])
            print(
                f"  {label:28} judder {uneven:.2f}  age {ages.mean():5.1f} ms, p95 {np.percentile(ages, 95):5.1f}"
            )


if __name__ == "__main__":
    main()
