"""The one place where everything that moves an avatar comes together, between retargeter and renderer. Reads no clock.

What the face does, or idling where none is seen, lies at the bottom. Over it every other source writes controls, each with a
value and a weight, which hold for TTL seconds; then they fade, so a source that goes away leaves the avatar to what is below.
Hair, ears and body swing after what comes of all that, except where a source moves these themselves.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import CONTROLS, HEAD, RANGES
from liveavatar.retargeting.reactions import EMOTES, Reactions
from liveavatar.stages import Retargeter
from liveavatar.types import Expression, Face

TTL = 1.0
"""Seconds that what was written holds."""
MOST = 64
"""Sources at a time."""

CHANNELS: tuple[str, ...] = (*CONTROLS, "x", "y", "scale")
"""What can be written: every control, and the place of the head as Expression has it."""
CHANNEL: dict[str, int] = {name: i for i, name in enumerate(CHANNELS)}
_PLACE: dict[str, tuple[float, float]] = {"x": (-0.5, 0.5), "y": (-0.5, 0.5), "scale": (0.5, 2.0)}
_LOW, _HIGH = np.array([({**RANGES, **_PLACE})[name] for name in CHANNELS], np.float32).T
_SWINGS = np.array([name in ("hairX", "hairY", "ears") for name in CHANNELS])
"""What the retargeter's springs set, whatever it was before."""


def channels(expression: Expression) -> np.ndarray:
    """(len(CHANNELS),) float32: what an expression says of each channel."""
    place = np.array([expression.x, expression.y, expression.scale], np.float32)
    return np.concatenate([expression.controls, place])


class Layer(IntEnum):
    """Who lies over whom."""

    TRACKER = 0
    """Another tracker than the camera's."""
    MOUTH = 1
    """The mouth, from sound."""
    SET = 2
    """Other programs."""
    EMOTE = 3
    ADD = 4
    """Added to all that lies below."""


FADES: dict[Layer, tuple[float, float]] = {
    Layer.TRACKER: (0.4, 0.7),
    Layer.MOUTH: (0.03, 0.12),
    Layer.SET: (0.08, 0.35),
    Layer.EMOTE: (0.22, 0.22),
    Layer.ADD: (0.05, 0.35),
}
"""Seconds to ease in what was not there, and out what holds no more."""


