"""Where the model is, and in what light, as VTube Studio says it: its window reaches from -1 to 1, up is more. Reads no clock."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from liveavatar.app.actions import Actions
from liveavatar.app.vts.protocol import Data, Refused, Wrong, number, text
from liveavatar.base.curves import smoothstep
from liveavatar.media.compositing import WHITE, ZOOM, Framing

ART_MESH = "avatar"
"""The one part that an avatar has, by which plugins tint it that want to be told a name."""
_ZOOMS = 50.0
"""Size of VTube Studio by which a model doubles; 0 is as large as fits."""


@dataclass(frozen=True)
class _Move:
    start: Framing
    end: Framing
    began: float
    seconds: float


def _matched(which: Data) -> bool:
    """Whether an artMeshMatcher finds the avatar."""

    def texts(key: str) -> list[str]:
        given = which.get(key)
        return [text(one).casefold() for one in given if text(one)] if isinstance(given, list) else []

    return (
        which.get("tintAll") is True
        or ART_MESH in texts("nameExact")
        or any(part in ART_MESH for part in texts("nameContains"))
    )


class Placement:
    """From any thread; what has to do with time is told it, in seconds."""

    def __init__(self, actions: Actions, size: tuple[int, int], outline: Callable[[], np.ndarray]) -> None:
        """size: of the output, (width, height) in pixels. outline: of what is shown there, see media/outline.py."""
        self._actions, self._size, self._outline = actions, size, outline
        self._lock = threading.Lock()
        self._move: _Move | None = None
        self._tinted = ""
        """The plugin that did."""

    def position(self) -> Data:
        """Where the avatar is, as VTube Studio says it."""
        framing = self._actions.frame()
        return {
            "positionX": round(2 * framing.x, 5),
            "positionY": round(-2 * framing.y, 5),
            "rotation": round(framing.rotation % 360, 3),
            "size": round(_ZOOMS * math.log2(framing.zoom), 3),
        }

    def move(self, data: Data, time: float) -> Data:
        """MoveModel's answer. A new move takes the place of one that goes on."""
        seconds = number(data, "timeInSeconds", Wrong.MOVE_FIELDS, 0.0)
        keys = ("positionX", "positionY", "rotation", "size")
        wanted = {key: number(data, key, Wrong.MOVE_FIELDS) for key in keys}
        limits = {"positionX": 1000, "positionY": 1000, "rotation": 360, "size": 100}
        for key, value in wanted.items():
            if value is not None and abs(value) > limits[key]:
                raise Refused(Wrong.MOVE_RANGE, f"{key} must be from {-limits[key]} to {limits[key]}.")
        if seconds is None or not 0 <= seconds <= 2:
            raise Refused(Wrong.MOVE_RANGE, "timeInSeconds must be from 0 to 2.")
        relative = data.get("valuesAreRelativeToModel") is True
        here = self.position()
        place = {
            key: float(here[key]) if value is None else value + (float(here[key]) if relative else 0.0)
            for key, value in wanted.items()
        }
        start = self._actions.frame()
        end = replace(
            start,
            x=min(max(place["positionX"] / 2, -1.0), 1.0),
            y=min(max(-place["positionY"] / 2, -1.0), 1.0),
            zoom=min(max(2 ** (place["size"] / _ZOOMS), ZOOM[0]), ZOOM[1]),
            rotation=place["rotation"],
        )
        with self._lock:
            self._move = _Move(start, end, time, seconds)
        self.step(time)
        return {}

    def step(self, time: float) -> bool:
        """Move on; whether anything moves."""
        with self._lock:
            move = self._move
            if move is None:
                return False
            share = smoothstep((time - move.began) / move.seconds) if move.seconds else 1.0
            if share >= 1:
                self._move = None
        a, b = move.start, move.end
        self._actions.frame(
            x=a.x + share * (b.x - a.x),
            y=a.y + share * (b.y - a.y),
            zoom=a.zoom * (b.zoom / a.zoom) ** share,
            rotation=a.rotation + share * (b.rotation - a.rotation) if share < 1 else b.rotation % 360,
        )
        return True

    def outline(self) -> Data | None:
        """ModelOutlineEvent's data without the model's name, as it is now; None where nothing is seen."""
        width, height = self._size
        hull = self._outline() * (2 / width, -2 / height) + (-1, 1)
        if not len(hull):
            return None
        points = [
            {"x": round(x, 5), "y": round(y, 5)} for x, y in [*hull.tolist(), hull.mean(axis=0).tolist()]
        ]
        return {
            "convexHull": points[:-1],
            "convexHullCenter": points[-1],
            "windowSize": {"x": width, "y": height},
        }

    def tint(self, plugin: str, data: Data) -> Data:
        """ColorTint's answer. An avatar is one picture, tinted as a whole."""
        colour, which = data.get("colorTint"), data.get("artMeshMatcher")
        if not isinstance(colour, dict) or not isinstance(which, dict):
            raise Refused(Wrong.TINT_FIELDS, "colorTint or artMeshMatcher is missing.")
        parts = [number(colour, f"color{part}", Wrong.TINT_COLOUR, -1.0) for part in "RGBA"]
        red, green, blue, alpha = (
            round(part) if part is not None and 0 <= part <= 255 else -1 for part in parts
        )
        if min(red, green, blue, alpha) < 0:
            raise Refused(Wrong.TINT_COLOUR, "colorR, colorG, colorB and colorA are numbers from 0 to 255.")
        if not _matched(which):
            return {"matchedArtMeshes": 0}
        self._actions.frame(tint=(red, green, blue, alpha))
        self._tinted = plugin
        return {"matchedArtMeshes": 1}

    def forget(self, plugin: str) -> None:
        """The plugin has gone: its tint is taken off."""
        if self._tinted == plugin:
            self._tinted = ""
            self._actions.frame(tint=WHITE)
