"""Are generated characters as varied as the population, none a copy, every style as common, all without faults, each itself?

    python -m benchmarks.training.identity [--pictures 500] [--codes 2000] [--seeds 100] [--generator FILE]
                                           [--output out/identity]

Pictures: neutral faces of 64 x 64 pixels in OKLab, their distance the root of the mean squared difference. Trained with: the
first characters of the data set; held out: seeds that no training sees. Faults and identity: identity_checks.py; what goes
together: identity_apart.py. Prints a table and a JSON line. Exit status 1 if diversity is below .95 of the population's, if
the generated lie nearer to those trained with than the held-out do, if a style's share is off by more than .05, or if 3 of 100
characters or more have faults. Pictures are kept in the output folder, batch by batch: the same command goes on where it
stopped.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.training.identity_apart import told_apart
from benchmarks.training.identity_checks import faults, known_again
from liveavatar.base.files import asset
from liveavatar.controls import neutral
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.generated import coded, decode, open_generator
from liveavatar.rigs.generated.code import Code, outline
from liveavatar.rigs.generated.network import FILE, Generator
from liveavatar.rigs.generated.numbers import rebuild
from liveavatar.rigs.population import character
from liveavatar.rigs.population.styles import nearest
from liveavatar.training.identity.population import FIRST, kinds

SIZE = 64
DIVERSITY, SHARE, FAULTY = 0.95, 0.05, 0.03
BATCH, KNOWN = 20, 40
"""Pictures in a file; characters that are to be known again."""
_GREY = 0.92
"""Of the background, linear light."""


def oklab(picture: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8 premultiplied sRGB over grey -> (h * w * 3,) float32."""
    alpha = picture[..., 3:].astype(np.float64) / 255.0
    flat = (picture[..., :3] / 255.0 + (1 - alpha) * _GREY).clip(0, 1)
    light = np.where(flat <= 0.04045, flat / 12.92, ((flat + 0.055) / 1.055) ** 2.4)
    cones = light @ np.array(
        [[0.4122214708, 0.2119034982, 0.0883024619],
         [0.5363325363, 0.6806995451, 0.2817188376],
         [0.0514459929, 0.1073969566, 0.6299787005]]
    )  # fmt: skip
    lab = np.cbrt(cones) @ np.array(
        [[0.2104542553, 1.9779984951, 0.0259040371],
         [0.7936177850, -2.4285922050, 0.7827717662],
         [-0.0040720468, 0.4505937099, -0.8086757660]]
    )  # fmt: skip
    return lab.astype(np.float32).ravel()


def pictures_of(make: Callable[[int], Identity], count: int, path: Path) -> np.ndarray:
    """A row for each of the first characters; path-0.npy, path-1.npy .. hold what was drawn already."""
    rows = []
    for batch in range(0, count, BATCH):
        file = path.with_name(f"{path.name}-{batch // BATCH}.npy")
        if not file.exists():
            characters = [make(k) for k in range(batch, batch + BATCH)]
            np.save(file, np.stack([oklab(DrawnRig(one).render(neutral(), SIZE)) for one in characters]))
        rows.append(np.load(file))
    return np.concatenate(rows)[:count]


def apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Distances (n, m) of all rows of one from all of the other."""
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1) - 2 * first @ second.T
    return np.sqrt(np.maximum(squares, 0) / first.shape[1])


def pictures(made: Callable[[int], Identity], count: int, folder: Path, key: str) -> dict[str, float]:
    """Diversity and distances from what was trained with."""
    trained = pictures_of(lambda k: character(FIRST + k), count, folder / "trained")
    held_out = pictures_of(character, count, folder / "held-out")
    own_pictures = pictures_of(made, count, folder / key)
    pairs = ~np.eye(count, dtype=bool)
    own, theirs = apart(own_pictures, own_pictures)[pairs].mean(), apart(held_out, held_out)[pairs].mean()
    return {
        "diversity": float(own / theirs),
        "nearest_generated": float(apart(own_pictures, trained).min(1).mean()),
        "nearest_held_out": float(apart(held_out, trained).min(1).mean()),
        "nearest_held_out_sd": float(apart(held_out, trained).min(1).std() / count**0.5),
    }


def shares(of: Generator, count: int) -> dict[str, float]:
    """The largest differences between shares, and how many combinations there are."""
    real = [outline(k)[0] for k in range(count)]
    made = [coded(k, of=of) for k in range(count)]
    blank = outline(0)[1]
    found = {}
    names: dict[str, Callable[[Code], str]] = {
        "style": lambda code: nearest(
            rebuild(blank, "style", code.numbers["style"], code.bits["style"]).style
        ),
        "haircut": lambda code: code.haircut,
        "garment": lambda code: code.garment,
    }
    for kind, name in names.items():
        here, there = Counter(map(name, made)), Counter(map(name, real))
        found[f"share_{kind}"] = max(abs(here[k] - there[k]) / count for k in kinds()[kind])
    combined = [{(c.who.species, c.haircut, c.garment) for c in codes} for codes in (made, real)]
    found |= {"combinations": float(len(combined[0])), "combinations_population": float(len(combined[1]))}
    return found | told_apart(real, made)


def checked(made: Callable[[int], Identity], seeds: int) -> dict[str, float]:
    """Faults, told of on stderr, and identity."""
    faulty = {k: wrong for k in range(seeds) if (wrong := faults(made(k), oklab))}
    for k, wrong in faulty.items():
        print(f"seed {k}: {', '.join(wrong)}", file=sys.stderr)
    return {"faulty": len(faulty) / seeds} | known_again([made(k) for k in range(KNOWN)], oklab, SIZE)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--codes", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--generator", type=Path)
    parser.add_argument("--output", type=Path, default=Path("out/identity"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    file = options.generator or asset(FILE)
    of, key = open_generator(options.generator), hashlib.sha256(file.read_bytes()).hexdigest()[:8]

    def made(seed: int) -> Identity:
        return decode(coded(seed, of=of), f"generated-{seed}")

    figures = shares(of, options.codes)
    figures |= pictures(made, options.pictures, options.output, f"generated-{key}")
    figures |= checked(made, options.seeds)
    for name, value in figures.items():
        print(f"{name:24} {value:9.4f}")
    print(json.dumps({key: round(value, 4) for key, value in figures.items()}))
    good = (
        figures["diversity"] >= DIVERSITY
        and figures["nearest_generated"] >= figures["nearest_held_out"]
        and figures["share_style"] <= SHARE
        and figures["faulty"] < FAULTY
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
