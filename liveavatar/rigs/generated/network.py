"""The trained generator: noise and a cast in, the code of a character out. Numpy alone; training/identity made its file."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from liveavatar.base.files import Unreadable, asset, read_whole
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.generated.code import SHARES, Code, decode, first_guess
from liveavatar.rigs.generated.luck import Luck, lots, shares, stream
from liveavatar.rigs.generated.numbers import PARTS, leaves, measure, rebuild
from liveavatar.rigs.generated.scale import Scale
from liveavatar.rigs.population.cast import GENRES, SPECIES, Cast, cast
from liveavatar.rigs.population.draws import replay
from liveavatar.rigs.population.haircuts import HAIRCUTS
from liveavatar.rigs.population.outfits import build, fitting
from liveavatar.rigs.population.palettes import settled
from liveavatar.rigs.population.skin import STRANGE, with_human_chroma
from liveavatar.rigs.population.styles import STYLES

FILE = "identity-gan.npz"
_LARGEST = 16_000_000
"""Bytes of a file."""
NOISE = {"choice": 16, "face": 64, "colour": 48, "style": 12, "body": 12}
"""Numbers of noise of each network."""
SPREAD = {part: 1.3 if part == "colour" else 1.0 for part in NOISE}
"""Of the noise, beside that of the training: palettes a little more apart than the moving average makes them."""
STYLED = ("style", "colour")
"""Parts that know in which style a character is drawn."""

_LUCK = {
    "cast": 8,
    "build": 12,
    **{f"lot.{kind}": 64 for kind in ("style", "haircut", "garment")},
    **{f"noise.{part}": count for part, count in NOISE.items()},
    **{f"share.{grammar}": count for grammar, count in SHARES.items()},
}
"""What chance decides, and how many numbers each takes at most."""

_SCALE = ("mean", "basis", "tones", "hues", "found", "meant")


def describe(who: Cast) -> np.ndarray:
    """A cast as a condition, (23,)."""
    sizes = [2 * x - 1 for x in (who.femininity, who.age, who.energy)]
    genre, species = (
        [float(kind == own) for kind in kinds] for kinds, own in ((GENRES, who.genre), (SPECIES, who.species))
    )
    return np.array([*sizes, *genre, *species])


@dataclass(frozen=True)
class Generator:
    """Networks and scales by part, and what their outputs are."""

    layers: dict[str, list[tuple[np.ndarray, np.ndarray]]]
    scales: dict[str, Scale]
    columns: dict[str, list[str]]
    """By part, the names of its numbers, then those of its bits."""
    kinds: dict[str, list[str]]
    """Names of styles, haircuts and garments."""

    def code(
        self,
        who: Cast,
        luck: Luck,
        named: Mapping[str, str] | None = None,
        shaped: Cast | None = None,
        labels: Mapping[str, np.ndarray] | None = None,
    ) -> Code:
        """A character of a cast. Style, haircut and garment are as named, or drawn; face and body are those of `shaped`, if
        given; labels: by part of STYLED, weights of the styles, (styles,), instead of the named one's."""
        names = {**self.choices(who, luck), **(named or {})}
        if labels is None:
            labels = dict.fromkeys(STYLED, self.label(names["style"]))
        parts = {key: shares(luck[f"share.{key}"]) for key in SHARES}
        guess = replace(
            first_guess(who, parts), build=build(shaped or who, replay(shares(luck["build"]).tolist()))
        )
        numbers, bits = {}, {}
        for part in PARTS:
            given = describe((shaped or who) if part in ("face", "body") else who)
            more = [labels[part]] if part in STYLED else []
            found = self.numbers(part, np.concatenate([SPREAD[part] * luck[f"noise.{part}"], given, *more]))
            numbers[part], bits[part] = self._placed(part, found, guess)
        numbers["colour"], bits["colour"] = _settled(guess, numbers["colour"], bits["colour"], who)
        return Code(who, names["haircut"], names["garment"], numbers, bits, parts)

    def choices(self, who: Cast, luck: Luck) -> dict[str, str]:
        """Style, haircut and garment, each drawn by the likelihoods that a network gives; a garment that can be worn."""
        out = self._run("choice", np.concatenate([luck["noise.choice"], describe(who)]))
        chosen, at = {}, 0
        for key, kinds in self.kinds.items():
            allowed = {"style": set(STYLES), "haircut": set(HAIRCUTS), "garment": set(fitting(who))}[key]
            logits = out[at : at + len(kinds)] + lots(luck[f"lot.{key}"])[: len(kinds)]
            at += len(kinds)
            order = [kinds[i] for i in np.argsort(-logits.round(4), kind="stable")]
            chosen[key] = next((name for name in order if name in allowed), sorted(allowed)[0])
        return chosen

    def label(self, style: str) -> np.ndarray:
        """A style by name as weights, (styles,)."""
        return np.array([float(kind == style) for kind in self.kinds["style"]])

    def numbers(self, part: str, values: np.ndarray) -> np.ndarray:
        """Numbers, then bits, of a part, (..., n), for noise and conditions (..., m)."""
        out = self._run(part, values)
        count = len(self.scales[part].basis)
        found = np.concatenate([self.scales[part].numbers(out[..., :count]), out[..., count:] > 0.0], -1)
        return np.asarray(found.round(4))

    def _run(self, part: str, values: np.ndarray) -> np.ndarray:
        (weight, bias), *rest = self.layers[part]
        straight = values @ weight + bias
        for weight, bias in rest[:-1]:
            values = values @ weight + bias
            values = values / (1.0 + np.exp(-values))
        weight, bias = rest[-1]
        return np.asarray(straight + values @ weight + bias)

    def _placed(self, part: str, found: np.ndarray, guess: Identity) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and bits in today's order; what the networks do not know of is as guessed."""
        known = dict(zip(self.columns[part], found, strict=True))
        numbers, bits = measure(guess, part)
        names, flags = columns(part)
        return (
            np.array([known.get(name, own) for name, own in zip(names, numbers, strict=True)]),
            np.array([known.get(name, own) for name, own in zip(flags, bits, strict=True)]),
        )


