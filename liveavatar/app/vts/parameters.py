"""VTube Studio's parameters, and what each of them moves of an avatar. Reads no clock.

A parameter says `slope * (value - rest)` of each control it moves; what several say of one control is summed.
"""

import contextlib
import re
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from liveavatar.app.vts.protocol import Data, Refused, Wrong, number, text
from liveavatar.controls import CONTROLS, RANGES, VOWELS, both
from liveavatar.retargeting.mixer import CHANNEL, TTL, Layer, Mixer, channels

OWN = "VTube Studio"
"""Who added the parameters that are always there, as plugins expect it."""
MOST_OWN, MOST = 100, 300
"""Custom parameters of one plugin, and of all."""
LARGEST = 1e6
_NAME = re.compile(r"[A-Za-z0-9_]{4,32}")
"""The documents speak of letters and digits alone; heart-rate plugins have underscores."""
_DEGREE = float(np.pi / 180)
_OPEN = 0.55
"""EyeOpen of a relaxed eye."""


@dataclass(frozen=True)
class Parameter:
    """One that can be read and written."""

    name: str
    low: float
    high: float
    slopes: Mapping[str, float] = field(default_factory=dict)
    """Channel of the mixer -> how much of it one unit is."""
    rest: float = 0.0
    """The value at which an avatar is at rest."""
    default: float = 0.0
    """What VTube Studio gives as its default."""
    owner: str = ""
    """The plugin that made it; empty for those that are always there."""
    explanation: str = ""

    def read(self, shown: np.ndarray) -> float:
        """Its value in what is shown, (len(CHANNELS),)."""
        up: list[float] = []
        down: list[float] = []
        for channel, slope in self.slopes.items():
            value = float(shown[CHANNEL[channel]])
            (up if slope > 0 else down).append((value - _AT_REST.get(channel, 0.0)) / abs(slope))
        value = self.rest + (sum(up) / len(up) if up else 0.0) - (sum(down) / len(down) if down else 0.0)
        return min(max(value, self.low), self.high)


_AT_REST = {"scale": 1.0}


def _hands() -> list[Parameter]:
    """They are not tracked: always 0."""
    found = [Parameter(name, 0, 1) for name in ("HandLeftFound", "HandRightFound", "BothHandsFound")]
    found.append(Parameter("HandDistance", 0, 10))
    for side in ("Left", "Right"):
        found += [
            Parameter(f"Hand{side}Position{a}", low, 10) for a, low in (("X", 0), ("Y", -10), ("Z", -10))
        ]
    for side in ("Left", "Right"):
        found += [Parameter(f"Hand{side}Angle{axis}", -180, 180) for axis in "XZ"]
    found += [Parameter(f"Hand{side}Open", 0, 1) for side in ("Left", "Right")]
    fingers = ("1_Thumb", "2_Index", "3_Middle", "4_Ring", "5_Pinky")
    found += [
        Parameter(f"Hand{side}Finger_{finger}", 0, 1) for side in ("Left", "Right") for finger in fingers
    ]
    return found


