"""The trained generator: noise and a cast in, the code of a character out. Numpy alone; training/identity made its file."""

import io
import json
import zipfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from liveavatar.base.files import Unreadable, asset, read_whole
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.generated.code import SHARES, Code, decode, first_guess
from liveavatar.rigs.generated.numbers import PARTS, leaves, measure
from liveavatar.rigs.population.cast import GENRES, SPECIES, Cast, cast
from liveavatar.rigs.population.haircuts import HAIRCUTS
from liveavatar.rigs.population.outfits import build, fitting
from liveavatar.rigs.population.styles import STYLES

FILE = "identity-gan.npz"
_LARGEST = 16_000_000
"""Bytes of a file."""
NOISE = {"choice": 16, "face": 64, "colour": 48, "style": 12, "body": 12}
"""Numbers of noise of each network."""

SPREAD = 1.15
"""Of the noise, beside that of the training: the moving average is a little tamer than the population."""


def describe(who: Cast) -> np.ndarray:
    """A cast as a condition, (23,)."""
    sizes = [2 * x - 1 for x in (who.femininity, who.age, who.energy)]
    genre, species = (
        [float(kind == own) for kind in kinds] for kinds, own in ((GENRES, who.genre), (SPECIES, who.species))
    )
    return np.array([*sizes, *genre, *species])


@dataclass(frozen=True)
class Scale:
    """How the numbers of a part lie in what its network gives: few of them, each about as large as the others."""

    mean: np.ndarray
    basis: np.ndarray
    """(k, n): what one unit of each of the network's numbers adds."""
    low: np.ndarray
    high: np.ndarray
    """The range of each in the population."""

    def numbers(self, code: np.ndarray) -> np.ndarray:
        """(..., k) -> (..., n)."""
        return np.clip(self.mean + code @ self.basis, self.low, self.high)


@dataclass(frozen=True)
class Generator:
    """Networks and scales by part, and what their outputs are."""

    layers: dict[str, list[tuple[np.ndarray, np.ndarray]]]
    scales: dict[str, Scale]
    columns: dict[str, list[str]]
    """By part, the names of its numbers, then those of its bits."""
    kinds: dict[str, list[str]]
    """Names of styles, haircuts and garments."""

    def code(self, who: Cast, random: np.random.Generator, style: str | None = None) -> Code:
        """A character of a cast, drawn in a style by name if one is given."""
        noise = {part: SPREAD * random.standard_normal(NOISE[part]) for part in NOISE}
        shares = {key: random.uniform(1e-4, 1 - 1e-4, count) for key, count in SHARES.items()}
        given = describe(who)
        named = self._choices(who, given, noise["choice"], random)
        label = np.array([float(kind == (style or named["style"])) for kind in self.kinds["style"]])
        guess = replace(first_guess(who, shares), build=build(who, random))
        numbers, bits = {}, {}
        for part in PARTS:
            more = [label] if part == "style" else []
            out = self._run(part, np.concatenate([noise[part], given, *more]))
            count = len(self.scales[part].basis)
            found = np.concatenate([self.scales[part].numbers(out[:count]), out[count:] > 0.0]).round(4)
            numbers[part], bits[part] = self._placed(part, found, guess)
        return Code(who, named["haircut"], named["garment"], numbers, bits, shares)

    def _choices(
        self, who: Cast, given: np.ndarray, noise: np.ndarray, random: np.random.Generator
    ) -> dict[str, str]:
        """Style, haircut and garment, each drawn by the likelihoods that a network gives; a garment that can be worn."""
        out = self._run("choice", np.concatenate([noise, given]))
        chosen, at = {}, 0
        for key, kinds in self.kinds.items():
            allowed = {"style": set(STYLES), "haircut": set(HAIRCUTS), "garment": set(fitting(who))}[key]
            logits = out[at : at + len(kinds)] + random.gumbel(size=len(kinds))
            at += len(kinds)
            order = [kinds[i] for i in np.argsort(-logits.round(4), kind="stable")]
            chosen[key] = next((name for name in order if name in allowed), sorted(allowed)[0])
        return chosen

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
        tensors = {key: file[key].astype(np.float64) for key in file.files if key != "about"}
    layers = {
        part: [(tensors[f"{part}.w{i}"], tensors[f"{part}.b{i}"]) for i in range(about["depth"])]
        for part in NOISE
    }
    scales = {
        part: Scale(*(tensors[f"{part}.{name}"] for name in ("mean", "basis", "low", "high")))
        for part in PARTS
    }
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


def generated(seed: int, who: Cast | None = None, style: str | None = None) -> Identity:
    """A character that nobody drew, from noise: the same on any machine. `who` and `style` are drawn as well if not given."""
    return decode(coded(seed, who, style), f"generated-{seed}")


def coded(seed: int, who: Cast | None = None, style: str | None = None, of: Generator | None = None) -> Code:
    """The code of that character."""
    random = np.random.default_rng([seed, 1000])
    drawn = cast(random)
    return (of or open_generator()).code(who or drawn, random, style)
