"""The options every benchmark takes, and the parts they name."""

import argparse
from pathlib import Path

from liveavatar.avatar import DEFAULT, find_avatar
from liveavatar.bench import Parts
from liveavatar.cameras import SYNTHETIC
from liveavatar.models import find_model
from liveavatar.providers import PROVIDERS


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line with the common options."""
    result = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    result.add_argument("--avatar", default=DEFAULT, help="name or folder (%(default)s)")
    result.add_argument("--clip", type=Path, default=SYNTHETIC, help="video file with a face (built-in)")
    result.add_argument("--provider", default="auto", choices=["auto", *PROVIDERS])
    result.add_argument("--model", type=Path, help="face_landmarker.task, if kept elsewhere")
    return result


def parts(asked: argparse.Namespace) -> Parts:
    """What to measure. Raises LiveAvatarError where an avatar or the model is missing."""
    return Parts(asked.clip.expanduser(), find_avatar(asked.avatar), find_model(asked.model), asked.provider)
