"""Whether calibrated ranges are used fully: python -m benchmarks.people.ranges CLIP [CLIP ...]

For each video: calibrates on it, plays it with that profile and without, and prints the 95th percentile of blink, jaw and
smile over the frames in which MediaPipe's own blendshape says that they are done. docs/tracking.md has the figures.
"""

import sys
from contextlib import closing
from pathlib import Path

import numpy as np

from liveavatar.cameras import open_camera
from liveavatar.controls import INDEX
from liveavatar.retargeting.calibration import fit
from liveavatar.retargeting.profile import Profile
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model
from liveavatar.types import Face

DONE = {"eyeBlink": 0.35, "jawOpen": 0.25, "mouthSmile": 0.35}
"""How far the blendshape rises over its 10th percentile while it is done."""
LEAST = 3
"""Frames; fewer are no use of it."""


def faces_of(clip: Path) -> list[Face]:
    """Every face of the clip, with the real tracker."""
    with (
        closing(open_camera(str(clip), paced=False)) as camera,
        closing(open_tracker("mediapipe", find_model())) as tracker,
    ):
        return [face for frame in camera if (face := tracker.track(frame)) is not None]


def played(faces: list[Face], profile: Profile | None) -> np.ndarray:
    """(n, controls) what the avatar is told."""
    retargeter = FaceRetargeter(profile=profile)
    return np.array([retargeter.retarget(face, face.time).controls for face in faces])


def main() -> None:
    for clip in (Path(name) for name in sys.argv[1:]):
        faces = faces_of(clip)
        shapes = np.array([face.blendshapes for face in faces])
        before, after = played(faces, None), played(faces, fit(faces, name="clip", made=""))
        print(f"{clip.name}: {len(faces)} faces")
        for name in ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthSmileLeft", "mouthSmileRight"):
            rise = shapes[:, INDEX[name]] - np.percentile(shapes[:, INDEX[name]], 10)
            done = rise > DONE[name.removesuffix("Left").removesuffix("Right")]
            if done.sum() < LEAST:
                print(f"  {name:16} not done in this clip")
                continue
            first, second = (np.percentile(values[done, INDEX[name]], 95) for values in (before, after))
            print(f"  {name:16} {done.sum():4} frames: .95 quantile {first:.2f}, calibrated {second:.2f}")


if __name__ == "__main__":
    main()
