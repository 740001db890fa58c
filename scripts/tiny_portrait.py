"""Makes the portrait avatar that the tests use, of the synthetic person in the driver clip: tests/data/portrait.

    python scripts/tiny_portrait.py --model face_landmarker.task

The matte model is looked up as `liveavatar create` does.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.language import tr
from liveavatar.portrait.create import create
from liveavatar.portrait.request import Request
from liveavatar.trackers.model_files import find_model

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"


def main() -> None:
    from PIL import Image

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help=tr("face_landmarker.task", "face_landmarker.task"))
    arguments = parser.parse_args()
    frame = next(iter(open_camera(str(SYNTHETIC), paced=False)))
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "driver clip, first frame.png"
        Image.fromarray(frame.image).save(picture)
        request = Request(
            picture, "portrait", "a synthetic person: nobody is shown", DATA / "portrait", replace=True
        )
        avatar = create(request, find_model(arguments.model), lambda line: print(line, file=sys.stderr))
    print(avatar.folder)


if __name__ == "__main__":
    main()