class _Source:
    """What one source wrote: of each channel (len(CHANNELS),)."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.rise, self.fall = FADES[layer]
        self.value, self.weight, self.presence = np.zeros((3, len(CHANNELS)), np.float32)
        self.ttl = np.zeros(len(CHANNELS))
        """Of what was written since the last picture; 0 elsewhere."""
        self.until = np.full(len(CHANNELS), -np.inf)

    def put(self, which: np.ndarray, values: np.ndarray, weights: np.ndarray | float, ttl: float) -> None:
        self.value[which], self.weight[which], self.ttl[which] = values, weights, ttl

    def step(self, time: float, dt: float) -> bool:
        """To `time`, dt seconds after the last picture; False when nothing of it is left."""
        fresh = self.ttl > 0
        if fresh.any():
            self.until[fresh] = time + self.ttl[fresh]
            self.ttl[fresh] = 0
        holds = time < self.until
        change = np.where(holds, dt / self.rise, -dt / self.fall)
        self.presence = np.clip(self.presence + change, 0, 1).astype(np.float32)
        return bool(holds.any() or self.presence.any())

    def over(self, below: np.ndarray, where: np.ndarray) -> np.ndarray:
        """What is below with this over it, in some channels (a mask)."""
        share = smoothstep(self.presence) * where
        if self.layer is Layer.ADD:
            return below + share * self.value
        return below + share * self.weight * (self.value - below)


class Mixer(Retargeter):
    """A retargeter with other sources over what another one gives. write() and reactions may be used from any thread."""

    def __init__(self, retargeter: Retargeter) -> None:
        self._retargeter = retargeter
        self.reactions = Reactions()
        """Emotes and impulses."""
        self.latest: Expression | None = None
        """What was drawn last."""
        self._lock = threading.Lock()
        self._sources: dict[tuple[Layer, str], _Source] = {}
        """The lowest layer first."""
        self._emotes = {
            name: (np.array([CHANNEL[c] for c in held]), np.array(list(held.values()), np.float32))
            for name, held in EMOTES.items()
        }
        self._time: float | None = None
        self.limit_head({})

    def limit_head(self, head_range: Mapping[str, float]) -> None:
        """From now on no source turns the head beyond these, radians by control name; from any thread."""
        low, high = _LOW.copy(), _HIGH.copy()
        for name in HEAD:
            limit = min(RANGES[name][1], abs(float(head_range.get(name, np.inf))))
            low[CHANNEL[name]], high[CHANNEL[name]] = -limit, limit
        self._limits = low, high

    def write(
        self,
        layer: Layer,
        source: str,
        values: Mapping[str, float],
        weights: Mapping[str, float] | None = None,
        ttl: float = TTL,
    ) -> None:
        """From the next picture on, for `ttl` seconds, these values of CHANNELS; what the source wrote of others stays. Layer.ADD
        adds them. weights: 0..1 of the value against what is below; 1 where nothing is said.

        Raises KeyError for an unknown channel, ValueError for what is not finite, and for too many sources."""
        which = np.array([CHANNEL[name] for name in values], np.intp)
        numbers = np.array(list(values.values()), np.float32)
        shares = np.array([(weights or {}).get(name, 1.0) for name in values], np.float32).clip(0, 1)
        if not (np.isfinite(numbers).all() and np.isfinite(shares).all()):
            raise ValueError("a control is a finite number")
        with self._lock:
            if (layer, source) not in self._sources and len(self._sources) >= MOST:
                raise ValueError("too many sources")
            self._source(layer, source).put(which, numbers, shares, ttl)

    def clear(self, source: str) -> None:
        """What this source wrote holds no more, in any layer; it fades."""
        with self._lock:
            for (_, name), written in self._sources.items():
                if name == source:
                    written.ttl[:] = 0
                    written.until[:] = -np.inf

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self.finish(self.read(face, time))

    def read(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self._retargeter.read(face, time)

    def finish(self, expression: Expression) -> Expression:
        """See stages.Retargeter."""
        dt = 0.0 if self._time is None else max(expression.time - self._time, 0.0)
        self._time = expression.time
        emote, impulses = self.reactions.at(expression.time)
        with self._lock:
            if emote:
                self._source(Layer.EMOTE, emote).put(*self._emotes[emote], 1.0, np.inf)
            for (layer, name), source in list(self._sources.items()):
                if layer is Layer.EMOTE and name != emote:
                    source.until[:] = -np.inf
                if not source.step(expression.time, dt):
                    del self._sources[layer, name]
            mixed = self._mixed(expression, impulses, ~_SWINGS)
            finished = self._retargeter.finish(mixed)
            self.latest = self._mixed(finished, impulses, _SWINGS)
        return self.latest

    def _source(self, layer: Layer, name: str) -> _Source:
        if (layer, name) not in self._sources:
            self._sources[layer, name] = _Source(layer)
            self._sources = dict(sorted(self._sources.items(), key=lambda item: item[0][0]))
        return self._sources[layer, name]

    def _mixed(
        self, expression: Expression, impulses: list[dict[str, float]], where: np.ndarray
    ) -> Expression:
        """The expression with all sources over it, in some channels (a mask)."""
        sources = [s for s in self._sources.values() if s.presence[where].any()]
        if not sources and not impulses:
            return expression
        below = mixed = channels(expression)
        for source in sources:
            mixed = source.over(mixed, where)
        for move in impulses:
            for name, value in move.items():
                if where[CHANNEL[name]]:
                    mixed[CHANNEL[name]] += value
        low, high = self._limits
        mixed = np.clip(mixed, np.minimum(low, below), np.maximum(high, below))
        x, y, scale = mixed[len(CONTROLS) :].tolist()
        return replace(expression, controls=mixed[: len(CONTROLS)], x=x, y=y, scale=scale)
