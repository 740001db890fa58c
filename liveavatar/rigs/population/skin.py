"""Skin from very light to very dark, the tones that follow it, and make-up."""

from dataclasses import replace
from typing import Any

import numpy as np

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.mixing import along

STRANGE = ("demon", "dragon", "spirit")
"""Species whose skin may be no human's."""
_DEPTH = (0.0, 0.14, 0.3, 0.46, 0.62, 0.8, 1.0)
_LIGHT = (0.962, 0.94, 0.895, 0.815, 0.715, 0.605, 0.47)
_CHROMA = (0.017, 0.034, 0.053, 0.074, 0.085, 0.082, 0.062)
_HUE = (48.0, 58.0, 64.0, 62.0, 57.0, 52.0, 47.0)


def skin(who: Cast, random: np.random.Generator) -> Tone:
    """A skin tone; that of a few demons, dragons and spirits is not a human's."""
    depth = float(random.choice([random.beta(1.2, 5.5), random.uniform(0.3, 1.0)], p=[0.77, 0.23]))
    tone = human_skin(depth, random.normal(0, 3.5))
    if who.species in STRANGE and random.random() < 0.3:
        hue = random.choice([155.0, 215.0, 262.0, 305.0])
        return Tone(float(random.uniform(0.8, 0.93)), float(random.uniform(0.03, 0.055)), float(hue))
    return tone


def human_skin(depth: float, undertone: float = 0.0) -> Tone:
    """From porcelain, 0, to very dark, 1; undertone in degrees of hue, > 0 yellow."""
    return Tone(
        along(depth, _DEPTH, _LIGHT), along(depth, _DEPTH, _CHROMA), along(depth, _DEPTH, _HUE) + undertone
    )


def with_human_chroma(tone: Tone) -> Tone:
    """The tone with a chroma that people's skin has at its lightness: neither ashen nor orange."""
    own = along(-tone.light, tuple(-light for light in _LIGHT), _CHROMA)
    return tone._replace(chroma=min(max(tone.chroma, 0.8 * own), 1.3 * own))


def with_skin(face: FaceShape, skin: Tone, who: Cast, random: np.random.Generator) -> FaceShape:
    """The face with lines, lips, blush and creases that go with a skin."""
    dark = max(0.93 - skin.light, 0.0)
    warm = 0.5 if 100.0 < skin.hue % 360 < 330.0 else 1.0
    line = mix(Tone(0.51 - 0.56 * dark, 0.11 - 0.13 * dark, 28), skin.to(-0.4, 1.6), 1 - warm)
    rosy = mix(
        Tone(0.79 - 0.68 * dark, 0.125 - 0.05 * dark, random.uniform(8, 36)), skin.to(-0.1, 2.0), 1 - warm
    )
    lip_line = mix(Tone(0.46 - 0.52 * dark, 0.13 - 0.14 * dark, 18), line, 1 - warm)
    natural = Tone(0.735 - 0.55 * dark, 0.12 - 0.07 * dark, random.uniform(12, 26))
    mouth = replace(
        face.mouth,
        line=lip_line,
        pout=natural.to(0.02),
        crease=mix(skin.to(-0.2, 1.4, -14), line, 0.25),
        **_lips(natural, dark, who, random),
    )
    return replace(face, line=line, blush_tone=rosy, mouth=mouth)


def _lips(natural: Tone, dark: float, who: Cast, random: np.random.Generator) -> dict[str, Any]:
    """Lips that are always seen: of grown women mostly, of dark skins, of some others."""
    chance = 0.05 + 1.1 * who.femininity * max(who.age - 0.35, 0.0) + 0.5 * min(dark / 0.3, 1.0) * who.age
    if random.random() > chance:
        tint = max(random.uniform(-0.25, 0.2) + 0.55 * who.femininity * min(who.age + 0.3, 1.0), 0.0)
        return {"tint": tint if tint > 0.1 else 0.0, "full": (0.55, 0.7), "relief": 0.6 * tint}
    painted = random.random() < 0.6 * who.femininity
    hue = random.uniform(2, 30)
    strong = who.genre in ("gothic", "idol", "formal", "traditional") and painted
    if strong:
        tone = Tone(random.uniform(0.4, 0.56) - 0.3 * dark, random.uniform(0.13, 0.17), hue)
    elif painted:
        tone = natural.to(-0.05, 1.25)._replace(hue=hue)
    else:
        tone = natural.to(0.015, 0.92)
    full = random.uniform(0.7, 1.15) + 0.35 * min(dark / 0.3, 1.0)
    return {
        "lip": tone,
        "full": (full * random.uniform(0.75, 1.0), full),
        "relief": random.uniform(0.3, 1.0) if painted else random.uniform(0.1, 0.5),
    }


def with_make_up(face: FaceShape, skin: Tone, who: Cast, random: np.random.Generator) -> FaceShape:
    """Colour round the eyes, and the ends of the lashes."""
    dark = max(0.93 - skin.light, 0.0)
    rosy = Tone(0.68 - 0.7 * dark, 0.13, random.uniform(5, 35))
    bold = random.random() < who.femininity * (
        0.35 if who.genre in ("gothic", "idol", "traditional") else 0.12
    )
    own = {"gothic": 320.0, "traditional": 22.0, "idol": random.uniform(330, 400), "future": 210.0}
    colour = Tone(0.5 - 0.3 * dark, 0.15, own.get(who.genre, random.uniform(0, 60)))
    lid = colour.faded(random.uniform(0.3, 0.6)) if bold else rosy.faded(random.uniform(0.05, 0.3))
    bag = rosy.faded(random.uniform(0.1, 0.35)) if random.random() < 0.3 + 0.4 * who.femininity else None
    lash = Tone(random.uniform(0.2, 0.28), random.uniform(0.03, 0.08), random.choice([25, 45, 290, 320, 350]))
    end = Tone(lash.light + random.uniform(0.05, 0.22), random.uniform(0.07, 0.15), random.uniform(-10, 35))
    if bold:
        end = colour.to(0.02)
    odd = who.species in ("demon", "spirit") and random.random() < 0.16
    return replace(
        face,
        white_tone=Tone(random.uniform(0.16, 0.3), 0.03, random.uniform(280, 380)) if odd else None,
        lid_tone=lid,
        bag_tone=bag,
        lash_tone=lash,
        lash_end=end.to(-0.5 * dark),
        lash_tint=float(random.choice([0.0, random.uniform(0.1, 0.5)])),
    )
