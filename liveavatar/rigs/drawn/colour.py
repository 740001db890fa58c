"""Colours in OKLCH: every tone of a character is derived from a few bases.

A shadow is not the base with black in it: it is darker, more saturated and shifted in hue. Working in OKLCH
(Björn Ottosson's OKLab in polar form, https://bottosson.github.io/posts/oklab/) keeps those shifts even.
"""

from functools import lru_cache
from math import cos, radians, sin
from typing import NamedTuple


class Tone(NamedTuple):
    """A colour as lightness 0..1, chroma 0..0.4 and hue in degrees, with alpha 0..1."""

    light: float
    chroma: float
    hue: float
    alpha: float = 1.0

    def to(self, light: float = 0.0, chroma: float = 1.0, hue: float = 0.0) -> "Tone":
        """The tone moved by a lightness difference, a chroma factor and a hue difference in degrees."""
        return Tone(min(max(self.light + light, 0.0), 1.0), self.chroma * chroma, self.hue + hue, self.alpha)

    def faded(self, alpha: float) -> "Tone":
        """The tone with its alpha multiplied."""
        return Tone(self.light, self.chroma, self.hue, self.alpha * min(max(alpha, 0.0), 1.0))

    @property
    def argb(self) -> int:
        """0xAARRGGBB in sRGB, clipped to the gamut."""
        return _argb(self)


def mix(first: Tone, second: Tone, amount: float) -> Tone:
    """Between two tones; hues take the shorter way round."""
    turn = (second.hue - first.hue + 180.0) % 360.0 - 180.0
    return Tone(
        first.light + (second.light - first.light) * amount,
        first.chroma + (second.chroma - first.chroma) * amount,
        first.hue + turn * amount,
        first.alpha + (second.alpha - first.alpha) * amount,
    )


def warmed(tone: Tone, turn: float) -> float:
    """The turn of hue by which hair of a tone darkens: gold goes to orange, where other hair follows `turn`; degrees."""
    return turn * (1.0 - 3.2 * _gold(tone))


def golden(tone: Tone, turn: float) -> float:
    """The turn of hue by which hair of a tone lightens: gold stays gold, where other hair follows `turn`; degrees."""
    return turn * (1.0 - _gold(tone))


def _gold(tone: Tone) -> float:
    return max(1.0 - ((tone.hue % 360.0 - 97.0) / 44.0) ** 2, 0.0)


def skin_shadow(skin: Tone) -> Tone:
    """The tone of skin in the shade; the darker the skin, the less its shadow glows."""
    vivid = min(max((skin.light - 0.55) / 0.38, 0.25), 1.0)
    return skin.to(-0.115, hue=-16 * vivid)._replace(chroma=skin.chroma + 0.055 * vivid)


@lru_cache(maxsize=8192)
def _argb(tone: Tone) -> int:
    red, green, blue = _srgb(tone.light, tone.chroma, tone.hue)
    return (round(tone.alpha * 255) << 24) | (red << 16) | (green << 8) | blue


@lru_cache(maxsize=4096)
def _srgb(light: float, chroma: float, hue: float) -> tuple[int, int, int]:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return tuple(_encode(channel) for channel in linear)  # type: ignore[return-value]


def _encode(value: float) -> int:
    value = min(max(value, 0.0), 1.0)
    value = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(value * 255)
