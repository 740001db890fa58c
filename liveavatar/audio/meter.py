"""How loud a microphone is, and what is wrong with it."""

import numpy as np

from liveavatar.language import tr

FALLS = 20.0
"""dB a second that the level falls."""
QUIETEST = -99.0
MUTED_S = 8.0
"""Seconds without any sound since it was opened, after which it seems to be muted."""
_NOISE = 10 ** (-90 / 20)
"""Amplitude below which there is none: not even a quiet room is so quiet."""
_CUT, _CUT_SHARE, _CUT_S = 0.99, 0.002, 3.0
"""Amplitude of what is cut off, and the share of it, over these seconds, that is heard as distortion."""


class Meter:
    """Of one opened microphone."""

    def __init__(self) -> None:
        self.level = QUIETEST
        """dB of full scale: peaks, falling slowly."""
        self.trouble = ""
        """For the user; empty where all is well."""
        self._sounded = False
        self._seconds = self._cut = 0.0

    def hear(self, block: np.ndarray, seconds: float) -> None:
        """A block (n,) float32, so long."""
        samples = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        peak = float(np.abs(samples).max(initial=0.0))
        self._seconds += seconds
        self._sounded |= peak > _NOISE
        self.level = max(20 * np.log10(max(peak, 1e-5)), self.level - FALLS * seconds, QUIETEST)
        cut = float((np.abs(samples) >= _CUT).mean()) if len(samples) else 0.0
        self._cut += (cut - self._cut) * min(seconds / _CUT_S, 1)
        if not self._sounded and self._seconds > MUTED_S:
            self.trouble = tr(
                "nothing is heard, not even a room: is it muted, by a key, in the system's settings or at the device?",
                "完全没有声音，连环境声也没有：是否被按键、系统设置或设备上的开关静音？",
            )
        elif self._cut > _CUT_SHARE:
            self.trouble = tr(
                "it is too loud, and cut off: turn its level down in the system's settings.",
                "音量过大，声音被截断：请在系统设置中调低麦克风音量。",
            )
        elif self._sounded and self._cut < _CUT_SHARE / 2:
            self.trouble = ""
