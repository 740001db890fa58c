"""An output of one's own: every third picture into an animated GIF. python examples/own_output.py CLIP OUTPUT.gif"""

import sys
from contextlib import closing
from pathlib import Path

from PIL import Image

import liveavatar
from liveavatar import AvatarFrame, Output
from liveavatar.media.compositing import Background


class Gif(Output):
    """Writes small pictures when it is closed. The contract Output in liveavatar/stages.py has defaults for the rest."""

    def __init__(self, path: str, size: tuple[int, int], fps: float) -> None:
        self.label, self.background = path, Background("#ffffff", size)
        self._fps, self._sent = fps, 0
        self._pictures: list[Image.Image] = []

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        if not isinstance(frame, AvatarFrame):  # a camera's picture must never get out
            raise TypeError(f"outputs accept AvatarFrame only, got {type(frame).__name__}")
        if self._sent % 3 == 0:
            picture = self.background.composite(frame)  # (H, W, 3) uint8 RGB
            self._pictures.append(Image.fromarray(picture).resize((256, 256)))
        self._sent += 1

    def close(self) -> None:
        if self._pictures:
            first, *others = self._pictures
            period = round(3000 / self._fps)  # milliseconds
            first.save(Path(self.label), save_all=True, append_images=others, duration=period, loop=0)


def main(clip: str, output: str) -> None:
    camera = liveavatar.open_camera(clip, paced=False)
    with closing(camera), liveavatar.open_avatar("hoshi") as avatar:
        gif = Gif(output, avatar.size, camera.fps)
        for frame in avatar.follow(camera):
            gif.send(frame, frame.time)
        gif.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
