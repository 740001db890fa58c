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
from liveavatar.errors import TrainingError
from liveavatar.fitting.layout import Layout, layout_for, narrowed
from liveavatar.fitting.points import draw_motion, motion_counts, thinned
from liveavatar.fitting.sampling import sample, sample_many
from liveavatar.fitting.stills import narrow, still, within
from liveavatar.fitting.textures import neutral_textures
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig
from liveavatar.training import dictionaries
from liveavatar.training.dataset import Dataset, open_dataset, render_missing
from liveavatar.training.motion_init import warm_start
from liveavatar.training.networks import Motion, motion_of
from liveavatar.training.progress import Progress
from liveavatar.training.schedule import Options
from liveavatar.training.state import TrainState
from liveavatar.training.stills import draw_stills

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
    still_controls = layout.columns(still(many))
    with torch.no_grad():
        amounts = motion.coefficients(torch.from_numpy(still_controls) / unit).numpy()
    modes = motion.modes.detach().unflatten(2, (2, motion.cells, motion.cells)).numpy()
    drawn = draw_stills(
        folder / "stills", options.rig, many, layout, modes, amounts, options.workers, progress.rendering
    )
    wide = layout
    layout, bounds = narrow(layout, drawn)
    boxes = {patch.name: list(patch.box) for patch in layout.patches}
    write_whole(folder / PATCHES, json.dumps(boxes).encode())
    stills = {p.name: drawn[p.name][(slice(None), *within(p.name, wide, layout))] for p in layout.patches}

    # The state: a checkpoint's, or one whose motion is the rig's, whose textures are its drawings, whose patches are their sums.
    state = TrainState(layout, device, options.seed)
    if (folder / CHECKPOINT).exists():
        state.load(folder / CHECKPOINT)
    else:
        state.generator.motion.load_state_dict(motion.state_dict())
        rest = torch.from_numpy(layout.columns(data.conditions[:1])) / unit
        with torch.no_grad():
            at_rest = motion(rest)[0].numpy()
        textures = neutral_textures(rig, layout, at_rest)
        state.generator.textures.data.copy_(_channels_first(textures).float() / 255)
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
        layout.columns(data.conditions),
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
    c = torch.from_numpy(layout.columns(conditions)) / unit
    warm_start(
        motion, layout.spans, c, points, at_rest, motion_counts(rig, size), options.seed, progress.motion
    )
    write_whole(folder / MOTION, save(motion.state_dict()))
    return motion


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
