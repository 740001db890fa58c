"""How well drawings turn: python -m benchmarks.people.turned [--pictures FOLDER] [--own N] [--json]

For every picture of a folder: tears, the share of blocks of its turned avatar that look like nothing near by in the avatar at
rest. For N characters of the population, taken apart from one picture: how near the turned avatar comes to the character
itself, turned. The last line is JSON. docs/portraits.md has the figures.
"""

import argparse
import json
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.people.drawings import rig_of
from liveavatar.base import provenance
from liveavatar.controls import neutral, vector
from liveavatar.errors import LiveAvatarError
from liveavatar.landmarks.finder import Finder
from liveavatar.landmarks.points import INDEX
from liveavatar.media.blend import straight_alpha
from liveavatar.media.picture import read_picture
from liveavatar.rigs import Rig, open_rig
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.picture.framing import CANVAS, framed
from liveavatar.rigs.picture.prepare import prepare
from liveavatar.rigs.population import character
from liveavatar.trackers.model_files import MATTE, find_model
from liveavatar.trackers.pictures import FaceFinder

TURNS = {
    f"{name}{sign * degrees:+d}": {f"head{name.title()}": float(np.radians(sign * degrees))}
    for name, degrees in (("yaw", 20), ("pitch", 15), ("roll", 20))
    for sign in (1, -1)
}
"""Controls by what is shown of them, degrees."""
FIRST_SEED = 1_990_001
SIZE = 512
BLOCK, STEP = 12, 6
"""Pixels: how large a block is, and how far the next one is away."""
NEAR, ROLLED = 30, 70
"""Pixels round a block in which it may be at rest; where the head leans, in the picture leaning likewise."""
UNLIKE, PLAIN = 30.0, 12.0
"""Levels: RMS from which a block is like nothing; standard deviation below which it is too plain to tell."""
GREEN, GREY = np.array([0, 255, 0]), np.array([128, 128, 128])


def tears(rest: np.ndarray, turned: np.ndarray, roll: float = 0.0) -> float:
    """Share of the figure's blocks that are torn. Both (SIZE, SIZE, 4) uint8 premultiplied; roll: degrees."""
    still = _before(rest, GREEN)
    leaning = [cv2.getRotationMatrix2D((256, y), -a, 1) for y, a in ((300, roll), (340, roll / 2)) if roll]
    whole = [cv2.warpAffine(still, m, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE) for m in leaning]
    known = [cv2.GaussianBlur(picture, (0, 0), 1) for picture in (still, *whole)]
    soft = cv2.GaussianBlur(_before(turned, GREEN), (0, 0), 1)
    near, torn, blocks = ROLLED if roll else NEAR, 0, 0
    for y in range(0, SIZE - BLOCK, STEP):
        for x in range(0, SIZE - BLOCK, STEP):
            if (turned[y : y + BLOCK, x : x + BLOCK, 3] > 128).mean() < 0.3:
                continue
            blocks += 1
            block = soft[y : y + BLOCK, x : x + BLOCK]
            if block.reshape(-1, 3).std(0).max() < PLAIN:
                continue
            rows, columns = (slice(max(0, a - near), a + BLOCK + near) for a in (y, x))
            away = (cv2.matchTemplate(p[rows, columns], block, cv2.TM_SQDIFF).min() for p in known)
            torn += all(squares > UNLIKE**2 * block.size for squares in away)
    return torn / max(blocks, 1)


def torn(rig: Rig) -> dict[str, float]:
    """Percent of blocks by turn."""
    rest = rig.render(neutral(), SIZE)
    return {
        name: round(
            100 * tears(rest, rig.render(vector(**turn), SIZE), float(np.degrees(turn.get("headRoll", 0)))), 2
        )
        for name, turn in TURNS.items()
    }


def likeness(seed: int, folder: Path) -> dict[str, float]:
    """PSNR in dB, by turn, of the avatar of a character's picture beside the character itself, head and neck, before grey."""
    true = DrawnRig(character(seed))
    rgba, points = straight_alpha(true.render(neutral(), CANVAS)), true.points(neutral(), CANVAS)[0]
    placed = framed(rgba, points)
    rig = open_rig(prepare(rgba, points, folder / "picture.npz"))
    low = int(placed.points[INDEX["chin"], 1]) + 40
    result = {}
    for name, turn in TURNS.items():
        asked = cv2.warpAffine(true.render(vector(**turn), CANVAS), placed.move, (CANVAS, CANVAS))[:low]
        ys, xs = np.nonzero(asked[..., 3] > 40)
        box = slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1)
        made = rig.render(vector(**turn), CANVAS)[:low]
        away = _before(asked[box], GREY).astype(float) - _before(made[box], GREY)
        result[name] = round(float(10 * np.log10(255**2 / max((away**2).mean(), 1e-9))), 2)
    return result


def _before(picture: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA before a colour: (..., 3) uint8."""
    return (picture[..., :3] + ground * (1 - picture[..., 3:] / 255.0)).clip(0, 255).round().astype(np.uint8)


def _mean(rows: dict[str, dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([row[name] for row in rows.values()])), 2) for name in TURNS if rows}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path, help="a folder of drawings: tears, in percent")
    parser.add_argument("--own", type=int, default=0, help="characters of the population: dB")
    parser.add_argument("--json", action="store_true", help="the last line alone")
    a = parser.parse_args()
    say = (lambda *_: None) if a.json else (lambda *line: print(*line, flush=True))
    apart: dict[str, dict[str, float]] = {}
    near: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as made:
        folder = Path(made)
        if a.pictures:
            matte, drawings = find_model(model=MATTE, fetch=True), Finder()
            with closing(FaceFinder(find_model(fetch=True))) as finder:
                for path in sorted(p for p in a.pictures.iterdir() if p.is_file()):
                    try:
                        rig = rig_of(read_picture(path), finder, drawings, matte, folder)[0]
                    except LiveAvatarError as error:
                        say(path.name, error)
                        continue
                    apart[path.name] = torn(rig)
                    say(
                        path.name,
                        apart[path.name],
                        "mean",
                        round(float(np.mean(list(apart[path.name].values()))), 2),
                    )
        for seed in range(FIRST_SEED, FIRST_SEED + a.own):
            near[str(seed)] = likeness(seed, folder)
            say(seed, near[str(seed)])
    print(
        json.dumps(
            {
                "pictures": len(apart),
                "tears_percent": _mean(apart),
                "own": len(near),
                "db": _mean(near),
                **provenance.machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
