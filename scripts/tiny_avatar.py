"""Trains the tiny avatar of the tests (128 pixels, some KB, real interface): python scripts/tiny_avatar.py"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from liveavatar.training.package import write_package  # noqa: E402
from liveavatar.training.prepared import prepare  # noqa: E402
from liveavatar.training.schedule import Options  # noqa: E402
from liveavatar.training.trainer import Trainer  # noqa: E402

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as run:
        options = Options(
            rig="tests.helpers.tiny_rig:TinyRig",
            frames=300,
            steps=1000,
            size=128,
            width=0.25,
            seed=3,
            run=Path(run),
        )
        trainer = Trainer(prepare(options))
        trainer.run()
        avatar, parity = write_package(trainer, "tiny", ROOT / "tests" / "data" / "tiny")
    print(
        avatar.folder,
        f"parity {parity:.1f} dB",
        sum(f.stat().st_size for f in avatar.folder.iterdir()) // 1000,
        "kB",
    )
