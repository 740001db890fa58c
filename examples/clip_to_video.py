"""A clip of a person becomes a video of an avatar: python examples/clip_to_video.py CLIP OUTPUT [AVATAR]

Every frame, with the clip's sound. OUTPUT ends in .mp4, or in .webm, which may be transparent.
"""

import sys
from pathlib import Path

import liveavatar


def main(clip: str, output: str, avatar: str = "hoshi") -> int:
    """Returns how many frames were animated."""
    background = "transparent" if Path(output).suffix == ".webm" else "#dfe6f0"
    count = liveavatar.animate(clip, output, avatar, background=background)
    print(f"{count} frames: {output}")
    return count


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
