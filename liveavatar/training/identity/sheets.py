"""What a training of identities shows and writes: characters, curves, the generator's file."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from liveavatar.base.files import write_whole
from liveavatar.rigs.contact_sheet import write_population
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.generated.code import decode
from liveavatar.rigs.generated.network import Generator, coded, columns, read
from liveavatar.rigs.generated.numbers import PARTS
from liveavatar.training.checkpoint import unwritable
from liveavatar.training.identity.calibration import calibrated, matched
from liveavatar.training.identity.networks import DEPTH, Network, weights
from liveavatar.training.identity.population import kinds
from liveavatar.training.report import read_log

if TYPE_CHECKING:
    from liveavatar.training.identity.trainer import Trainer


def exported(trainer: "Trainer") -> bytes:
    """The file of the generator as it is now."""
    networks, arrays = {}, {}
    for part, form in trainer.forms.items():
        average = trainer.averages[part]
        assert isinstance(average, Network)
        networks[part], numbers = calibrated(average, form, trainer.real[f"{part}.given"], trainer.real[part])
        if part in PARTS:
            scale = matched(trainer.population.scales[part], numbers.double().numpy())
            for name, value in vars(scale).items():
                arrays[f"{part}.{name}"] = value.astype(np.float32 if value.dtype == np.float64 else np.int32)
    arrays |= {key: value.astype(np.float16) for key, value in weights(networks).items()}
    about = {
        "made_by": "train-identity",
        "population": len(trainer.population.given),
        "steps": trainer.step,
        "seed": trainer.options.seed,
        "depth": DEPTH + 2,
        "columns": {part: [*columns(part)[0], *columns(part)[1]] for part in PARTS},
        "kinds": kinds(),
    }
    memory = io.BytesIO()
    np.savez_compressed(memory, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
    return memory.getvalue()


def current(trainer: "Trainer") -> Generator:
    """The generator as it is now."""
    return read(exported(trainer))


def write_generator(trainer: "Trainer", path: Path) -> None:
    """The generator's file, for `rig generated`. Raises TrainingError."""
    try:
        write_whole(path, exported(trainer))
    except OSError as error:
        raise unwritable(path, error) from error


def write(trainer: "Trainer", path: Path, count: int = 16, size: int = 256) -> None:
    """A PNG of some characters, always of the same noise. Raises TrainingError where it cannot be written."""
    of = current(trainer)
    write_population(((str(k), DrawnRig(decode(coded(k, of=of)))) for k in range(count)), path, size)


def write_curve(log: Path, path: Path) -> None:
    """Losses by part, and how far the generated lie from the population, from log.jsonl."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = read_log(log)
    if not rows:
        return
    figure, axes = plt.subplots(1, 3, figsize=(15, 4))
    shown = {"critic": ("d_",), "generator": ("g_",), "gap": ("gap_", "share_")}
    for axis, (label, prefixes) in zip(axes, shown.items(), strict=True):
        for key in (k for k in rows[-1] if k.startswith(prefixes)):
            axis.plot([r["step"] for r in rows if key in r], [r[key] for r in rows if key in r], label=key)
        axis.set(xlabel="step", ylabel=label)
        axis.legend(fontsize=7)
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    plt.close(figure)
    write_whole(path, picture.getvalue())
