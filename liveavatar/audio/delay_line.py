"""Keeps a voice as late as the picture: samples in with the time they were spoken, out as late as is asked for.

What is asked for changes, and two sound cards' clocks differ: in speech the line is read a little quicker or slower, which nobody
hears; in pauses, and where lips and voice would be far apart, it goes there at once. Reads no clock. One thread adds, another
one, a sound card's, fills.
"""

import math
from collections import deque

import numpy as np

from liveavatar.audio.suppressor import HOP, RATE

SIZE = 1 << 18
"""Samples that are kept: 5.5 s. A power of two."""
QUICKER = 0.0045
"""The most that speech is played quicker or slower: 8 cents."""
SLEW = 0.003
"""By how much a second that may change."""
PULL = 0.3
"""Share of what is missing to the delay that is made up in a second."""
JUMP_S = 0.004
"""What is missing from which on a pause is made longer or shorter."""
FAR_S, FAR_AT_FIRST_S = 0.15, 0.03
"""What is missing from which on it jumps whatever is said, and until START_S: lips that lag are worse than a syllable cut."""
GONE_S = 0.5
"""Sound that comes later than this is not waited for."""
SPARE_S = 0.003
"""Beyond what was needed lately, so that ordinary jitter is no late block."""
LATELY = 10
"""Seconds: what was needed before them is forgotten."""
YIELD_S = 0.005
"""By how much one late block makes all later ones later; after START_S, at whose end what was needed until then is forgotten."""
START_S = 2.0
FADE_S = 0.01
"""Of the last sound before a block that came too late, of the first after it, and of muting."""
_STAMPS, _JITTER = 0.01, 0.05
"""Share of a time stamp's deviation that is believed; seconds from which on all of it is."""
_HALF, _PHASES = 16, 2048
"""Zero crossings of the kernel on each side, and its rows a sample: the nearest one is used, an error of -70 dB at 10 kHz."""


def kernel(cutoff: float) -> np.ndarray:
    """(_PHASES + 1, taps) float32: a sinc in Kaiser's window, row p for a place p / _PHASES of a sample after the middle.

    cutoff: share of the band that passes."""
    half = math.ceil(_HALF / cutoff)
    at = np.arange(-half + 1, half + 1) - np.arange(_PHASES + 1)[:, None] / _PHASES
    inside = np.sqrt(np.maximum(1 - np.square(at / half), 0))
    rows = np.sinc(cutoff * at) * np.i0(9.0 * inside)
    return (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)


