"""What a training needs before its first step: minutes of drawing and fitting, kept on disk, so that the next time is quick."""

import ctypes
import json
import shutil
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from liveavatar.avatar.card import Avatar, Patch
from liveavatar.avatar.library import find_avatar
from liveavatar.base.files import write_whole
from liveavatar.controls import INDEX
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig
from liveavatar.training.dataset import (
    Dataset,
    draw_motion,
    motion_counts,
    open_dataset,
    render_missing,
    thinned,
)
from liveavatar.training.layout import Layout, layout_for
from liveavatar.training.motion_init import warm_start
from liveavatar.training.pretrained import take_weights
from liveavatar.training.progress import Progress
from liveavatar.training.sampling import sample
from liveavatar.training.schedule import Options
from liveavatar.training.state import TrainState
from liveavatar.training.stills import Stills, open_stills, render_stills, with_margin
from liveavatar.training.unwarp import extremes, softened, unwarp, unwarp_all

MOVES, LEAST_MOVES = 6, 2000
"""Conditions for the motion, for each frame and at least: points cost a tenth of a picture (benchmarks/LOG.md, 2026-11-26)."""
SAMPLED = 400
"""Stills, about, that tell what each pixel of a patch is like on the whole."""
CHECKPOINT = "checkpoint.safetensors"


@dataclass
class Prepared:
    """All that a trainer works with."""

    options: Options
    device: torch.device
    data: Dataset
    layout: Layout
    controls: np.ndarray
    """(N, n) float32: the data's conditions, as far as the layout has controls."""
    stills: Stills
    still_parts: tuple[Patch, ...]
    """What the stills show of each patch's layer: its box with a margin, in pixels of the textures."""
    still_controls: np.ndarray
    """(M, n) float32."""
    state: TrainState
    """At the last checkpoint's step, or at the first."""
    targets: dict[str, np.ndarray]
    """Patch name -> (M, h, w, 4) uint8: what it must make of its part of the texture for every still."""
    still_weights: dict[str, Tensor]
    """Patch name -> (1, 1, h, w) float32: how much each pixel counts."""

    @property
    def folder(self) -> Path:
        """Of the run."""
        return self.options.folder()

    def target(self, patch: str, rows: np.ndarray) -> Tensor:
        """Rows of a patch's targets: (B, 4, h, w) uint8."""
        return _channels_first(self.targets[patch][rows])


