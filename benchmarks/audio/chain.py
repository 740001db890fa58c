"""What a voice's way costs beside a show, and whether it grows: `python -m benchmarks.audio.chain [--voice NAME] [--minutes 30]`.

Microphone's blocks of 10 ms at 48 kHz through suppressor, gate and voice. First 25 s in real time alone, then as long beside
hoshi at 30 fps to nowhere in the same process: a block's milliseconds by this thread's clock, and by the wall's. Then so many
minutes of blocks as fast as they go: memory that lies in RAM, and what Python holds, from minute to minute. A table, and JSON.
"""

import argparse
import gc
import json
import threading
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.audio.speaking import words
from benchmarks.endurance.vitals import resident_mb
from liveavatar.app.parts import preload
from liveavatar.app.revoice import open_changer
from liveavatar.audio.clips import Resampler
from liveavatar.audio.microphone import Block
from liveavatar.audio.suppressor import HOP, RATE, Suppressor
from liveavatar.audio.voice_chain import VoiceChain
from liveavatar.audio.voices import PRESETS
from liveavatar.avatar.library import find_avatar
from liveavatar.base.provenance import machine
from liveavatar.base.timing import now
from liveavatar.cameras.blank import Blank
from liveavatar.live.loop import Live
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.outputs.null import Null
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_retargeter
from liveavatar.retargeting.mixer import Mixer
from liveavatar.trackers.blank import NoTracker

SECONDS = 25.0
FPS = 30.0
PAUSE_S = 4.0
"""Of silence after so long a speech: the gate shuts."""
HOPS_A_MINUTE = 60 * RATE // HOP


def blocks(count: int) -> Iterator[Block]:
    """Words and pauses, 8 s over and over, with a little noise."""
    way = Resampler(24_000, RATE)
    sound = np.concatenate([way.take(words(PAUSE_S)), np.zeros(round(PAUSE_S * RATE), np.float32)])
    sound += np.random.default_rng(1).normal(0, 1e-3, len(sound)).astype(np.float32)
    sound = sound[: len(sound) // HOP * HOP].reshape(-1, HOP)
    for k in range(count):
        yield Block(sound[k % len(sound)], RATE, (k + 1) * HOP / RATE)


def in_real_time(chain: VoiceChain) -> dict[str, float]:
    """Milliseconds of a block, and how many took longer than they last."""
    thread, wall = [], []
    start = now()
    for block in blocks(round(SECONDS * RATE / HOP)):
        time.sleep(max(0.0, start + block.time - now()))
        at, spent = now(), time.thread_time()
        for _ in chain.hear(block):
            pass
        thread.append(1e3 * (time.thread_time() - spent))
        wall.append(1e3 * (now() - at))
    return {
        "thread_mean_ms": round(float(np.mean(thread)), 2),
        "thread_p99_ms": round(float(np.quantile(thread, 0.99)), 2),
        "wall_mean_ms": round(float(np.mean(wall)), 2),
        "wall_p99_ms": round(float(np.quantile(wall, 0.99)), 2),
        "over_10_ms": float(np.sum(np.array(wall) > 10)),
    }


def beside_a_show(chain: VoiceChain) -> dict[str, float]:
    """The same, and the show's own pace."""
    avatar = find_avatar()
    preload(tracks=False)
    output = Null("null", size=avatar.size, fps=FPS, background=Background(DEFAULT, avatar.size))
    live = Live(
        open_camera=Blank, open_tracker=NoTracker, retargeter=Mixer(open_retargeter(avatar)),
        open_renderer=lambda: open_renderer(avatar, "cpu"), output=output, size=avatar.size, fps=FPS,
    )  # fmt: skip
    show = threading.Thread(target=live.run, daemon=True)
    show.start()
    while live.report.driven < 30:
        time.sleep(0.1)
    drawn = live.report.driven
    figures = in_real_time(chain)
    figures["show_fps"] = round((live.report.driven - drawn) / SECONDS, 2)
    live.stop()
    show.join()
    return figures


def growth(chain: VoiceChain, minutes: int) -> dict[str, float]:
    """Memory after each minute of blocks, MB: the first's, the last's, and the highest; and objects that Python holds."""
    resident, objects = [], []
    for k, block in enumerate(blocks(minutes * HOPS_A_MINUTE), 1):
        for _ in chain.hear(block):
            pass
        if k % HOPS_A_MINUTE == 0:
            gc.collect()
            resident.append(resident_mb() or 0.0)
            objects.append(len(gc.get_objects()))
    return {
        "minutes": minutes,
        "first_mb": resident[0],
        "last_mb": resident[-1],
        "most_mb": max(resident),
        "objects_more": objects[-1] - objects[0],
    }


def main() -> None:
    """Run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", choices=list(PRESETS), default="creature")
    parser.add_argument("--minutes", type=int, default=30, help="0: only the cost")
    options = parser.parse_args()
    chain = VoiceChain(open_changer(RATE, PRESETS[options.voice]), Suppressor())
    found = {"alone": in_real_time(chain), "beside a show": beside_a_show(chain)}
    if options.minutes:
        found["growth"] = growth(chain, options.minutes)
    for name, figures in found.items():
        print(f"{name:14s}", "  ".join(f"{key} {value:g}" for key, value in figures.items()))
    print(json.dumps({"voice": options.voice, **found, "machine": machine()}))


if __name__ == "__main__":
    main()