_SMILE = {**both(mouthSmile=2.0, mouthFrown=-2.0)}
_DEFAULTS = (
    Parameter("FacePositionX", -15, 15, {"x": 1 / 60}),
    Parameter("FacePositionY", -15, 15, {"y": -1 / 60}),
    Parameter("FacePositionZ", -10, 10, {"scale": 0.02}),
    Parameter("FaceAngleX", -30, 30, {"headYaw": _DEGREE}),
    Parameter("FaceAngleY", -30, 30, {"headPitch": _DEGREE}),
    Parameter("FaceAngleZ", -90, 90, {"headRoll": _DEGREE}),
    Parameter("MouthSmile", 0, 1, _SMILE, 0.5),
    Parameter("MouthOpen", 0, 1, {"jawOpen": 1.0}),
    Parameter("Brows", 0, 1, {**both(browOuterUp=2.0, browDown=-2.0), "browInnerUp": 2.0}, 0.5),
    Parameter("TongueOut", 0, 1, {"tongueOut": 1.0}),
    Parameter("CheekPuff", 0, 1, {"cheekPuff": 1.0}),
    Parameter("FaceAngry", 0, 1, both(browDown=1.0, noseSneer=0.6)),
    Parameter("BrowLeftY", 0, 1, {"browOuterUpLeft": 2.0, "browInnerUp": 1.0, "browDownLeft": -2.0}, 0.5),
    Parameter("BrowRightY", 0, 1, {"browOuterUpRight": 2.0, "browInnerUp": 1.0, "browDownRight": -2.0}, 0.5),
    Parameter("EyeOpenLeft", 0, 1, {"eyeWideLeft": 1 / (1 - _OPEN), "eyeBlinkLeft": -1 / _OPEN}, _OPEN),
    Parameter("EyeOpenRight", 0, 1, {"eyeWideRight": 1 / (1 - _OPEN), "eyeBlinkRight": -1 / _OPEN}, _OPEN),
    Parameter("EyeLeftX", -1, 1, {"eyeLookOutLeft": 1.0, "eyeLookInLeft": -1.0}),
    Parameter("EyeLeftY", -1, 1, {"eyeLookUpLeft": 1.0, "eyeLookDownLeft": -1.0}),
    Parameter("EyeRightX", -1, 1, {"eyeLookInRight": 1.0, "eyeLookOutRight": -1.0}),
    Parameter("EyeRightY", -1, 1, {"eyeLookUpRight": 1.0, "eyeLookDownRight": -1.0}),
    Parameter("MousePositionX", -1, 1),
    Parameter("MousePositionY", -1, 1),
    Parameter("VoiceVolume", 0, 1, {"jawOpen": 1.0}),
    Parameter("VoiceFrequency", 0, 1),
    Parameter("VoiceVolumePlusMouthOpen", 0, 1, {"jawOpen": 1.0}),
    Parameter("VoiceFrequencyPlusMouthSmile", 0, 1, _SMILE, 0.5),
    Parameter("MouthX", -1, 1, {"mouthLeft": 1.0, "mouthRight": -1.0}),
    *_hands(),
    *(Parameter(f"Voice{vowel.upper()}", 0, 1, mouth) for vowel, mouth in VOWELS.items()),
    Parameter("VoiceSilence", 0, 1),
)
DEFAULTS: dict[str, Parameter] = {parameter.name: parameter for parameter in _DEFAULTS}
"""In VTube Studio's order: some plugins index them by position."""
_UNHEARD = {name for name in DEFAULTS if name.startswith("Voice") and "Plus" not in name}
"""There is no microphone to read them from: 0 unless a plugin writes them."""
_EYES = {"EyeLeftX": "EyeRightX", "EyeLeftY": "EyeRightY"}
_BY_LOWER_NAME = {name.lower(): name for name in CONTROLS}