class DelayLine:
    """One voice, at suppressor.RATE, on its way to one device."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second that the device takes."""
        self._rate, self._step = rate, RATE / rate
        self._kernel = kernel(min(1.0, rate / RATE))
        self._reach = self._kernel.shape[1] // 2
        """Samples beside a place that the kernel looks at."""
        self._kept = np.zeros(SIZE, np.float32)
        self._quiet = np.ones(SIZE // HOP + 1, bool)
        self._written = self._seen = 0
        self._spoken_at: float | None = None
        """When sample 0 was spoken, as the latest stamps have it."""
        self._at = 0.0
        """The sample that is played next, with fractions."""
        self._next: float | None = None
        """When the next block is heard if all goes on evenly."""
        self._faster = 0.0
        self._dry, self._gain, self._heard = True, 0.0, 0.0
        """Nothing is played; how loud what is played is; seconds of it since the line began."""
        self._needed, self._peaks = 0.0, deque([0.0], maxlen=LATELY)
        """The delay that would just have done lately, and in each second of it."""
        self._newest = 0.0
        """The delay that would have done for the newest block."""
        self.wanted = 0.06
        """Seconds from a sound to its being heard."""
        self.muted = False
        self.late = 0
        """Blocks that were not there in time, START_S after the beginning, by when it knows how soon they come."""
        self.blocks = 0
        """That were asked for."""
        self.delay: float | None = None
        """Seconds, as it is; None while nothing is heard."""

    def begin(self) -> None:
        """Forget what was needed until now, as at the beginning."""
        self._needed, self._heard = 0.0, 0.0
        self._peaks.clear()
        self._peaks.append(0.0)

    def add(self, samples: np.ndarray, time: float, quiet: bool) -> None:
        """(HOP,) float32; the last of them was spoken at `time`, seconds. quiet: in them nobody speaks."""
        at = self._written % SIZE
        count = min(HOP, SIZE - at)
        self._kept[at : at + count] = samples[:count]
        self._kept[: HOP - count] = samples[count:]
        self._quiet[self._written // HOP % len(self._quiet)] = quiet
        self._written += HOP
        stamp = time - self._written / RATE
        off = 0.0 if self._spoken_at is None else stamp - self._spoken_at
        if self._spoken_at is None or abs(off) > _JITTER:
            self._spoken_at = stamp
        else:
            self._spoken_at += _STAMPS * off

    @property
    def target(self) -> float:
        """Seconds: as late as is wanted, or as can be done."""
        return max(self.wanted, self._needed + SPARE_S)

    def fill(self, out: np.ndarray, at: float) -> None:
        """Write the next samples, (n,) float32, silence where there are none. at: seconds, when the first is heard."""
        self.blocks += 1
        if self._next is not None and abs(at - self._next) < _JITTER:
            at = self._next + 0.05 * (at - self._next)
        seconds = len(out) / self._rate
        self._next = at + seconds
        spoken_at, written = self._spoken_at, self._written
        if spoken_at is None:
            out.fill(0)
            return
        goal = (at - self.target - spoken_at) * RATE
        if self._dry:
            if goal < self._reach or not self._there(goal, len(out), written):
                lacking = -self._ahead(goal, len(out), written)
                if written != self._seen and lacking < GONE_S:  # sound comes, but too late for what is wanted
                    self._need(self.target + lacking, known=False)
                self._seen = written
                out.fill(0)
                self.delay = None
                return
            self._at, self._dry, self._faster, self._gain = goal, False, 0.0, 0.0
        self._seen = written
        missing = (self._at - goal) / RATE
        delay = at - spoken_at - self._at / RATE
        paused = self._gain == 0 or (self._is_quiet(self._at, len(out)) and self._is_quiet(goal, len(out)))
        far = JUMP_S if paused else FAR_S if self._heard >= START_S else FAR_AT_FIRST_S
        if abs(missing) > far and self._there(goal, len(out), written):
            self._jump(out, goal)
            self._finish(out, seconds)
            return
        step = min(max(-PULL * missing, -QUICKER), QUICKER)
        self._faster += min(max(step - self._faster, -SLEW * seconds), SLEW * seconds)
        ahead = self._ahead(self._at, len(out), written)
        self._need(delay - ahead, known=ahead >= 0)
        if ahead < 0:
            self._run_dry(out, written)
        else:
            out[:] = self._read(self._at, len(out))
            self._at += len(out) * self._step * (1 + self._faster)
        self.delay = delay
        self._finish(out, seconds)

    def _ahead(self, start: float, count: int, written: int) -> float:
        """Seconds that are there beyond a block that starts at this sample."""
        return (written - self._reach - 1 - start - count * self._step * (1 + QUICKER)) / RATE

    def _there(self, start: float, count: int, written: int) -> bool:
        return self._ahead(start, count, written) >= 0 and start > written - SIZE + 2 * RATE * 0.1

    def _need(self, seconds: float, known: bool) -> None:
        """This delay would just have done; not known: or a longer one."""
        most = math.inf if known or self._heard < START_S else self._needed + YIELD_S
        self._newest = min(seconds, most)
        self._peaks[-1] = max(self._peaks[-1], self._newest)
        self._needed = max(self._needed, self._peaks[-1])

    def _is_quiet(self, start: float, count: int) -> bool:
        first, last = int(start) // HOP, int(start + count * self._step) // HOP
        return all(self._quiet[k % len(self._quiet)] for k in range(first, last + 1))

    def _read(self, start: float, count: int, faster: float | None = None) -> np.ndarray:
        """(count,) float32 from this sample on, at the present speed."""
        step = self._step * (1 + (self._faster if faster is None else faster))
        places = start + step * np.arange(count)
        whole = np.floor(places).astype(np.int64)
        rows = self._kernel[np.rint((places - whole) * _PHASES).astype(np.int64)]
        if not count:
            return np.zeros(0, np.float32)
        first = int(whole[0]) - self._reach + 1
        piece = self._kept.take(np.arange(first, int(whole[-1]) + self._reach + 1), mode="wrap")
        taps = np.lib.stride_tricks.sliding_window_view(piece, 2 * self._reach)[whole - whole[0]]
        found: np.ndarray = np.einsum("ij,ij->i", rows, taps)
        return found

    def _jump(self, out: np.ndarray, goal: float) -> None:
        """From here over to the goal within a block."""
        over = np.linspace(0, 1, len(out), dtype=np.float32)
        out[:] = (1 - over) * self._read(self._at, len(out), 0.0) + over * self._read(goal, len(out), 0.0)
        self._at, self._faster = goal + len(out) * self._step, 0.0

    def _run_dry(self, out: np.ndarray, written: int) -> None:
        """What there is, then its mirror image, fading."""
        self.late += self._heard >= START_S
        speed = self._step * (1 + self._faster)
        count = min(max(int((written - self._reach - 1 - self._at) / speed), 0), len(out))
        fade = min(round(FADE_S * self._rate), len(out) - count)
        out[:count] = self._read(self._at, count)
        end = self._at + count * speed
        mirrored = self._read(end - fade * self._step, fade, 0.0)[::-1]
        out[count : count + fade] = mirrored * np.linspace(1, 0, fade, dtype=np.float32) ** 2
        out[count + fade :] = 0
        self._dry = True

    def _finish(self, out: np.ndarray, seconds: float) -> None:
        """Loudness, and what is kept in mind."""
        end = 0.0 if self.muted else 1.0
        if self._gain != end or end == 0.0:
            ramp = np.arange(1, len(out) + 1) / (FADE_S * self._rate)
            gain = self._gain + ramp if end else self._gain - ramp
            gain = gain.clip(0, 1).astype(np.float32)
            out *= gain
            self._gain = float(gain[-1])
        np.clip(out, -1, 1, out=out)
        if int(self._heard + seconds) > int(self._heard):
            if int(self._heard + seconds) == START_S:
                self._peaks.clear()
            self._needed = max(self._peaks, default=self._newest)
            self._peaks.append(0.0)
        self._heard += seconds