def prepare(options: Options, progress: Progress | None = None) -> Prepared:
    """Draw and fit what is not there yet. May be interrupted at any moment; the same options go on from there.

    Raises TrainingError for options that do not fit the run, for a full disk, and where --start names an avatar of another
    design; AvatarError where it names none."""
    progress = progress or Progress()
    _tune_malloc()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder, size = options.folder(), options.size
    folder.mkdir(parents=True, exist_ok=True)
    rig = open_rig(options.rig)
    start = find_avatar(options.start) if options.start is not None else None
    _remember(options)

    # Pairs: conditions, and the teacher's pictures of them.
    data = open_dataset(options.rig, sample(options.frames, options.seed), size)
    render_missing(data, options.rig, options.workers, progress.rendering)
    layout = layout_for(rig, data.conditions, size, options.width)
    columns = [INDEX[name] for name in layout.controls]
    controls = np.ascontiguousarray(data.conditions[:, columns])

    # Stills: other conditions, the head at rest, large, and of the patches' layers alone.
    large = size * layout.detail
    parts = tuple(
        replace(patch, box=with_margin(patch.box, size).scaled(layout.detail)) for patch in layout.patches
    )
    stills = open_stills(options.rig, sample(options.frames, options.seed + 1), large, parts)
    render_stills(stills, options.rig, large, parts, options.workers, progress.rendering)
    still_controls = np.ascontiguousarray(stills.conditions[:, columns])

    # The state: a checkpoint's, or one whose motion is the rig's and whose textures are its drawings.
    state = TrainState(layout, device, options.seed)
    if (folder / CHECKPOINT).exists():
        state.load(folder / CHECKPOINT)
    else:
        shutil.rmtree(folder / "targets", ignore_errors=True)  # of another run's motion
        _begin(state, options, rig, data, start, progress)

    # Targets: the stills, unwarped into the textures, where patches are painted.
    corners = {part.name: part.box[:2] for part in parts}
    generator = state.average if state.step else state.generator
    targets = unwarp_all(generator, stills, still_controls, corners, folder / "targets", progress.unwarping)
    sampled = np.arange(0, len(still_controls), -(-len(still_controls) // SAMPLED))
    if not state.step:
        for name, bare in state.generator.bare.items():
            bare.data.copy_(_opaque_median(_channels_first(targets[name][sampled[::2]])))
        state.average.load_state_dict(state.generator.state_dict())
    bounds = {
        name: tuple(bound.to(device) for bound in extremes(targets[name])) for name in state.generator.bare
    }
    state.generator.bounds = state.average.bounds = bounds  # type: ignore[assignment]
    weights = {name: _liveliness(_channels_first(targets[name][sampled])).to(device) for name in targets}
    return Prepared(
        options, device, data, layout, controls, stills, parts, still_controls, state, targets, weights
    )


def bytes_on_disk(layout: Layout, frames: int) -> int:
    """What so many pictures, their stills, and these unwarped take."""
    boxes = [b for patch in layout.patches for b in (with_margin(patch.box, layout.size), patch.box)]
    stills = sum(box.w * box.h for box in boxes) * layout.detail**2
    return frames * (layout.size**2 + stills) * 4


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


def _begin(
    state: TrainState, options: Options, rig: Rig, data: Dataset, start: Avatar | None, progress: Progress
) -> None:
    """Set the generator to the rig's own motion and drawings, and its patches to those of the avatar to start from."""
    generator, size = state.generator, options.size
    many = sample(max(MOVES * options.frames, LEAST_MOVES), options.seed)
    points = draw_motion(options.rig, many, size, options.workers, progress.rendering)
    controls = np.ascontiguousarray(many[:, [INDEX[name] for name in generator.layout.controls]])
    at_rest = np.concatenate(thinned(rig.sheet_points(size)))
    counts = motion_counts(rig, size)
    warm_start(generator, controls, points, at_rest, counts, options.seed, progress.motion)
    generator.textures.data.copy_(_drawn_textures(state, rig, data.conditions[0]))
    if start is not None:
        take_weights(generator, start)


def _drawn_textures(state: TrainState, rig: Rig, neutral: np.ndarray) -> Tensor:
    """The neutral layers as textures (L, 4, S * detail, S * detail) in [0, 1]; of a layer that is laid out for its patches, what
    these show."""
    generator, layout = state.generator, state.generator.layout
    drawn = rig.render_layers(neutral, layout.size * layout.detail)
    textures = softened(torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 255, layout.detail)
    columns = [INDEX[name] for name in layout.controls]
    c = torch.from_numpy(neutral[columns][None]).to(generator.unit.device) / generator.unit
    for name in layout.laid_out:
        k = layout.layer(name)
        textures[k] = 0
        for i, patch in enumerate(layout.patches):
            if patch.layer == name:
                generator.warp.part_of(textures[k], patch.box).copy_(unwarp(generator, i, c, [drawn[k]])[0])
    return textures


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


def _opaque_median(drawn: Tensor) -> Tensor:
    """The median of pictures (N, 4, h, w) uint8 at each pixel, of those that are opaque there, where any are: (4, h, w) in
    [0, 1]."""
    result = np.empty(drawn.shape[1:], np.float32)
    for row in range(drawn.shape[2]):  # one row at a time: all at once would take gigabytes
        line = drawn[:, :, row].numpy().astype(np.float32) / 255
        opaque = line[:, 3:] > 0.98
        kept = np.where(opaque | ~opaque.any(0), line, np.nan)
        result[:, row] = np.nanmedian(kept, axis=0)
    return torch.from_numpy(result)
