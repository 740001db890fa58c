"""Is what was asked of a character what is seen?

    python -m benchmarks.training.attributes [--characters 100] [--sheet FILE] [--seed 1]

Random colours of hair, eyes and skin (skin: of the population's range) are asked of random seeds, in each style in turn, and
looked for in the picture, 512 x 512 pixels of a face without expression: medians in OKLab over the layer of the hair in front,
over the face, and over a ring round the pupils. Prints a JSON line: distances from what was asked (median, nine of ten, worst),
degrees of hue, how much lighter. 0.02 can just be told side by side, 0.2 lies between colours of different names. --sheet: a PNG
of them all, each with what was asked. Exit status 1 if one of ten is further off than 0.12, skin 0.06.
"""

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from benchmarks.training.identity import oklab
from liveavatar.controls import neutral
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.geometry import CANVAS
from liveavatar.rigs.generated import Recipe, draw
from liveavatar.rigs.generated.attributes import STYLES
from liveavatar.rigs.generated.colours import hex_of, place, tone_of
from liveavatar.rigs.population.skin import human_skin

SIZE = 512
MOST = {"hair": 0.12, "eyes": 0.12, "skin": 0.06}
"""What nine of ten lie within."""


def asked(random: np.random.Generator) -> dict[str, str]:
    """Colours by chance, as people ask for: within sRGB, neither black nor white."""

    def any_colour() -> str:
        while True:
            colour = f"#{random.integers(2**24):06x}"
            if 0.25 < tone_of(colour).light < 0.93:
                return colour

    skin = human_skin(float(random.uniform(0, 1)), float(random.normal(0, 3)))
    return {"hair": any_colour(), "eyes": any_colour(), "skin": hex_of(skin)}


def seen(rig: DrawnRig) -> dict[str, np.ndarray]:
    """Median colours (3,) in OKLab of what is drawn."""
    layers = dict(zip(rig.LAYERS, rig.render_layers(neutral(), SIZE), strict=True))
    found = {}
    for name, layer in (("hair", "front"), ("skin", "face")):
        picture = layers[layer]
        found[name] = np.median(_lab(picture[picture[..., 3] == 255]), 0)
    eyes = cv2.cvtColor(rig.render(neutral(), SIZE), cv2.COLOR_RGBA2RGB)
    scene = rig.pose(neutral())
    turn, radius = np.meshgrid(np.linspace(0, 2 * np.pi, 60), np.linspace(0.5, 0.9, 8))
    ring = np.stack([radius * np.cos(turn), radius * np.sin(turn)], -1).reshape(-1, 2)
    points = []
    for eye in scene.eyes.values():  # type: ignore[attr-defined]
        a, b, x, c, d, y = eye.iris
        at = ring * np.multiply(rig.identity.face.eye.iris, rig.identity.face.eye_scale)
        points.append(at @ np.array([[a, c], [b, d]]) + (x, y))
    at = (np.concatenate(points) * SIZE / CANVAS).round().astype(int)
    colours = _lab(eyes[at[:, 1], at[:, 0]])
    found["eyes"] = np.median(colours[colours[:, 0] < 0.97], 0)
    return found


def _lab(pixels: np.ndarray) -> np.ndarray:
    """(n, 3 or more) uint8 opaque sRGB -> (n, 3) OKLab."""
    solid = np.concatenate([pixels[:, :3], np.full((len(pixels), 1), 255, np.uint8)], 1)
    return oklab(solid[None]).reshape(-1, 3)


def _turn(first: np.ndarray, second: np.ndarray) -> float:
    """Degrees of hue between two colours; 0 where one is grey."""
    if min(np.hypot(*first[1:]), np.hypot(*second[1:])) < 0.03:
        return 0.0
    turn = np.degrees(np.arctan2(first[2], first[1]) - np.arctan2(second[2], second[1]))
    return float(abs((turn + 180.0) % 360.0 - 180.0))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--characters", type=int, default=100)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    away: dict[str, list[tuple[float, float, np.ndarray]]] = {name: [] for name in MOST}
    cells = []
    for number in range(options.characters):
        style = list(STYLES)[number % len(STYLES)]
        wanted = asked(random)
        fixed = {"species": "human", "wear": "none", "style": style}
        rig = DrawnRig(draw(Recipe(int(random.integers(10**6)), asked={**wanted, **fixed})))
        found = seen(rig)
        for name, colour in wanted.items():
            goal = place(tone_of(colour))
            away[name].append(
                (float(np.linalg.norm(found[name] - goal)), _turn(found[name], goal), found[name] - goal)
            )
        if options.sheet:
            cells.append(_cell(rig, wanted, f"{style} {away['hair'][-1][0]:.2f} {away['eyes'][-1][0]:.2f}"))
    if options.sheet:
        blank = [np.full_like(cells[0], 255)] * (-len(cells) % 10)
        rows = [cells[i : i + 10] for i in range(0, len(cells + blank), 10)]
        rows[-1] += blank
        cv2.imwrite(str(options.sheet), np.vstack([np.hstack(row) for row in rows]))
    figures: dict[str, dict[str, float]] = {}
    for name, rows_ in away.items():
        far, turn = np.array([row[0] for row in rows_]), np.array([row[1] for row in rows_])
        offset = np.mean([row[2] for row in rows_], 0)
        figures[name] = {
            "median": round(float(np.median(far)), 4),
            "p90": round(float(np.quantile(far, 0.9)), 4),
            "worst": round(float(far.max()), 4),
            "hue_p90": round(float(np.quantile(turn, 0.9)), 1),
            "lighter": round(float(offset[0]), 4),
        }
    print(json.dumps(figures))
    return 0 if all(figures[name]["p90"] <= most for name, most in MOST.items()) else 1


def _cell(rig: DrawnRig, wanted: dict[str, str], text: str) -> np.ndarray:
    """(256, 192, 3) uint8 BGR: the character, and what was asked below."""
    picture = rig.render(neutral(), 192).astype(np.float32)
    flat = (picture[..., :3] + (255 - picture[..., 3:]) * 0.92).clip(0, 255).astype(np.uint8)
    cell = np.full((232, 192, 3), 255, np.uint8)
    cell[:192] = flat[..., ::-1]
    for i, name in enumerate(MOST):
        colour = [int(wanted[name][k : k + 2], 16) for k in (5, 3, 1)]
        cell[192:216, 64 * i : 64 * i + 62] = colour
    cv2.putText(cell, text, (2, 228), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (60, 60, 60), 1, cv2.LINE_AA)
    return cell


if __name__ == "__main__":
    sys.exit(main())
