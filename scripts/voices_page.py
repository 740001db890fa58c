"""Makes a page of the designed voices: a spectrogram and a sound of each. pip install av

python scripts/voices_page.py                                   # docs/pictures/voices/, of a voice by numbers
python scripts/voices_page.py --sound ME.wav --output FOLDER    # of yours; open FOLDER/index.html
"""

import argparse
import html
import io
from pathlib import Path

import av
import cv2
import numpy as np

from liveavatar.app.revoice import revoiced
from liveavatar.audio.clips import LARGEST, Clip, read_clip, resampled
from liveavatar.audio.features import HOP, RATE
from liveavatar.audio.voices import NATURAL, PRESETS
from liveavatar.base.files import read_whole, write_whole
from liveavatar.training.lips import voices
from liveavatar.training.voice.corpus import even

OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "voices"
SEED, FIRST_S, SECONDS = 19, 0.45, 2.4
"""Of the voice by numbers: somebody of middle pitch, while they speak without a pause."""
TOP, WINDOW, HEIGHT = 8000, 720, 160
"""Hz that are shown, samples of 30 ms, and pixels."""
RANGE_DB = 70.0
BITS = 40_000
"""A second."""


def nobody() -> np.ndarray:
    """(n,) float32 at RATE."""
    said, _ = voices.intoned(np.random.default_rng(SEED), FIRST_S + SECONDS)
    return resampled(said.astype(np.float32), voices.RATE, RATE)[round(FIRST_S * RATE) :]


def spectrogram(sound: np.ndarray) -> np.ndarray:
    """(HEIGHT, n // (HOP / 2), 3) uint8 BGR, RANGE_DB from black to light; a line each 2 kHz."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound, WINDOW // 2), WINDOW)[:: HOP // 2]
    level = 20 * np.log10(np.abs(np.fft.rfft(windows * np.hanning(WINDOW), 2 * WINDOW)) + 1e-6)
    level = level[:, : round(TOP * 2 * WINDOW / RATE)].T[::-1]
    grey = np.clip((level - level.max() + RANGE_DB) / RANGE_DB, 0, 1)
    grey = cv2.resize(grey, (grey.shape[1], HEIGHT), interpolation=cv2.INTER_AREA)
    picture = cv2.applyColorMap(np.round(255 * grey).astype(np.uint8), cv2.COLORMAP_INFERNO)
    for hertz in range(2000, TOP, 2000):
        row = round(HEIGHT * (1 - hertz / TOP))
        picture[row, ::8] = 130
        cv2.putText(
            picture, f"{hertz // 1000} kHz", (4, row - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (200,) * 3, 1,
            cv2.LINE_AA,
        )  # fmt: skip
    return picture


def packed(sound: np.ndarray) -> bytes:
    """Opus in Ogg."""
    data = io.BytesIO()
    with av.open(data, "w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=RATE, layout="mono", bit_rate=BITS)
        frame = av.AudioFrame.from_ndarray(
            np.round(sound.clip(-1, 1) * 32767).astype("<i2")[None], format="s16", layout="mono"
        )
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    return data.getvalue()


def page(names: list[str]) -> str:
    """HTML with every picture and sound."""
    parts = (
        f'<h2>{html.escape(name)}</h2><audio controls src="{name}.ogg"></audio><br><img src="{name}.webp" alt="">'
        for name in names
    )
    return f"<!doctype html><meta charset=utf-8><title>liveavatar</title>{''.join(parts)}\n"


def write(sound: np.ndarray, folder: Path) -> list[str]:
    """A picture and a sound of each voice; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {NATURAL: sound}
    said |= {name: revoiced(Clip(sound, RATE), sliders).samples for name, sliders in PRESETS.items()}
    for name, samples in said.items():
        picture = cv2.imencode(".webp", spectrogram(samples), [cv2.IMWRITE_WEBP_QUALITY, 85])[1]
        write_whole(folder / f"{name}.webp", picture.tobytes())
        write_whole(folder / f"{name}.ogg", packed(samples))
    return list(said)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sound", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if (options.sound is None) != (options.output is None):
        parser.error("--sound and --output go together")
    if options.sound is None:
        write(even(nobody()), OUT)
        return
    clip = read_clip(read_whole(options.sound, LARGEST))
    names = write(even(resampled(clip.samples, clip.rate, RATE)), options.output)
    write_whole(options.output / "index.html", page(names).encode())


if __name__ == "__main__":
    main()
