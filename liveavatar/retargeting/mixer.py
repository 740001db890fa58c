"""The one place where everything that moves an avatar comes together, between retargeter and renderer. Reads no clock.

What the face does, or idling where none is seen, lies at the bottom. Over it every other source writes controls, each with a
value and a weight, which hold for TTL seconds; then they fade, so a source that goes away leaves the avatar to what is below.
Hair, ears and body swing after what comes of all that, except where a source moves these themselves.
"""

import threading
from collections.abc import Callable, Mapping
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
_LARGEST = 1e30
"""Below what a float32 can hold."""

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


class _Rows:
    """What all sources wrote, a row each, of each channel (rows, len(CHANNELS)); the lowest layer first.

    What is written waits in a dictionary until the next picture: programs write more often than is drawn, and many of them
    together cost a picture a few operations on all rows, not some for each."""

    def __init__(self) -> None:
        self.keys: list[tuple[Layer, str]] = []
        """Whose row it is."""
        self.fresh: dict[tuple[Layer, str], dict[int, tuple[float, float, float]]] = {}
        """Of each source, since the last picture: channel -> value, weight, seconds that it holds."""
        self._numbers = np.zeros((3, 0, len(CHANNELS)), np.float32)
        self._until = np.zeros((0, len(CHANNELS)))
        self._name()

    def _name(self) -> None:
        """Value, weight and how far each is eased in; seconds to ease in and out of each row; where the added ones begin."""
        self.value, self.weight, self.presence = self._numbers
        self._rise, self._fall = (
            np.array([FADES[layer] for layer, _ in self.keys]).reshape(-1, 2, 1).swapaxes(0, 1)
        )
        self._added = sum(layer is not Layer.ADD for layer, _ in self.keys)

    def _keep(self, keys: list[tuple[Layer, str]]) -> None:
        """These sources and no others, in the order of layers."""
        if keys == self.keys:
            return
        keys.sort(key=lambda key: key[0])
        old = [self.keys.index(key) if key in self.keys else -1 for key in keys]
        empty = np.zeros((3, 1, len(CHANNELS)), np.float32), np.full((1, len(CHANNELS)), -np.inf)
        self._numbers = np.concatenate([self._numbers, empty[0]], axis=1)[:, old]
        self._until = np.concatenate([self._until, empty[1]])[old]
        self.keys = keys
        self._name()

    def step(self, time: float, dt: float) -> None:
        """To `time`, dt seconds after the last picture. Who has nothing left is forgotten."""
        if not (self.keys or self.fresh):
            return
        if self.fresh:
            self._keep([*self.keys, *(key for key in self.fresh if key not in self.keys)])
            self._take(time)
        holds = time < self._until
        change = np.where(holds, dt / self._rise, -dt / self._fall)
        np.clip(self.presence + change, 0, 1, out=self.presence, casting="same_kind")
        left = np.flatnonzero(holds.any(axis=1) | self.presence.any(axis=1))
        if len(left) < len(self.keys):
            self._keep([self.keys[row] for row in left])

    def _take(self, time: float) -> None:
        places: list[tuple[int, int]] = []
        numbers: list[tuple[float, float, float]] = []
        for key, written in self.fresh.items():
            row = self.keys.index(key)
            places += [(row, channel) for channel in written]
            numbers += written.values()
        self.fresh = {}
        rows, columns = np.array(places).T
        self.value[rows, columns], self.weight[rows, columns], ttl = np.array(numbers).T
        self._until[rows, columns] = time + ttl

    def end(self, key: tuple[Layer, str]) -> None:
        """What this source wrote holds no more."""
        self.fresh.pop(key, None)
        if key in self.keys:
            self._until[self.keys.index(key)] = -np.inf

    def over(self, below: np.ndarray, where: np.ndarray) -> np.ndarray:
        """What is below, (len(CHANNELS),), with all of this over it, in some channels (a mask)."""
        shares = smoothstep(self.presence) * where
        mixed = below
        for share, value in zip((shares * self.weight)[: self._added], self.value, strict=False):
            mixed = mixed + share * (value - mixed)
        return mixed + (shares * self.value)[self._added :].sum(axis=0)


class Mixer(Retargeter):
    """A retargeter with other sources over what another one gives. write() and reactions may be used from any thread."""

    def __init__(self, retargeter: Retargeter) -> None:
        self._retargeter = retargeter
        self.reactions = Reactions()
        """Emotes and impulses."""
        self.latest: Expression | None = None
        """What was drawn last."""
        self.sources: list[Callable[[], None]] = []
        """Called before each picture, by the thread that draws: those write what is due by then."""
        self._lock = threading.Lock()
        self._rows = _Rows()
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
        fresh = {}
        for name, value in values.items():
            weight = 1.0 if weights is None else weights.get(name, 1.0)
            if not (abs(value) < _LARGEST and abs(weight) < _LARGEST):
                raise ValueError("a control is a finite number")
            fresh[CHANNEL[name]] = value, min(max(weight, 0.0), 1.0), ttl
        if not fresh:
            return
        rows, key = self._rows, (layer, source)
        with self._lock:
            if key not in rows.fresh and key not in rows.keys and len({*rows.keys, *rows.fresh}) >= MOST:
                raise ValueError("too many sources")
            rows.fresh.setdefault(key, {}).update(fresh)

    def clear(self, source: str) -> None:
        """What this source wrote holds no more, in any layer; it fades."""
        with self._lock:
            for key in [key for key in (*self._rows.keys, *self._rows.fresh) if key[1] == source]:
                self._rows.end(key)

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self.finish(self.read(face, time))

    def read(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return self._retargeter.read(face, time)

    def finish(self, expression: Expression) -> Expression:
        """See stages.Retargeter."""
        for write_due in list(self.sources):
            write_due()
        dt = 0.0 if self._time is None else max(expression.time - self._time, 0.0)
        self._time = expression.time
        emote, impulses = self.reactions.at(expression.time)
        with self._lock:
            for key in self._rows.keys:
                if key[0] is Layer.EMOTE and key[1] != emote:
                    self._rows.end(key)
            if emote:
                self._rows.fresh[Layer.EMOTE, emote] = {
                    CHANNEL[name]: (value, 1.0, np.inf) for name, value in EMOTES[emote].items()
                }
            self._rows.step(expression.time, dt)
            mixed = self._mixed(expression, impulses, ~_SWINGS)
            finished = self._retargeter.finish(mixed)
            self.latest = self._mixed(finished, impulses, _SWINGS)
        return self.latest

    def _mixed(
        self, expression: Expression, impulses: list[dict[str, float]], where: np.ndarray
    ) -> Expression:
        """The expression with all sources over it, in some channels (a mask)."""
        written = self._rows.presence[:, where].any()
        if not written and not impulses:
            return expression
        below = mixed = channels(expression)
        if written:
            mixed = self._rows.over(below, where)
        for move in impulses:
            for name, value in move.items():
                if where[CHANNEL[name]]:
                    mixed[CHANNEL[name]] += value
        low, high = self._limits
        mixed = np.clip(mixed, np.minimum(low, below), np.maximum(high, below))
        x, y, scale = mixed[len(CONTROLS) :].tolist()
        return replace(expression, controls=mixed[: len(CONTROLS)], x=x, y=y, scale=scale)
