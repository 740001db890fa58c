"""What a training needs before its first step: minutes of drawing and fitting, kept on disk, so that the next time is quick."""

import ctypes
import json
import math
import shutil
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from liveavatar.base.box import Box
from liveavatar.base.files import write_whole
from liveavatar.controls import INDEX
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig
from liveavatar.training import dictionaries
from liveavatar.training.dataset import (
    Dataset,
    draw_motion,
    motion_counts,
    open_dataset,
    render_missing,
    thinned,
)
from liveavatar.training.layout import Layout, layout_for, narrowed
from liveavatar.training.motion_init import warm_start
from liveavatar.training.networks import Motion, motion_of
from liveavatar.training.progress import Progress
from liveavatar.training.sampling import sample, sample_many
from liveavatar.training.schedule import Options
from liveavatar.training.state import TrainState
from liveavatar.training.stills import draw_stills, still
from liveavatar.training.unwarp import extremes, softened, unwarp, varying

STILLS, LEAST_STILLS = 8, 500
"""For each frame and at least: a still costs a fifth of a frame, points less, and neither ever has enough
(benchmarks/LOG.md, 2026-11-30)."""
CHECKPOINT = "checkpoint.safetensors"
MOTION = "motion.safetensors"
PATCHES = "patches.json"


@dataclass
class Prepared:
    """All that a trainer works with."""

    options: Options
    device: torch.device
    data: Dataset
    layout: Layout
    controls: np.ndarray
    """(N, n) float32: the data's conditions, as far as the layout has controls."""
    still_controls: np.ndarray
    """(M, n) float32."""
    stills: dict[str, np.ndarray]
    """Patch name -> (M, h, w, 4) uint8: what it must make of its part of the texture for every still."""
    still_weights: dict[str, Tensor]
    """Patch name -> (1, 1, h, w) float32: how much each pixel counts."""
    state: TrainState
    """At the last checkpoint's step, or at the first."""

    @property
    def folder(self) -> Path:
        """Of the run."""
        return self.options.folder()

    def target(self, patch: str, rows: np.ndarray) -> Tensor:
        """Rows of a patch's stills: (B, 4, h, w) uint8."""
        return _channels_first(self.stills[patch][rows])


