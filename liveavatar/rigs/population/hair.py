"""The hair of a character: a haircut, a fringe and a crown that go together, as numbers."""

from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.identity import GroupedHair, Identity
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.haircrown import ahoge, cap, ring, seams, strays, tufts
from liveavatar.rigs.population.haircuts import HAIRCUTS, Haircut
from liveavatar.rigs.population.hairfall import gathered
from liveavatar.rigs.population.hairfringe import Fringe, combed_back, fringe_piece, quiff, vary
from liveavatar.rigs.population.hairlocks import Piece, Random, Skull, join, pick
from liveavatar.rigs.population.hairtails import crown_plait

_EARED = ("cat", "fox", "rabbit", "wolf", "demon", "dragon")
"""Species with something on the crown."""


_SHORN = ("buzz", "bald")
_PLAITED = ("fantasy", "traditional", "formal")


def hair(record: Identity, who: Cast, random: Random) -> Identity:
    """Give a character hair."""
    return dressed(record, who, random, choose(random, who))


def dressed(record: Identity, who: Cast, random: Random, name: str) -> Identity:
    """Give a character a haircut by name."""
    if name in _SHORN:
        record = _stubbled(record)
    chosen = HAIRCUTS[name]
    kind = str(random.choice(chosen.fringes))
    mirror = bool(random.random() < 0.5)
    fringe = None
    if kind not in ("back", "quiff", "none"):
        towards = str(random.choice(chosen.fringes))
        fringe = vary(random, kind, towards if towards not in ("back", "quiff", "none") else None, mirror)
    part = fringe.aside[0] if fringe else pick(random, -60, 60)
    skull = _skull(record, who, random, part, name)
    pieces = [chosen.build(random, who, skull)]
    bare = {"bald": 1.0, "buzz": pick(random, 0.12, 0.34)}.get(name, 0.0)
    if bare:
        pieces = [Piece(back=tuple(replace(mass, bare=bare) for mass in gathered(skull).back[1:]))]
    if fringe:
        streaked = random.random() < 0.08 + 0.14 * who.energy
        pieces.append(fringe_piece(random, fringe, skull, pick(random, 9, 20) if streaked else 0.0))
    elif kind == "back":
        pieces.append(combed_back(random, skull, 15, pick(random, 0, 16)))
    elif kind == "quiff":
        pieces.append(quiff(random, skull, -1.0 if mirror else 1.0, pick(random, 24, 70)))
    pieces += _crown(random, who, skull, chosen)
    whole = join(pieces)
    open_face = fringe is None or fringe.forehead
    shiny = bare == 0.0 and chosen.tufts < 0.5 and kind != "back" and random.random() < 0.6
    gloss = pick(random, 0.35, 1.1)
    result = GroupedHair(
        back=whole.back,
        front=tuple(
            replace(mass, gloss=mass.gloss * gloss)
            for mass in (*whole.under, *whole.sides, *whole.fringe, *whole.over)
        ),
        cap=cap(skull, chosen.ears, _peak(random, kind, fringe)),
        seams=seams(random, skull) if fringe and chosen.tufts < 0.7 else (),
        ring=ring(random, skull, pick(random, 0.2, 1.0), pick(random, -196, -120)) if shiny else (),
        shine=pick(random, 0.3, 0.75),
        bare=bare,
    )
    face = replace(
        record.face, forehead=record.face.forehead or open_face, ears=record.face.ears and chosen.ears
    )
    return replace(record, hair=result, face=face)


def _stubbled(record: Identity) -> Identity:
    """The record with hair dark enough for its stubble to be seen on the skin."""
    hair, seen = record.palette.hair, record.palette.skin.light - 0.34
    if hair.light <= max(seen, 0.3):
        return record
    dark = hair._replace(light=max(seen, 0.3), chroma=0.8 * hair.chroma)
    return replace(record, palette=replace(record.palette, hair=dark, tips=dark))


def choose(random: Random, who: Cast) -> str:
    """A haircut that fits who wears it."""
    names = list(HAIRCUTS)
    weights = np.array([_fit(HAIRCUTS[name], who) for name in names])
    return names[int(random.choice(len(names), p=weights / weights.sum()))]


def _fit(cut: Haircut, who: Cast) -> float:
    low, high = cut.feminine
    outside = max(low - who.femininity, who.femininity - high, 0.0)
    fit = cut.weight * float(np.exp(-((outside / 0.10) ** 2)))
    if cut.crown and who.species in _EARED:
        fit *= 0.12
    return fit * (2.2 if who.genre in cut.genres else 1.0)


def _skull(record: Identity, who: Cast, random: Random, part: float, name: str) -> Skull:
    face = record.face
    temple = max(x for x, y, _ in face.jaw if -60.0 <= y <= 110.0)
    volume = float(np.clip(0.25 + 0.4 * who.energy + random.normal(0, 0.18), 0.0, 1.0))
    tight = {"slick": 0.2, "buzz": 0.0, "bald": 0.0, "afro": 0.2}.get(name)
    if tight is not None:
        volume *= tight
    lashes = face.eye_y + face.eye_scale * min(v for _, v in face.eye.upper)
    return Skull(
        part=part,
        half=temple + 32.0 + 26.0 * volume,
        top=-280.0 - 24.0 * volume,
        temple=temple,
        eye=lashes,
    )


def _peak(random: Random, kind: str, fringe: Fringe | None) -> float:
    """How far the hairline comes down at the parting, negative where it opens."""
    if fringe is not None and fringe.gap:
        return -50.0 - 0.25 * fringe.gap
    return pick(random, 0, 14) if kind == "back" else 0.0


def _crown(random: Random, who: Cast, skull: Skull, chosen: Haircut) -> list[Piece]:
    pieces = []
    amount = chosen.tufts * (0.5 + 0.7 * who.energy)
    if amount > 0.2:
        pieces.append(tufts(random, skull, amount, 22.0 + 46.0 * amount))
    if chosen.tufts > 0.0:
        pieces.append(strays(random, skull, int(random.integers(1, 5))))
        if not chosen.ears and who.genre in _PLAITED and random.random() < 0.35 * who.femininity:
            pieces.append(crown_plait(random, skull, pick(random, 22, 32)))
        elif random.random() < 0.16 + 0.3 * who.energy - 0.2 * who.age:
            pieces.append(ahoge(random, skull, pick(random, 44, 96)))
    return pieces
