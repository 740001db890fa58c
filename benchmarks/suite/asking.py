"""The options every benchmark takes, and the parts they name."""

import argparse
from pathlib import Path

from liveavatar.avatar.library import DEFAULT, find_avatar
from liveavatar.bench.parts import Parts
from liveavatar.cameras import SYNTHETIC
from liveavatar.language import tr
from liveavatar.renderers import DRAW
from liveavatar.renderers.sessions import PROVIDERS
from liveavatar.trackers.model_files import find_model


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line with the common options."""
    result = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    result.add_argument(
        "--avatar", default=DEFAULT, help=tr("name or folder (%(default)s)", "名称或文件夹（%(default)s）")
    )
    result.add_argument(
        "--clip",
        type=Path,
        default=SYNTHETIC,
        help=tr("video file with a face (built-in)", "含人脸的视频（内置）"),
    )
    result.add_argument(
        "--provider",
        default="auto",
        choices=["auto", *PROVIDERS],
        help=tr("what the live loop runs on", "实时运行所用的计算设备"),
    )
    result.add_argument(
        "--draw",
        default="auto",
        choices=DRAW,
        help=tr("what puts the picture together", "由什么合成画面"),
    )
    result.add_argument(
        "--model",
        type=Path,
        help=tr("face_landmarker.task, if kept elsewhere", "face_landmarker.task 的位置"),
    )
    return result


def parts(asked: argparse.Namespace) -> Parts:
    """What to measure. Raises LiveAvatarError where an avatar or the model is missing."""
    avatar, model = find_avatar(asked.avatar), find_model(asked.model)
    return Parts(asked.clip.expanduser(), avatar, model, asked.provider, asked.draw)
