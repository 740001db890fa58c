"""From a drawn character to an avatar package without training: least squares on what all characters share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar import __version__
from liveavatar.avatar import golden
from liveavatar.avatar.card import CELL, Avatar
from liveavatar.avatar.dictionary import Dictionaries, PatchDictionary
from liveavatar.base.folders import workspace
from liveavatar.base.timing import now
from liveavatar.fitting.features import add_generator, motion_features, patch_features
from liveavatar.fitting.layout import Layout, extent_of, layout_for, pictures_of
from liveavatar.fitting.modes import fit_modes
from liveavatar.fitting.onnx_graph import Graph
from liveavatar.fitting.package import quantised, rounded_modes, seal, settled, write_parts
from liveavatar.fitting.points import draw_motion, thinned
from liveavatar.fitting.regression import reduced_rank, ridge
from liveavatar.fitting.sampling import sample_many
from liveavatar.fitting.stills import Bounds, StillJob, narrow, still, within
from liveavatar.fitting.textures import neutral_textures, unsharp
from liveavatar.fitting.workers import Told as Progress
from liveavatar.fitting.workers import done_by_processes
from liveavatar.rigs import Rig, open_rig

SIZE = 512
POINTS, STILLS = 2400, 1400
"""Expressions whose points are asked for, and whose eyes and mouth are drawn."""
LEAST_STILLS, DRAWS_UNTIL = 1000, 50.0
"""Where a character is slow to draw fewer stills do: this many, and what is drawn until so many seconds after the beginning."""
MOTION_COST, PATCH_COST = 5e-5, 1e-5
"""What weights cost, see regression.ridge()."""
EYE_PICTURES = 64
"""Of each eye's dictionary: more than training needs, whose pictures are turned to serve every expression."""
SHARPENED = 0.4
"""Of an unsharp mask over the textures."""
SEED = 7


