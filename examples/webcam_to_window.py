"""Your face moves an avatar in a window: python examples/webcam_to_window.py [CAMERA] [OUTPUT]

One thread, as simple as it gets. `liveavatar run` does the same with threads, so that no slow part holds another up.
"""

import sys
from contextlib import ExitStack, closing

import liveavatar


def main(source: str = "0", target: str = "window") -> int:
    """source: as `liveavatar run --camera`; target: as its --output. Returns how many pictures were shown."""
    count = 0
    with ExitStack() as stack:
        camera = stack.enter_context(closing(liveavatar.open_camera(source)))
        avatar = stack.enter_context(liveavatar.open_avatar("hoshi"))
        output = liveavatar.open_output(target, size=avatar.size, fps=camera.fps)
        stack.enter_context(closing(output))
        for frame in camera:
            output.send(avatar.drive(frame))
            count += 1
    return count


if __name__ == "__main__":
    main(*sys.argv[1:])
