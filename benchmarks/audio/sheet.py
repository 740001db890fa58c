"""What an avatar's mouth does to a clip of speech, to look at: `python -m benchmarks.audio.sheet CLIP OUT.png [--avatar A]`.

A row is SECONDS of the clip: its waveform, the jaw (line) and what is heard (colours: A red, I yellow, U blue, E green, O violet;
white: sibilant, black: silence), and the avatar's mouth FPS times a second, through the mixer as in a run."""

import argparse
from pathlib import Path

import cv2
import numpy as np

from liveavatar.app.parts import renderer_of
from liveavatar.audio.lips import Lips
from liveavatar.audio.mouth import controls_of
from liveavatar.avatar.library import find_avatar
from liveavatar.base.files import write_whole
from liveavatar.controls import INDEX
from liveavatar.media.libav import av
from liveavatar.retargeting.mixer import Layer, Mixer
from liveavatar.retargeting.retargeter import FaceRetargeter

FPS, SECONDS, ACROSS = 10, 1.2, 100
COLOURS = np.array(
    [
        (60, 60, 230),
        (60, 220, 230),
        (220, 120, 60),
        (80, 200, 80),
        (200, 80, 170),
        (255, 255, 255),
        (120, 120, 120),
        (0, 0, 0),
    ]
)
"""BGR: A, I, U, E, O, sibilant, closed, silence."""


def decoded(path: Path, rate: int, seconds: float) -> np.ndarray:
    """The beginning of the clip's sound, (n,) float32, one channel."""
    parts: list[np.ndarray] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", rate)
        for frame in container.decode(audio=0):
            parts += [f.to_ndarray()[0] for f in resampler.resample(frame)]
            if sum(map(len, parts)) >= seconds * rate:
                break
    return np.concatenate(parts).astype(np.float32)[: round(seconds * rate)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--avatar", default="hoshi")
    parser.add_argument("--start", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=6.0)
    given = parser.parse_args()
    rate = 16000
    sound = decoded(given.clip, rate, given.start + given.seconds)
    lips, mixer = Lips(rate), Mixer(FaceRetargeter())
    renderer = renderer_of(find_avatar(given.avatar), "cpu")
    size, mouths, traces = rate // 100, [], []
    for k in range(len(sound) // size):
        mouth = lips.hear(sound[k * size : (k + 1) * size])
        shown = controls_of(mouth)
        if mouth.speaking > 0:
            weights = {name: weight for name, (_, weight) in shown.items()}
            mixer.write(Layer.MOUTH, "clip", {name: value for name, (value, _) in shown.items()}, weights)
        else:
            mixer.clear("clip")
        time = k / 100
        if k % 3 == 0:  # about 30 a second
            expression = mixer.retarget(None, time)
        vowels = list(mouth.vowels.values())
        closed = max(0.0, 1 - sum(vowels) - mouth.sibilant - mouth.silence)
        traces.append(
            [float(expression.controls[INDEX["jawOpen"]]), *vowels, mouth.sibilant, closed, mouth.silence]
        )
        if time >= given.start and k % (100 // FPS) == 0:
            picture = renderer.render(expression).image
            height, width = picture.shape[:2]
            over = picture[..., :3] + (255 - picture[..., 3:].astype(int)).clip(0).astype(np.uint8)
            crop = over[int(0.52 * height) : int(0.68 * height), int(0.41 * width) : int(0.59 * width)]
            mouths.append(cv2.resize(crop, (ACROSS, 88), interpolation=cv2.INTER_AREA)[..., ::-1])
    rows, per_row = [], round(SECONDS * FPS)
    for row in range(0, len(mouths), per_row):
        width = per_row * ACROSS
        strip = np.full((60, width, 3), 30, np.uint8)
        begin = round((given.start + row / FPS) * 100)
        for x in range(width):
            at = begin + x * 100 // (FPS * ACROSS)
            if at >= len(traces):
                break
            loud = int(58 * min(1.0, float(np.abs(sound[at * size : (at + 1) * size]).max()) * 1.5))
            strip[59 - loud : 60, x] = 110
            strip[:8, x] = np.array(traces[at][1:]) @ COLOURS
            strip[59 - int(58 * traces[at][0]), x] = (90, 220, 255)
        pictures = mouths[row : row + per_row]
        pictures += [np.full_like(mouths[0], 255)] * (per_row - len(pictures))
        rows += [strip, np.concatenate(pictures, axis=1)]
    write_whole(given.output, cv2.imencode(".png", np.concatenate(rows))[1].tobytes())


if __name__ == "__main__":
    main()