def _quiet(done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Told:
    """Each of them is told how much is done, of how much."""

    points: Progress = _quiet
    stills: Progress = _quiet
    patches: Progress = _quiet


@dataclass(frozen=True, eq=False)
class Fitted:
    """One character."""

    layout: Layout
    textures: np.ndarray
    """(L, S * detail, S * detail, 4) uint8."""
    extents: np.ndarray
    """(L, 4): within which each layer ever is."""
    dictionaries: Dictionaries
    generator: bytes


@dataclass(frozen=True)
class Extras:
    """What else a package holds."""

    label: np.ndarray | None = None
    """(h, w, 4) uint8 premultiplied RGBA for the corner of every picture."""
    background: np.ndarray | None = None
    """(h, w, 3) uint8 RGB that stands behind it where the user says nothing else."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Name -> content, of what nothing is drawn from."""


def create(
    rig_name: str, name: str, folder: Path, workers: int, told: Told, extras: Extras | None = None, **own: Any
) -> Avatar:
    """Fit the character that a rig draws and write its package. Raises TrainingError, AvatarError, OSError; then nothing is
    left.

    own: licence, credits, consent or made_with of its card, where they are not the usual ones."""
    extras = extras or Extras()
    fitted = fit(rig_name, workers, told)
    about: dict[str, Any] = {
        "licence": "MIT",
        "credits": credits_of(rig_name),
        "consent": "An invented character; nobody is shown.",
        "made_with": {"liveavatar": __version__, "command": "new", "options": {"rig": rig_name}},
        **own,
    }
    with workspace(folder.parent) as work:
        draft = write_parts(
            work, name, fitted.layout, fitted.textures, fitted.extents, fitted.dictionaries, about
        )
        (work / draft.gan.generator).write_bytes(fitted.generator)
        for file, content in extras.files.items():
            (work / file).write_bytes(content)
        if extras.label is not None:
            golden.write_picture(work / "label.png", extras.label)
            draft = replace(draft, parts=replace(draft.gan, label="label.png"))
        if (behind := extras.background) is not None:
            opaque = np.dstack([behind, np.full(behind.shape[:2], 255, np.uint8)])
            golden.write_picture(work / "background.png", opaque)
            draft = replace(draft, background="background.png")
        return seal(draft, folder)


def credits_of(rig_name: str) -> str:
    """What the card of a rig's character says of its making."""
    return f"Drawn in code (rig {rig_name!r}) and fitted with liveavatar new."


def fit(rig_name: str, workers: int, told: Told) -> Fitted:
    """What the package of a rig's character holds."""
    ends = now() + DRAWS_UNTIL
    rig = open_rig(rig_name)
    conditions = sample_many(POINTS, SEED)

    # Where the rig's points go: modes of motion, and how far each goes by what all characters share.
    moved = draw_motion(rig_name, conditions, SIZE, workers, told.points)
    sheets = thinned(rig.sheet_points(SIZE))
    counts = tuple(len(p) for p in sheets)
    rest = np.concatenate(sheets)
    layout = layout_for(rig, conditions, SIZE, moved=np.split(moved, np.cumsum(counts)[:-1], axis=1))
    modes, amounts = fit_modes(moved, rest, counts, layout.spans, SIZE // CELL)
    features = motion_features(conditions)
    motion = ridge(features, amounts.reshape(len(amounts), -1), MOTION_COST)
    shape = (-1, *modes.shape[:2])

    # What eyes, mouth and cheeks show while the head is at rest.
    quiet = still(conditions[:STILLS])
    shown = (motion_features(quiet) @ motion).reshape(shape)
    wide = layout
    stills = _draw(StillJob(rig_name, quiet, layout, modes, shown), workers, ends, told.stills)
    quiet = quiet[: len(next(iter(stills.values())))]
    layout, bounds = narrow(layout, stills)
    weights, dictionaries = {}, []
    for patch in layout.patches:
        part = stills.pop(patch.name)[(slice(None), *within(patch.name, wide, layout))]
        weights[patch.name], dictionary = _dictionary(patch.name, quiet, part, bounds)
        dictionaries.append(dictionary)
        told.patches(len(dictionaries), len(layout.patches))

    most = np.abs(features @ motion).max(0).reshape(shape[1:])
    at_rest = np.einsum("lm,lmcgh->lcgh", shown[0], modes)
    textures = neutral_textures(rig, layout, at_rest)
    graph = Graph()
    to_name = add_generator(graph, motion, weights, "controls", "coefficients")
    return Fitted(
        layout,
        np.stack([_sharpened(texture) for texture in textures]),
        _extents(rig, layout, textures, moved, rest, counts),
        Dictionaries(rounded_modes(modes, most, layout), tuple(dictionaries)),
        graph.model(
            "generator",
            {"controls": (np.float32, (1, len(layout.controls)))},
            {to_name: (np.float32, (1, motion.shape[1] + sum(w.shape[1] for w in weights.values())))},
        ),
    )


def _sharpened(texture: np.ndarray) -> np.ndarray:
    return np.round(255 * unsharp(texture.astype(np.float32) / 255, SHARPENED)).astype(np.uint8)


def _draw(job: StillJob, workers: int, ends: float, progress: Progress) -> dict[str, np.ndarray]:
    """Stills of all rows, or of the first as LEAST_STILLS says: patch name -> (N, h, w, 4) uint8. ends: as of now()."""
    count = len(job.conditions)
    stills = {p.name: np.empty((count, *job.layout.texels(p), 4), np.uint8) for p in job.layout.patches}
    for row, pictures in enumerate(done_by_processes(job, range(count), workers)):
        for name, picture in pictures.items():
            stills[name][row] = picture
        if row + 1 >= LEAST_STILLS and now() > ends:
            count = row + 1
            break
        progress(row + 1, count)
    progress(count, count)
    return {name: drawn[:count] for name, drawn in stills.items()}


def _dictionary(
    patch: str, conditions: np.ndarray, stills: np.ndarray, bounds: Bounds
) -> tuple[np.ndarray, PatchDictionary]:
    """Weights (D, K) from features to coefficients, and the pictures that these are of."""
    low, high = settled(*bounds[patch])
    features = patch_features(patch, conditions)
    rank = EYE_PICTURES if patch in ("eye_left", "eye_right") else pictures_of(patch)
    weights, pictures, mean = reduced_rank(features, stills, (low != high).any(-1), rank, PATCH_COST)
    dictionary, scale = quantised(pictures, mean, low, high, features @ weights)
    return weights * scale, dictionary


def _extents(
    rig: Rig,
    layout: Layout,
    textures: np.ndarray,
    moved: np.ndarray,
    rest: np.ndarray,
    counts: tuple[int, ...],
) -> np.ndarray:
    """x0, y0, x1, y1 within which each layer is, (L, 4): what it shows at rest, moved as far as its points ever are; of an
    unwrapped layer, where these are."""
    extents, start = [], 0
    for layer, texture, count in zip(layout.layers, textures, counts, strict=True):
        part = slice(start, start + count)
        start += count
        low, high = moved[:, part].min((0, 1)), moved[:, part].max((0, 1))
        if layer not in layout.laid_out:
            edges = np.array(extent_of(texture[..., 3] > 4)) / layout.detail
            away = moved[:, part] - rest[part]
            low, high = edges[:2] + away.min((0, 1)), edges[2:] + away.max((0, 1))
        extents.append([*low, *high])
    return np.clip(extents, 0, layout.size)