class Parameters:
    """All of them, for all plugins. From any thread."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._lock = threading.Lock()
        self._custom: dict[str, Parameter] = {}
        self._written: dict[str, tuple[str, float, float]] = {}
        """Name -> the plugin that set it, the value, the time when that ends."""
        self.changed = False
        """Custom ones were made, changed or removed since made() was asked."""

    def restore(self, made: Iterable[tuple[str, Data]], plugins: Collection[str]) -> None:
        """Make those of an earlier run again, where their plugin is one of these. made: as made() gave it, from a file."""
        for plugin, data in made:
            if plugin in plugins:
                with contextlib.suppress(Refused):
                    self.create(plugin, data)
        self.changed = False

    def made(self) -> list[tuple[str, Data]]:
        """(plugin, data as for create()) of all custom ones."""
        with self._lock:
            self.changed = False
            return [
                (p.owner, {"parameterName": p.name, "explanation": p.explanation,
                           "min": p.low, "max": p.high, "defaultValue": p.default})
                for p in self._custom.values()
            ]  # fmt: skip

    def forget(self, plugin: str) -> None:
        """Remove all of a plugin that is allowed no more."""
        with self._lock:
            for name in [p.name for p in self._custom.values() if p.owner == plugin]:
                del self._custom[name]
                self._written.pop(name, None)
                self.changed = True

    def create(self, plugin: str, data: Data) -> str:
        """Make a parameter, or make the plugin's own anew; its name. One that is called like a control of the avatar moves it.
        Raises Refused."""
        name, explanation = text(data.get("parameterName")), text(data.get("explanation"))
        if _NAME.fullmatch(name) is None:
            raise Refused(
                Wrong.PARAMETER_NAME, "A parameter's name has 4 to 32 letters, digits and underscores."
            )
        if len(explanation) >= 256:
            raise Refused(Wrong.PARAMETER_TEXT, "An explanation has less than 256 characters.")
        keys = ("min", "max", "defaultValue")
        low, high, default = (number(data, key, Wrong.PARAMETER_VALUES) for key in keys)
        if low is None or high is None or default is None or max(map(abs, (low, high, default))) > LARGEST:
            raise Refused(
                Wrong.PARAMETER_VALUES, "min, max and defaultValue are numbers from -1000000 to 1000000."
            )
        if name in DEFAULTS:
            raise Refused(Wrong.PARAMETER_DEFAULT, f"{name} is a parameter that is always there.")
        control = _BY_LOWER_NAME.get(name.lower())
        slopes = {} if control is None else {control: 1.0}
        made = Parameter(name, min(low, high), max(low, high), slopes, 0.0, default, plugin, explanation)
        with self._lock:
            before = self._custom.get(name)
            if before is not None and before.owner != plugin:
                raise Refused(Wrong.PARAMETER_OTHERS, f"{name} belongs to another plugin.")
            own = sum(parameter.owner == plugin for parameter in self._custom.values())
            if before is None and own >= MOST_OWN:
                raise Refused(Wrong.PARAMETERS_TOO_MANY, f"A plugin has at most {MOST_OWN} parameters.")
            if before is None and len(self._custom) >= MOST:
                raise Refused(Wrong.PARAMETERS_ALL_TOO_MANY, f"There are {MOST} parameters already.")
            self._custom[name] = made
            self.changed |= made != before
        return name

    def delete(self, plugin: str, data: Data) -> str:
        """Remove one of the plugin's own; its name. Raises Refused."""
        name = text(data.get("parameterName"))
        if not name:
            raise Refused(Wrong.DELETE_NAME, "parameterName is missing.")
        if name in DEFAULTS:
            raise Refused(Wrong.DELETE_DEFAULT, f"{name} is a parameter that is always there.")
        with self._lock:
            if name not in self._custom:
                raise Refused(Wrong.DELETE_UNKNOWN, f"There is no parameter {name[:40]!r}.")
            if self._custom[name].owner != plugin:
                raise Refused(Wrong.DELETE_OTHERS, f"{name} belongs to another plugin.")
            del self._custom[name]
            self._written.pop(name, None)
            self.changed = True
        return name

    def inject(self, plugin: str, data: Data, time: float) -> None:
        """What the plugin says of parameters, into the mixer: all or nothing. time: seconds, as in value(). Raises Refused."""
        mode = text(data.get("mode")).lower() or "set"
        if mode not in ("set", "add"):
            raise Refused(Wrong.INJECT_MODE, 'mode is "set" or "add".')
        given = data.get("parameterValues")
        if not isinstance(given, list) or not given:
            raise Refused(Wrong.INJECT_NOTHING, "parameterValues is missing or empty.")
        with self._lock:
            values, weights = {}, {}
            for one in given:
                parameter, value, weight = self._checked(one)
                values[parameter.name], weights[parameter.name] = (parameter, value), weight
                owner, _, until = self._written.get(parameter.name, (plugin, 0.0, 0.0))
                if mode == "set" and owner != plugin and time < until:
                    raise Refused(Wrong.INJECT_TAKEN, f"{parameter.name} is set by another plugin.")
            if mode == "set":
                for name, (_, value) in values.items():
                    self._written[name] = plugin, value, time + TTL
        for one, other in (*_EYES.items(), *((b, a) for a, b in _EYES.items())):
            if one in values and other not in values:  # most models take one eye's for both
                values[other], weights[other] = (DEFAULTS[other], values[one][1]), weights[one]
        try:
            if mode == "add":
                added = _sums((parameter.slopes, value) for parameter, value in values.values())
                self._mixer.write(Layer.ADD, plugin, added)
                return
            shares: dict[str, float] = {}
            for name, (parameter, _) in values.items():
                for channel in parameter.slopes:
                    shares[channel] = max(shares.get(channel, 0.0), weights[name])
            held = _sums((p.slopes, value - p.rest) for p, value in values.values())
            self._mixer.write(Layer.SET, plugin, {c: _clipped(c, v) for c, v in held.items()}, shares)
        except ValueError as error:
            raise Refused(Wrong.INTERNAL, "Too many plugins write at a time.") from error

    def _checked(self, one: object) -> tuple[Parameter, float, float]:
        if not isinstance(one, dict):
            raise Refused(Wrong.INJECT_NOTHING, "parameterValues holds objects with id and value.")
        parameter = self._find(text(one.get("id")))
        if parameter is None:
            raise Refused(Wrong.INJECT_UNKNOWN, f"There is no parameter {text(one.get('id'))[:40]!r}.")
        value, weight = (
            number(one, "value", Wrong.INJECT_VALUE),
            number(one, "weight", Wrong.INJECT_WEIGHT, 1.0),
        )
        if value is None or abs(value) > LARGEST:
            raise Refused(
                Wrong.INJECT_VALUE, f"{parameter.name}: value is a number from -1000000 to 1000000."
            )
        if weight is None or not 0 <= weight <= 1:
            raise Refused(Wrong.INJECT_WEIGHT, f"{parameter.name}: weight is a number from 0 to 1.")
        return parameter, value, weight

    def _find(self, name: str) -> Parameter | None:
        if (found := DEFAULTS.get(name) or self._custom.get(name)) is not None:
            return found
        control = _BY_LOWER_NAME.get(name.lower())  # ARKit's names go without being created
        return None if control is None else Parameter(control, *RANGES[control], {control: 1.0})

    def value(self, data: Data, time: float) -> Data:
        """One as it is at the moment. Raises Refused."""
        name = text(data.get("name"))
        with self._lock:
            parameter = self._find(name)
            if parameter is None:
                raise Refused(Wrong.VALUE_UNKNOWN, f"There is no parameter {name[:40]!r}.")
            return self._told(parameter, time)

    def listed(self, time: float) -> Data:
        """All: {"customParameters", "defaultParameters"}."""
        with self._lock:
            custom = [self._told(parameter, time) for parameter in self._custom.values()]
            return {
                "customParameters": custom,
                "defaultParameters": [self._told(p, time) for p in DEFAULTS.values()],
            }

    def _told(self, parameter: Parameter, time: float) -> Data:
        _, written, until = self._written.get(parameter.name, ("", 0.0, -np.inf))
        shown = self._mixer.latest
        if time < until:
            value = written
        elif parameter.slopes and shown is not None and parameter.name not in _UNHEARD:
            value = parameter.read(channels(shown))
        else:
            value = parameter.default
        return {
            "name": parameter.name,
            "addedBy": parameter.owner.partition("\n")[0] or OWN,
            "value": round(value, 5),
            "min": parameter.low,
            "max": parameter.high,
            "defaultValue": parameter.default,
        }


def _sums(parts: Iterable[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Channel -> the sum of slope times value, of (slopes, value)."""
    total: dict[str, float] = {}
    for slopes, value in parts:
        for channel, slope in slopes.items():
            total[channel] = total.get(channel, 0.0) + slope * value
    return total


def _clipped(channel: str, value: float) -> float:
    """What a channel can be at that distance from its rest."""
    low, high = RANGES.get(channel, (-LARGEST, LARGEST))
    return min(max(_AT_REST.get(channel, 0.0) + value, low), high)
