"""What speaking costs a show without a camera, and how well the mouth keeps to the sound: `python -m benchmarks.audio.speaking`.

25 seconds each, hoshi at 30 fps to nowhere: idling, then saying words made of nothing. A table, then a line of JSON. Age is
from a moment's being due to its picture's being taken; the mouth's lag is where its opening, as mixed, is most alike to the
loudness of what is heard just then, the picture's way to the output (LEAD) counted.
"""

import json
import threading
import time
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.plugins.stormed import Timed
from liveavatar.app.parts import preload
from liveavatar.app.speech.speaker import LEAD, Speaker
from liveavatar.app.speech.utterance import Utterance, Whole
from liveavatar.audio.clips import Clip
from liveavatar.audio.loudspeaker import OFF
from liveavatar.avatar.library import find_avatar
from liveavatar.base.provenance import machine
from liveavatar.base.timing import now, percentile, process_seconds
from liveavatar.cameras.blank import Blank
from liveavatar.controls import INDEX
from liveavatar.live.loop import Live
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.outputs.null import Null
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_retargeter
from liveavatar.retargeting.mixer import Mixer
from liveavatar.trackers.blank import NoTracker

SECONDS = 25.0
RATE = 24_000
FPS = 30.0
WORDS_S, PAUSE_S = 0.45, 0.25
"""Seconds of a word, and between two."""


def words(seconds: float) -> np.ndarray:
    """(n,) float32: an "a" of a man's voice, on and off."""
    at = np.arange(round(seconds * RATE)) / RATE
    sound = np.diff(np.floor(120 * at + 3 * np.sin(2 * np.pi * 0.7 * at)), prepend=0.0)
    ring = np.arange(round(0.04 * RATE)) / RATE
    for formant in (760.0, 1280.0, 2550.0):
        sound = np.convolve(sound, np.exp(-283 * ring) * np.sin(2 * np.pi * formant * ring))[: len(sound)]
    phase = at % (WORDS_S + PAUSE_S)
    loud = np.clip(np.minimum(phase, WORDS_S - phase) / 0.03, 0, 1)
    return (0.5 * sound / np.abs(sound).max() * loud).astype(np.float32)


def main() -> None:
    """Run, print."""
    avatar = find_avatar()
    preload(tracks=False)
    output = Timed(Null("null", size=avatar.size, fps=FPS, background=Background(DEFAULT, avatar.size)))
    mixer = Mixer(open_retargeter(avatar))
    mixed: list[tuple[float, float]] = []
    live = Live(
        open_camera=Blank, open_tracker=NoTracker, retargeter=mixer, open_renderer=lambda: open_renderer(avatar, "cpu"),
        output=output, size=avatar.size, fps=FPS,
    )  # fmt: skip
    began: list[float] = []
    speaker = Speaker(mixer, OFF)
    mixer.sources.append(lambda: mixed.append((now(), _jaw(mixer))))
    threading.Thread(target=live.run, daemon=True).start()
    while live.report.driven < 30:
        time.sleep(0.1)
    idling = _measured(live, output)
    sound = Clip(words(SECONDS + 3), RATE)

    def told(event: dict[str, Any]) -> None:
        if event["event"] == "started":
            began.append(now())

    speaker.say(Utterance(Whole(sound), tell=told))
    while not began:
        time.sleep(0.01)
    mixed.clear()
    speaking = _measured(live, output)
    speaking["mouth_lag_ms"] = _lag(mixed, began[0])
    live.stop()
    speaker.close()
    for name, figures in (("idling", idling), ("speaking", speaking)):
        print(f"{name:9s}", "  ".join(f"{key} {value}" for key, value in figures.items()))
    print(json.dumps({"idling": idling, "speaking": speaking, "machine": machine()}))


def _jaw(mixer: Mixer) -> float:
    """As mixed for the picture before."""
    return 0.0 if mixer.latest is None else float(mixer.latest.controls[INDEX["jawOpen"]])


def _measured(live: Live, output: Timed) -> dict[str, float]:
    output.times.clear()
    count, before = live.report.ages.count, process_seconds()
    time.sleep(SECONDS)
    gaps = [b - a for a, b in pairwise(list(output.times))]
    return {
        "fps": round(len(gaps) / SECONDS, 2),
        "longest_gap_ms": round(1000 * max(gaps), 1),
        "age_p50_ms": round(live.report.ages.ms(50, live.report.ages.count - count), 1),
        "age_p95_ms": round(live.report.ages.ms(95, live.report.ages.count - count), 1),
        "gap_p99_ms": round(1000 * percentile(gaps, 99), 1),
        "cpu_ms_per_frame": round(1000 * (process_seconds() - before) / max(len(gaps), 1), 1),
    }


def _lag(mixed: list[tuple[float, float]], began: float) -> float:
    """Milliseconds that the mouth is behind the words, at its best likeness."""
    at, jaw = np.array(mixed[1:]).T  # each opening belongs to the picture that was mixed before it
    at = np.concatenate([at[:1], at[:-1]]) + LEAD - began
    likeness = []
    lags = np.arange(-0.15, 0.151, 0.005)
    for lag in lags:
        phase = (at - lag) % (WORDS_S + PAUSE_S)
        likeness.append(np.corrcoef(jaw, np.clip(np.minimum(phase, WORDS_S - phase) / 0.06, 0, 1))[0, 1])
    return float(round(1000 * lags[int(np.argmax(likeness))], 1))


if __name__ == "__main__":
    main()
