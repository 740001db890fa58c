"""A window for the user beside another output: the avatar as it is sent, and what the tracker sees, as landmarks.

Never a camera picture: it is a Window, which takes AvatarFrames only, and landmarks are drawn into a copy of one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from liveavatar.base.mailbox import Closed
from liveavatar.base.messages import say
from liveavatar.language import tr
from liveavatar.media.compositing import Background, Framing
from liveavatar.outputs.window import Window
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame, Face

EVERY = 2
"""Frames per picture in the window: half the rate is enough to look at."""
PANEL = 0.34
"""Width of the landmarks' panel as a share of the picture's."""
PANEL_ALPHA = 0.8
_INK, _LINE, _LOST = (24, 27, 38, 255), (132, 214, 255, 255), (255, 120, 120, 255)

_CONTOURS = tuple(
    np.array(points)
    for points in (
        (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
         150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
        (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7, 33),
        (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249, 263),
        (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146, 61),
        (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95, 78),
        (70, 63, 105, 66, 107), (300, 293, 334, 296, 336), (168, 6, 197, 195, 5, 4, 1, 2),
        (469, 470, 471, 472, 469), (474, 475, 476, 477, 474),
    )
)  # fmt: skip
"""Face, eyes, lips, brows, nose, irises as chains of MediaPipe's landmarks."""


def with_landmarks(frame: AvatarFrame, face: Face | None, mirror: bool = False) -> AvatarFrame:
    """A copy of the frame with the tracker's view in its lower right corner; an empty panel when no face is seen.

    mirror: show the landmarks as in a mirror."""
    image = frame.image.copy()
    height, width = image.shape[:2]
    side = max(48, round(PANEL * width))
    left, top = width - side - width // 40, height - side - height // 40
    panel = image[top : top + side, left : left + side]
    cv2.addWeighted(panel, 1 - PANEL_ALPHA, np.full_like(panel, _INK), PANEL_ALPHA, 0, dst=panel)
    cv2.rectangle(panel, (0, 0), (side - 1, side - 1), _LOST if face is None else _LINE, 1, cv2.LINE_AA)
    if face is not None and len(face.landmarks):
        # Subpixel coordinates in 1/16 pixel.
        scale = 16 * side / max(face.size)
        shift = (np.array([side, side]) * 16 - np.array(face.size) * scale) / 2
        points = face.landmarks[:, :2] * scale + shift
        if mirror:
            points[:, 0] = 16 * side - points[:, 0]
        chains = [np.round(points[chain]).astype(np.int32) for chain in _CONTOURS]
        cv2.polylines(panel, chains, False, _LINE, 1, cv2.LINE_AA, shift=4)
    return replace(frame, source=image)


class Previewed(Output):
    """An output that shows in a window what it sends. Closing the window ends the preview only."""

    def __init__(
        self,
        output: Output,
        window: Window,
        background: Background,
        face: Callable[[], Face | None],
        mirror: bool = False,
    ) -> None:
        """output, window: closed with this one. background: the output's; the window mirrors as it does. face: what the
        tracker gave last. mirror: flip the window's picture against the output's."""
        self.output = output
        self.label = output.label
        self.notes = output.notes
        self._background = background
        self._window: Window | None = window
        self._face = face
        self._mirror = mirror
        self._count = 0

    def on_key(self, press: Callable[[str], None]) -> None:
        """Of the window's keys."""
        if self._window is not None:
            self._window.on_key(press)

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Deliver to the output, then show."""
        try:
            self.output.send(frame, at)
        finally:  # the window lives on while a device is away
            self._show(frame)

    def _show(self, frame: AvatarFrame) -> None:
        self._count += 1
        if self._window is None or self._count % EVERY:
            return
        self._window.background.framing = Framing(mirror=self._background.framing.mirror ^ self._mirror)
        face = self._face()
        try:
            self._window.send(with_landmarks(frame, face if face is not None and face.sound else None))
        except Closed:
            self._window.close()
            self._window = None
        except Exception as error:  # the display is gone, perhaps: that is no reason to go off the air
            say(tr(f"the preview is closed: {error}", f"预览已关闭：{error}"))
            self._window = None

    @property
    def needs_pictures(self) -> bool:
        """Either of them."""
        return self._window is not None or self.output.needs_pictures

    @property
    def left_out(self) -> int:
        """Frames for which a file that is being written had no time."""
        return self.output.left_out

    def keep(self) -> Path | None:
        """Of the output."""
        return self.output.keep()

    def abort(self) -> None:
        """Give up what the output writes."""
        self.output.abort()

    def close(self) -> None:
        """Close both. May be called twice."""
        if self._window is not None:
            self._window.close()
        self.output.close()


def with_progress(frame: AvatarFrame, parts: Sequence[float], done: float) -> AvatarFrame:
    """A copy of the frame with a bar along its upper edge: one piece for each of `parts`, `done` of their sum filled."""
    image = frame.image.copy()
    width = image.shape[1]
    unit, left, gap = (width - 16) / sum(parts), 8.0, 2
    for part in parts:
        right = left + part * unit
        filled = left + min(max(done, 0.0), part) * unit
        for x, colour in ((right, _INK), (filled, _LINE)):
            if x - gap > left:
                cv2.rectangle(image, (round(left), 8), (round(x) - gap, 13), colour, cv2.FILLED)
        done -= part
        left = right
    return AvatarFrame(image, frame.time)
