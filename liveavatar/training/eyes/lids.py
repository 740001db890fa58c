"""Pairs for the network that finishes lids: the face round an eye as it is drawn of a neutral picture's parts, and as it is."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from liveavatar.controls import both, gaze, neutral, vector
from liveavatar.rigs.drawn.eyes import EyeState
from liveavatar.rigs.drawn.rig import flatten
from liveavatar.rigs.picture.eyefinish import CONDITION, SOURCE, WINDOW, condition, draft_of, source_of
from liveavatar.rigs.picture.eyemorpher import EyeMorpher, PictureEye, TakeApart, state
from liveavatar.rigs.picture.eyeparts import take_apart
from liveavatar.rigs.picture.eyeplace import LANDMARKS
from liveavatar.rigs.population.character import character
from liveavatar.training.eyes.parts import PARTS, PartsRig, shape_of
from liveavatar.training.eyes.population import FIRST
from liveavatar.training.eyes.trainer import Options
from liveavatar.training.morpher import graph
from liveavatar.training.morpher.pairs import Pairs, load
from liveavatar.training.morpher.trainer import Course, Trainer

SIZE = 512
"""Pixels of the pictures."""
EACH = 4
"""Expressions of a character."""
_MISS = 1.2
"""How far landmarks are wrong, a standard deviation in units of the picture's."""


def expression(random: np.random.Generator) -> np.ndarray:
    """Controls (len(CONTROLS),) with the eyes in some state, both alike."""
    share = random.random(4)
    kind = random.integers(5)
    found: dict[str, float] = {}
    if kind in (0, 1):
        found |= both(
            eyeBlink=float(min(1.15 * share[0], 1)), eyeSquint=float(0.6 * share[1] * (share[2] < 0.4))
        )
    if kind == 2:
        found |= both(eyeSquint=float(min(1.3 * share[0], 1)), mouthSmile=float(min(1.3 * share[1], 1)))
    if kind == 3:
        found |= both(eyeWide=float(share[0]), browOuterUp=float(share[1]))
    if kind == 4:
        found |= both(browDown=float(share[0]), eyeBlink=float(0.4 * share[1]))
    if share[3] < 0.5:
        found |= gaze(float(random.uniform(-1, 1)), float(random.uniform(-1, 1)))
    return vector(**found)


def landmarks(rig: PartsRig) -> np.ndarray:
    """The eyes' and brows' rows of a character's landmarks (46, 2) at rest, in pixels."""
    points = np.zeros((LANDMARKS, 2), np.float32)
    scene = rig.pose(neutral()).scene  # type: ignore[attr-defined]
    for side, row, brow in ((-1, 0, 22), (1, 11, 25)):
        s = shape_of(scene, side, SIZE / 1024)
        across = s.upper[-1, 0] + (s.upper[0, 0] - s.upper[-1, 0]) * np.linspace(0, 1, 5)
        lids = [np.stack([across, np.interp(across, *_rising(line))], 1) for line in (s.upper, s.lower)]
        rim = s.iris + np.diag(s.radii) * (side, 1)
        points[row : row + 11] = np.concatenate([lids[0], lids[1][3:0:-1], s.iris[None], rim])
        points[brow : brow + 3] = s.brow[[-1, len(s.brow) // 2, 0]]
    return points


def _rising(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(line[:, 0])
    return line[order, 0], line[order, 1]


def draw(count: int, take: TakeApart, tell: Callable[[int, int], None], first: int = FIRST) -> Pairs:
    """Pairs of `count` characters, two eyes each, EACH expressions an eye."""
    sources: list[np.ndarray] = []
    drafts: list[np.ndarray] = []
    truths: list[np.ndarray] = []
    conditions: list[np.ndarray] = []
    of: list[int] = []
    seed = first
    while len(sources) < 2 * count:
        record = character(seed)
        seed += 1
        if record.head == "robot":
            continue
        rig, random = PartsRig(record), np.random.default_rng([seed, 77])
        if {-1, 1} & rig.pose(neutral()).scene.figure.jewels.hidden:  # type: ignore[attr-defined]
            continue
        whole = [name for name in rig.LAYERS if name not in PARTS]
        picture = flatten(rig.render_layers(neutral(), SIZE, whole)[: len(whole)])
        points = landmarks(rig)
        points = points + random.normal(0, _MISS * SIZE / 1024, points.shape).astype(np.float32)
        eyes = EyeMorpher(picture, points, take, None).eyes
        for eye in eyes.values():
            sources.append(_bytes(source_of(eye)))
        for _ in range(EACH):
            controls = expression(random)
            values = dict(zip(rig.controls, controls.tolist(), strict=True))
            layers = rig.render_layers(controls, SIZE, ("face", "skin"))
            face, skin = (
                layers[rig.LAYERS.index(name)].astype(np.float32) / 255 for name in ("face", "skin")
            )
            for k, (side, eye) in enumerate(eyes.items()):
                e = state(values, side)
                draft, truth = _pair(eye, e, face, skin[..., 3])
                of.append(len(sources) - 2 + k)
                drafts.append(_bytes(draft))
                truths.append(_bytes(truth))
                conditions.append(condition(e))
        tell(len(sources) // 2, count)
    return Pairs(
        CONDITION, np.stack(sources), np.array(of), np.stack(drafts), np.stack(truths), np.stack(conditions)
    )


def taught(options: Options, apart: Path, path: Path, tell: Callable[[int, int], None]) -> None:
    """Draw the pairs, with the network in the file `apart`, and train what finishes lids; write it to `path`. Processes that
    torchrun starts share the last; they find the pairs there. Raises OSError."""
    folder = options.folder() / "lids"
    if not (folder / "names.json").is_file():
        draw(max(options.characters // 2, 8), partial(take_apart, model=apart), tell).save(folder)
    pairs = load(folder)
    trainer = Trainer(
        pairs, Course(folder / "run", options.steps, 6, options.seed, held=min(32, len(pairs.source) // 4))
    )
    trainer.run()
    if not trainer.worker:
        graph.write(trainer.average, SOURCE, len(CONDITION), path)


def _pair(eye: PictureEye, e: EyeState, face: np.ndarray, skin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The draft and the truth (h, w, 4) of one eye. face (S, S, 4), skin (S, S): the true layer, and all of the face."""
    parts = eye.parts(e)
    draft = draft_of(eye, parts)
    (x, y), (w, h) = eye.place.corner, eye.place.size
    true = eye.place.reduced(np.ascontiguousarray(face[y : y + h, x : x + w]))
    inside = eye.place.reduced(np.ascontiguousarray(skin[y : y + h, x : x + w]))[..., None]
    around = draft_of(eye, parts | {"hole": np.zeros_like(parts["hole"])})
    return draft, true[WINDOW] + (1 - inside[WINDOW]) * around


def _bytes(picture: np.ndarray) -> np.ndarray:
    return (np.clip(picture, 0, 1) * 255).round().astype(np.uint8)