def prepare(options: Options, progress: Progress | None = None) -> Prepared:
    """Draw and fit what is not there yet. May be interrupted at any moment; the same options go on from there.

    Raises TrainingError for options that do not fit the run, and for a full disk."""
    progress = progress or Progress()
    _tune_malloc()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder, size = options.folder(), options.size
    folder.mkdir(parents=True, exist_ok=True)
    rig = open_rig(options.rig)
    _remember(options)

    # Pairs: conditions, and the teacher's pictures of them.
    data = open_dataset(options.rig, sample(options.frames, options.seed), size)
    render_missing(data, options.rig, options.workers, progress.rendering)
    layout = layout_for(rig, data.conditions, size, options.width)

    # Other conditions, more of them: where the rig's points go, and what the patches must paint while the head is at rest.
    many = sample_many(max(STILLS * options.frames, LEAST_STILLS), options.seed + 1)
    unit = torch.tensor(layout.unit)
    motion = _fitted_motion(options, rig, layout, many, unit, progress)
    still_controls = _columns(still(many), layout)
    with torch.no_grad():
        amounts = motion.coefficients(torch.from_numpy(still_controls) / unit).numpy()
    modes = motion.modes.detach().unflatten(2, (2, motion.cells, motion.cells)).numpy()
    drawn = draw_stills(
        folder / "stills", options.rig, many, layout, modes, amounts, options.workers, progress.rendering
    )
    wide = layout
    layout, bounds = _narrowed(layout, drawn, folder)
    stills = {p.name: drawn[p.name][(slice(None), *_within(p.name, wide, layout))] for p in layout.patches}

    # The state: a checkpoint's, or one whose motion is the rig's, whose textures are its drawings, whose patches are their sums.
    state = TrainState(layout, device, options.seed)
    if (folder / CHECKPOINT).exists():
        state.load(folder / CHECKPOINT)
    else:
        state.generator.motion.load_state_dict(motion.state_dict())
        state.generator.textures.data.copy_(
            _drawn_textures(rig, layout, state.generator.motion, data.conditions[0])
        )
        _start_dictionaries(state, stills, bounds, still_controls, options.seed, progress)
        state.average.load_state_dict(state.generator.state_dict())
        state.save(folder / CHECKPOINT)
    weights = {
        name: _liveliness(_channels_first(s[:: max(1, len(s) // 400)])).to(device)
        for name, s in stills.items()
    }
    return Prepared(
        options,
        device,
        data,
        layout,
        _columns(data.conditions, layout),
        still_controls,
        stills,
        weights,
        state,
    )


def load_layout(rig: Rig, options: Options) -> Layout:
    """The layout of a run that was prepared. Raises OSError, ValueError."""
    layout = layout_for(rig, sample(options.frames, options.seed), options.size, options.width)
    boxes = json.loads((options.folder() / PATCHES).read_text(encoding="utf-8"))
    return narrowed(layout, {name: Box(*box) for name, box in boxes.items()})


def bytes_on_disk(layout: Layout, frames: int) -> int:
    """What so many pictures and their stills take."""
    stills = sum(math.prod(layout.texels(patch)) for patch in layout.patches)
    return (frames * layout.size**2 + max(STILLS * frames, LEAST_STILLS) * stills) * 4


def _columns(conditions: np.ndarray, layout: Layout) -> np.ndarray:
    """As far as the layout has controls: (N, len(CONTROLS)) -> (N, n)."""
    return np.ascontiguousarray(conditions[:, [INDEX[name] for name in layout.controls]])


def _remember(options: Options) -> None:
    """Keep the options with the run. Refuses to go on with others than it was started with."""
    folder = options.folder()
    path = folder / "options.json"
    passing = ("workers", "run", "stop_after")
    keep = {k: v for k, v in asdict(options).items() if k not in passing and v is not None}
    if path.exists() and (folder / CHECKPOINT).exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        if before != keep:
            raise TrainingError(
                tr(
                    f"{folder} was started with {before}, now asked for {keep}. Use the same options, another "
                    "--run folder, or delete it.",
                    f"{folder} 起初使用 {before}，现在要求 {keep}。请使用相同选项、换一个 --run 文件夹，或将其删除。",
                )
            )
    write_whole(path, json.dumps(keep, indent=1).encode())


def _fitted_motion(
    options: Options, rig: Rig, layout: Layout, conditions: np.ndarray, unit: Tensor, progress: Progress
) -> Motion:
    """The rig's own motion, from the run's folder or fitted anew; then stills of another one are thrown away."""
    folder, size = options.folder(), options.size
    torch.manual_seed(options.seed)
    motion = motion_of(layout)
    if (folder / MOTION).exists():
        motion.load_state_dict(load_file(folder / MOTION))
        return motion
    shutil.rmtree(folder / "stills", ignore_errors=True)
    points = draw_motion(options.rig, conditions, size, options.workers, progress.rendering)
    at_rest = np.concatenate(thinned(rig.sheet_points(size)))
    c = torch.from_numpy(_columns(conditions, layout)) / unit
    warm_start(
        motion, layout.spans, c, points, at_rest, motion_counts(rig, size), options.seed, progress.motion
    )
    write_whole(folder / MOTION, save(motion.state_dict()))
    return motion


def _narrowed(
    layout: Layout, stills: dict[str, np.ndarray], folder: Path
) -> tuple[Layout, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """The layout with patches only where the stills differ, kept in the run's folder; and the extremes there, (h, w, 4) uint8."""
    boxes, bounds = {}, {}
    for patch in layout.patches:
        low, high = extremes(stills[patch.name])
        differs = varying(low, high)
        rows, columns = (np.flatnonzero(differs.any(axis)) // layout.detail for axis in (1, 0))
        if len(rows):
            left, top = patch.box.x + int(columns[0]), patch.box.y + int(rows[0])
            box = Box.between(left, top, patch.box.x + int(columns[-1]) + 1, patch.box.y + int(rows[-1]) + 1)
        else:
            box = Box(patch.box.x, patch.box.y, 1, 1)
        boxes[patch.name] = box
        part = box.relative_to(patch.box).scaled(layout.detail).slices
        bounds[patch.name] = low[part], high[part]
    write_whole(folder / PATCHES, json.dumps({name: list(box) for name, box in boxes.items()}).encode())
    return narrowed(layout, boxes), bounds


def _within(name: str, wide: Layout, layout: Layout) -> tuple[slice, slice]:
    """Where a narrowed patch lies in the pictures of what it was."""
    before, after = (next(p for p in x.patches if p.name == name) for x in (wide, layout))
    return after.box.relative_to(before.box).scaled(layout.detail).slices


def _start_dictionaries(
    state: TrainState,
    stills: dict[str, np.ndarray],
    bounds: dict[str, tuple[np.ndarray, np.ndarray]],
    controls: np.ndarray,
    seed: int,
    progress: Progress,
) -> None:
    """Set every patch to the principal components of its stills."""
    generator = state.generator
    c = torch.from_numpy(controls) / generator.unit.cpu()
    for patch in generator.layout.patches:
        dictionary = generator.dictionary(patch).cpu()
        low, high = (torch.from_numpy(bound).permute(2, 0, 1).float() / 255 for bound in bounds[patch.name])
        dictionary.low.copy_(low)
        dictionary.high.copy_(high)
        dictionaries.start(dictionary, c, stills[patch.name], seed, progress.patches)
        dictionary.to(generator.unit.device)


def _drawn_textures(rig: Rig, layout: Layout, motion: Motion, condition: np.ndarray) -> Tensor:
    """The neutral layers as textures (L, 4, S * detail, S * detail) in [0, 1]; of a layer that is unwrapped for its patches, what
    these show."""
    drawn = rig.render_layers(condition, layout.size * layout.detail)
    textures = np.stack([softened(layer, layout.detail) for layer in drawn])
    c = torch.from_numpy(_columns(condition[None], layout)) / torch.tensor(layout.unit)
    for name in layout.laid_out:
        k = layout.layer(name)
        textures[k] = 0
        with torch.no_grad():
            moved = motion.layer(c.to(motion.modes.device), k)[0].cpu().numpy()
        for patch in layout.patches:
            if patch.layer == name:
                part = patch.box.scaled(layout.detail).slices
                textures[k][part] = unwarp(drawn[k], moved, patch.box, layout.spans[k], layout.detail)
    return _channels_first(textures).float() / 255


def _tune_malloc() -> None:
    """Keep freed memory: large tensors on Linux otherwise page-fault at every step."""
    with suppress(OSError, AttributeError):
        if sys.platform == "linux":
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
            libc.mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD


def _channels_first(pictures: np.ndarray) -> Tensor:
    return torch.as_tensor(pictures).permute(0, 3, 1, 2)


def _liveliness(drawn: Tensor) -> Tensor:
    """How much each pixel of pictures (N, 4, h, w) uint8 changes between them, over a floor: (1, 1, h, w)."""
    spread = (drawn.float() / 255).std(0).mean(0)
    return (0.15 + 0.85 * spread / spread.mean().clamp(min=1e-6))[None, None]