def _settled(
    guess: Identity, numbers: np.ndarray, bits: np.ndarray, who: Cast
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and bits of colours, with those moved apart that would run into each other, and a skin that its species has."""
    record = rebuild(guess, "colour", np.nan_to_num(numbers), bits)
    skin = record.palette.skin
    if _HUMAN[0] < skin.hue % 360.0 < _HUMAN[1]:
        record = replace(record, palette=replace(record.palette, skin=with_human_chroma(skin)))
    elif who.species not in STRANGE:
        record = _human(record, guess)
        bits = measure(record, "colour")[1]
    seen = measure(replace(record, palette=settled(record.palette)), "colour")[0]
    return np.where(np.isfinite(seen), seen, numbers).round(4), bits


_HUMAN = (8.0, 95.0)
"""Hues of a human's skin, degrees."""


def _human(record: Identity, guess: Identity) -> Identity:
    """The record with the skin, and all that takes its colour from it, as the grammar has it."""
    face, own = record.face, guess.face
    mouth = replace(
        face.mouth,
        line=own.mouth.line,
        pout=own.mouth.pout,
        crease=own.mouth.crease,
        lip=face.mouth.lip and (own.mouth.lip or own.mouth.pout),
    )
    return replace(
        record,
        palette=replace(record.palette, skin=guess.palette.skin),
        face=replace(
            face,
            line=own.line,
            blush_tone=own.blush_tone,
            lid_tone=own.lid_tone,
            bag_tone=own.bag_tone,
            white_tone=None,
            mouth=mouth,
        ),
    )


def columns(part: str) -> tuple[list[str], list[str]]:
    """Names of the numbers and of the bits of a part."""
    own = [(".".join(leaf.path), leaf) for leaf in leaves() if leaf.part == part]
    return [f"{name}:{i}" for name, leaf in own for i in range(leaf.size)], [
        f"{name}?{i}" for name, leaf in own for i in range(leaf.bits)
    ]


def read(data: bytes) -> Generator:
    """A generator from what its file holds."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        tensors = {
            key: file[key].astype(np.int64 if key.endswith(".tones") else np.float64)
            for key in file.files
            if key != "about"
        }
    layers = {
        part: [(tensors[f"{part}.w{i}"], tensors[f"{part}.b{i}"]) for i in range(about["depth"])]
        for part in NOISE
    }
    scales = {part: Scale(**{name: tensors[f"{part}.{name}"] for name in _SCALE}) for part in PARTS}
    return Generator(layers, scales, about["columns"], about["kinds"])


@cache
def open_generator(path: Path | None = None) -> Generator:
    """The generator of a file, or the one that comes with liveavatar. Raises TrainingError."""
    file = path or asset(FILE)
    try:
        return read(read_whole(file, _LARGEST))
    except (Unreadable, ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise TrainingError(
            tr(
                f"{file} is no generator of characters ({error}). `liveavatar train-identity` makes one.",
                f"{file} 不是角色生成器（{error}）。可用 `liveavatar train-identity` 训练一个。",
            )
        ) from error


def luck(seed: int) -> dict[str, np.ndarray]:
    """The chance in a seed, 0 or more."""
    return {name: stream(seed, name, count) for name, count in _LUCK.items()}


def cast_of(luck: Luck) -> Cast:
    """Who a character is."""
    return cast(replay(shares(luck["cast"]).tolist()))


def generated(seed: int, who: Cast | None = None, style: str | None = None) -> Identity:
    """A character that nobody drew, from noise: the same on any machine. `who` and `style` are drawn as well if not given."""
    return decode(coded(seed, who, style), f"generated-{seed}")


def coded(seed: int, who: Cast | None = None, style: str | None = None, of: Generator | None = None) -> Code:
    """The code of that character."""
    chance = luck(seed)
    named = {"style": style} if style else None
    return (of or open_generator()).code(who or cast_of(chance), chance, named)
