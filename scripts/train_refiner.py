"""Trains the refiner that all portraits share, on what scripts/refiner_data.py made.

    python scripts/train_refiner.py --pairs pairs --output liveavatar/assets/refiner.onnx

Every eighth person is held out; the last line says how near their crops came to the truth, warped and refined. A checkpoint is
kept beside the output, and the same command goes on from it. --adversarial 0 leaves the discriminator out.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from safetensors.torch import load_file, save_file

from liveavatar.language import tr
from liveavatar.training.refiner.lesson import Lesson, judge
from liveavatar.training.refiner.networks import Refiner
from liveavatar.training.refiner.onnx import write_onnx
from liveavatar.training.refiner.pairs import load_pairs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=Path, required=True, help=tr("folder of pairs", "训练对文件夹"))
    parser.add_argument(
        "--output", type=Path, required=True, help=tr("the ONNX file to write", "输出 ONNX 文件")
    )
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument(
        "--adversarial", type=float, default=0.3, help=tr("share of the steps", "对抗训练步数占比")
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help=tr("weights to begin with (safetensors)", "初始权重"))
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    paths = sorted(a.pairs.glob("*.npz"))
    if len(paths) < 2:
        sys.exit(
            tr(
                f"no pairs in {a.pairs}: run scripts/refiner_data.py",
                f"{a.pairs} 中没有训练对：请先运行 scripts/refiner_data.py",
            )
        )
    held, shown = load_pairs(paths[::8]), load_pairs([p for i, p in enumerate(paths) if i % 8])
    network = Refiner()
    kept = a.output.with_suffix(".safetensors")
    if a.start:
        network.load_state_dict(load_file(a.start))
    lesson = Lesson(network, shown, steps=a.steps, batch=a.batch, adversarial=a.adversarial)
    if kept.exists():
        state = load_file(kept)
        lesson.step = int(state.pop("step"))
        network.load_state_dict({k[4:]: v for k, v in state.items() if k.startswith("now.")})
        lesson.average.load_state_dict({k[5:]: v for k, v in state.items() if k.startswith("kept.")})
    print(f"{len(shown)} + {len(held)} frames, from step {lesson.step}", flush=True)
    saved = time.monotonic()

    def save() -> None:
        state = {f"now.{k}": v for k, v in network.state_dict().items()}
        state |= {f"kept.{k}": v for k, v in lesson.average.state_dict().items()}
        save_file(state | {"step": torch.tensor(lesson.step)}, kept)

    def progress(step: int, steps: int, record: dict[str, float]) -> None:
        nonlocal saved
        if step % 50 == 0:
            print(step, {k: round(v, 4) for k, v in record.items()}, flush=True)
        if time.monotonic() - saved > 120:
            save()
            saved = time.monotonic()
            print(json.dumps(judge(lesson.average, held)), flush=True)

    try:
        lesson.run(progress)
    finally:
        save()
    write_onnx(lesson.average, a.output)
    print(json.dumps(judge(lesson.average, held)))


if __name__ == "__main__":
    main()
