"""The portrait avatar of the tests with a refiner in its package."""

import shutil
from dataclasses import replace
from pathlib import Path

from liveavatar.avatar.library import load_avatar, sha256, write_card

PORTRAIT = Path(__file__).parents[1] / "data" / "portrait"
SHARED = Path(__file__).parents[2] / "liveavatar" / "assets" / "refiner.onnx"


def refined_portrait(folder: Path, network: bytes | None = None) -> Path:
    """The package's folder. network: the graph; None takes the one that refining begins with."""
    shutil.copytree(PORTRAIT, folder)
    (folder / "refiner.onnx").write_bytes(SHARED.read_bytes() if network is None else network)
    avatar = load_avatar(folder)
    files = {**avatar.files, "refiner.onnx": sha256(folder / "refiner.onnx")}
    write_card(replace(avatar, parts=replace(avatar.portrait, refiner="refiner.onnx"), files=files), folder)
    return folder
